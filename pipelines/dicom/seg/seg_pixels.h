// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the pixels of a Segmentation as runs, frame by frame: the part of seg_reader that unpacks
// bits. Only for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/images/pixel_data.h"
#include "pipelines/dicom/seg/seg_reader.h"

namespace osteon {

struct SegPixelFormat {
  int columns = 0, rows = 0, frames = 0;
  int bits_allocated = 1;
  // Stored values from this one up belong to the segment: 1, or half of Maximum Fractional Value.
  double threshold = 1;
};

class SegPixels {
 public:
  // REQUIRES: `dataset` is that of `path` and outlives the result. Errors: as ReadSegmentation.
  static Result<SegPixels> Open(DcmDataset& dataset, const std::filesystem::path& path,
                                const SegPixelFormat& format);

  // REQUIRES: 0 <= frame < format.frames.
  Result<std::vector<PixelRun>> ReadFrame(int frame);

 private:
  explicit SegPixels(const SegPixelFormat& format) : format_(format) {}

  SegPixelFormat format_;
  // One bit per pixel, first pixel in the lowest bit, frames not padded to bytes (PS3.5 section
  // 8.1.1 and annex D).
  std::span<const Uint8> bits_;
  std::optional<PixelFile> file_;  // For segmentations with whole bytes per pixel.
};

}  // namespace osteon
