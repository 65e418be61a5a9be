// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of small files, read and loaded as the pipeline does it.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "tests/pipelines/dicom/mr_files.h"

namespace osteon::testing {

struct Read {
  Study study;
  std::optional<ImageVolume> image;
  std::vector<std::string> caveats;
  std::string error;
};

inline Read ReadAndLoadOn(int threads, const std::filesystem::path& folder) {
  RunContext run;
  Read out;
  ReadOptions options;
  options.threads = threads;
  auto study = ReadStudy(folder, options, run);
  if (!study) {
    out.error = study.error().message();
    return out;
  }
  out.study = std::move(*study);
  if (out.study.series.size() == 1) {
    auto image = LoadVolumeOn(threads, out.study.series[0], run);
    if (!image) out.error = image.error().message();
    if (image) out.image = std::move(*image);
  }
  for (const Caveat& c : run.caveats()) out.caveats.push_back(c.code);
  return out;
}

// Of the same voxels, bit for bit: one that is not a number is equal to itself.
inline bool SameVoxels(const ImageVolume& a, const ImageVolume& b) {
  return a.voxels.size() == b.voxels.size() &&
         std::memcmp(a.voxels.voxels().data(), b.voxels.voxels().data(),
                     a.voxels.voxels().size_bytes()) == 0;
}

// Reads the folder and loads its only series, when there is one: on any number of threads alike.
inline Read ReadAndLoad(const std::filesystem::path& folder) {
  Read out = ReadAndLoadOn(1, folder);
  const Read other = ReadAndLoadOn(3, folder);
  EXPECT_EQ(other.error, out.error);
  EXPECT_EQ(other.caveats, out.caveats);
  EXPECT_EQ(other.image.has_value(), out.image.has_value());
  if (out.image && other.image) {
    EXPECT_TRUE(SameVoxels(*out.image, *other.image));
  }
  return out;
}

inline void PutWords(DcmDataset& d, const std::vector<Uint16>& words) {
  d.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size());
}

inline SeriesSpec Small() {
  SeriesSpec spec;
  spec.columns = spec.rows = 20;
  spec.slices = 2;
  return spec;
}

}  // namespace osteon::testing
