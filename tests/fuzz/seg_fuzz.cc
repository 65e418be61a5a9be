// SPDX-License-Identifier: GPL-3.0-or-later
// Reads any file as a Segmentation. Runs must lie inside the frame, in order.
#include <cmath>

#include "pipelines/dicom/seg/seg_reader.h"
#include "tests/fuzz/scratch_file.h"

namespace {

void CheckPlane(const osteon::SegPlane& plane, const osteon::Segmentation& seg) {
  osteon::Check(std::isfinite(plane.voxel_ml()) && plane.voxel_ml() > 0, "a voxel has a volume");
  const osteon::PixelRun* last = nullptr;
  for (const osteon::PixelRun& run : plane.runs) {
    osteon::Check(run.row >= 0 && run.row < seg.rows, "a run lies in a row");
    osteon::Check(
        run.first_column >= 0 && run.first_column < run.end_column && run.end_column <= seg.columns,
        "a run lies in its row");
    osteon::Check(last == nullptr || last->row < run.row ||
                      (last->row == run.row && last->end_column < run.first_column),
                  "runs are sorted and apart");
    last = &run;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const osteon::ScratchFile file;
  file.Write(data, size);
  osteon::IdentifyObject(file.path());
  osteon::SegReadOptions options;
  options.max_rows_or_columns = 512;  // Large frames cost time and show nothing new.
  options.max_frames = 64;
  const auto seg = osteon::ReadSegmentation(file.path(), options);
  if (!seg) return 0;
  for (const osteon::SegSegment& segment : seg->segments) {
    for (const osteon::SegPlane& plane : segment.planes) CheckPlane(plane, *seg);
  }
  return 0;
}
