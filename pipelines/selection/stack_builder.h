// SPDX-License-Identifier: GPL-3.0-or-later
// From loose frames to volumes. A series may hold several (stations, echoes, b-values, time points,
// a localiser's planes); each becomes one SeriesInfo with sorted slices and one affine. No files,
// no DCMTK: frames in, stacks out.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/frame_header.h"

namespace osteon {

// All chosen; the reasons stand with the numbers.
struct StackRules {
  // Echo and inversion times of one volume differ by what files round; echoes and Dixon points
  // differ by 5 % and more.
  double same_time_share = 0.01;
  double same_b_s_per_mm2 = 5;  // Scanners state what they measured: 799 and 800.
  // Frames with a direction cosine that differs by more than this are in different stacks: above
  // rounding, 0.06 degrees.
  double same_orientation = 1e-3;
  // Where the origin moves in plane by more than this another stack begins: stations that are
  // stored as one series.
  double station_jump_mm = 20;
  // Slices closer than this share of the spacing are at the same place.
  double same_place_share = 0.05;
  // A slice farther off its place than this share of the spacing: the series is not one volume.
  double irregular_share = 0.10;
  // A slice farther off than this: a caveat.
  double irregular_caveat_share = 0.02;
  // Missing slices that are filled in (with a caveat): neighbours in a row, and share of all.
  int max_missing_in_a_row = 1;
  double max_missing_share = 0.10;
  // A series with more stacks than this is left out: real series have up to some hundred time
  // points, a damaged or hostile one thousands.
  std::size_t max_stacks = 1000;
};

struct Stacks {
  std::vector<SeriesInfo> series;
  std::vector<Study::LeftOut> left_out;
  std::vector<Caveat> caveats;
};

// REQUIRES: all frames are of one series and `frames` is not empty. The answer does not depend on
// their order. A series of more than max_stacks is left out as a whole, as damaged.
Stacks BuildStacks(std::vector<FrameHeader> frames, const StackRules& rules);

}  // namespace osteon
