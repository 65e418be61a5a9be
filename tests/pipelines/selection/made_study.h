// SPDX-License-Identifier: GPL-3.0-or-later
// Studies made of header values and formulas, without files, for tests of choose and compose.
#pragma once

#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon::testing {

// A coronal series whose rows run from `top_mm` down; right-left centred, front to back from -60
// mm.
struct MadeSeries {
  Contrast contrast = Contrast::kStir;
  double top_mm = 900;
  int rows = 287, columns = 120, slices = 12;
  double in_plane_mm = 1.5, slice_mm = 6;
  double first_y_mm = -33, first_x_mm = -89.25;
  std::string description = "tirm";
  std::string frame_of_reference_uid = "1.2.9";
};
SeriesInfo Make(const MadeSeries& made, int number);

// A sagittal copy of the same place: columns run to the back, slices to the patient's right.
SeriesInfo MakeSagittal(const MadeSeries& made, int number);

Study StudyOf(const std::vector<MadeSeries>& series);

// A smooth pattern in the patient, positive, without symmetry: what every made series shows.
float Pattern(Vec3 lps_mm);

// Voxels of `info` from Pattern, times 1 + 0.5 * (series number - 1), so that stations differ in
// gain.
Result<ImageVolume> LoadPattern(const SeriesInfo& info, RunContext& run);

}  // namespace osteon::testing
