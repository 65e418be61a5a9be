// SPDX-License-Identifier: GPL-3.0-or-later
// Reads any file in a study folder by ReadStudy, then each series by LoadVolume.
#include <cmath>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "tests/fuzz/scratch_file.h"

namespace {

// A header may demand a zeroed volume up to the reader's limit. Other tests cover that; here it
// would only cost time.
constexpr std::size_t kMostVoxels = 2'000'000;

void CheckSeries(const osteon::SeriesInfo& info, osteon::RunContext& run) {
  osteon::Check(info.frames.size() == static_cast<std::size_t>(info.geometry.slices),
                "a series has as many frames as slices");
  osteon::Check(std::isfinite(info.geometry.voxel_ml()) && info.geometry.voxel_ml() > 0,
                "a voxel has a volume");
  if (info.geometry.VoxelCount() > kMostVoxels) return;
  const auto volume = osteon::LoadVolume(info, run);
  if (!volume) return;
  for (const float value : volume->voxels.voxels()) {
    osteon::Check(std::isfinite(value), "voxels are finite");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const osteon::ScratchFile file;
  file.Write(data, size);
  osteon::RunContext run;
  const auto study = osteon::ReadStudy(file.folder(), {}, run);
  if (!study) return 0;
  for (const osteon::SeriesInfo& info : study->series) CheckSeries(info, run);
  return 0;
}
