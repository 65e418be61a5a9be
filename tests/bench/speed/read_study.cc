// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a study as the pipeline does, all series of it: read_study FOLDER THREADS reads the
// headers, then loads each series into a volume of floats, one after another, and prints
// "<series> <instances> <voxels> <ms of headers> <ms of pixels>".
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto ms = [](auto from, auto to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
  };
  osteon::RunContext run;
  osteon::ReadOptions options;
  options.threads = std::atoi(argv[2]);
  const auto start = now();
  const auto study = osteon::ReadStudy(argv[1], options, run);
  if (!study) {
    std::fprintf(stderr, "read_study: %s\n", study.error().message().c_str());
    return 1;
  }
  for (const auto& left : study->left_out)
    std::fprintf(stderr, "read_study: left out %s: %s\n", left.what.c_str(), left.reason.c_str());
  if (study->series.empty()) return 1;
  const auto headers = now();
  std::size_t instances = 0, voxels = 0;
  for (const osteon::SeriesInfo& series : study->series) {
    const auto volume = osteon::LoadVolumeOn(options.threads, series, run);
    if (!volume) {
      std::fprintf(stderr, "read_study: %s\n", volume.error().message().c_str());
      return 1;
    }
    instances += series.frames.size();
    voxels += volume->voxels.size();
  }
  std::printf("%zu %zu %zu %.1f %.1f\n", study->series.size(), instances, voxels,
              ms(start, headers), ms(headers, now()));
}
