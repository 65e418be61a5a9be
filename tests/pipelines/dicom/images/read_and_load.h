// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of small files, read and loaded as the pipeline does it.
#pragma once

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

// Reads the folder and loads its only series, when there is one.
inline Read ReadAndLoad(const std::filesystem::path& folder) {
  RunContext run;
  Read out;
  auto study = ReadStudy(folder, {}, run);
  if (!study) {
    out.error = study.error().message();
    return out;
  }
  out.study = std::move(*study);
  if (out.study.series.size() == 1) {
    auto image = LoadVolume(out.study.series[0], run);
    if (!image) out.error = image.error().message();
    if (image) out.image = std::move(*image);
  }
  for (const Caveat& c : run.caveats()) out.caveats.push_back(c.code);
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
