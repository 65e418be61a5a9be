// SPDX-License-Identifier: GPL-3.0-or-later
// Small MR series written for one test: every attribute can be changed, so that each fault can be
// made.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pipelines/model/geometry.h"

namespace osteon::testing {

// A folder that is removed at the end of the test.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A coronal STIR series of a small grid; slices go front to back.
struct SeriesSpec {
  std::string study_uid = "1.2.826.0.1.1";
  std::string series_uid = "1.2.826.0.1.1.1";
  std::string frame_of_reference_uid = "1.2.826.0.1.1.9";
  std::string description = "t2_tirm_cor";
  int series_number = 2;
  int columns = 12, rows = 10, slices = 6;
  double in_plane_mm = 2.0, spacing_mm = 6.0;
  Vec3 origin_mm{-12, -18, 40};  // Of the first slice's first voxel.
  Vec3 row_direction{1, 0, 0}, column_direction{0, 0, -1};
};

// The stored value of voxel (i, j) of slice k: different everywhere.
Uint16 StoredValue(int i, int j, int k);

// Slice k as a dataset, complete and valid.
void FillSlice(DcmDataset& dataset, const SeriesSpec& spec, int k);
std::string SopUid(const SeriesSpec& spec, int k);
std::filesystem::path SlicePath(const std::filesystem::path& folder, const SeriesSpec& spec, int k);

// Called with every slice before it is written; false leaves the slice out.
using Change = std::function<bool(DcmDataset&, int k)>;
void WriteSeries(const std::filesystem::path& folder, const SeriesSpec& spec,
                 const Change& change = nullptr,
                 E_TransferSyntax syntax = EXS_LittleEndianExplicit);

// One enhanced MR object with `spec.slices` frames; `change` gets the finished dataset.
void WriteEnhanced(const std::filesystem::path& file, const SeriesSpec& spec,
                   const std::function<void(DcmDataset&)>& change = nullptr);

}  // namespace osteon::testing
