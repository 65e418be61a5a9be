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

struct StackRules {
  // Echo and inversion times of one volume differ by what files round, not more: contrasts that are
  // meant to differ (echoes, Dixon points) are 5 % and more apart.
  double same_time_share = 0.01;
  double same_b_s_per_mm2 = 5;  // Scanners state what they measured: 799 and 800.
  // Frames whose direction cosines differ by more than this are in different stacks.
  double same_orientation = 1e-3;
  // A jump of the in-plane origin by more than this starts another stack: stations stored as one
  // series.
  double station_jump_mm = 20;
  // Slices closer than this share of the spacing are at the same place.
  double same_place_share = 0.05;
  // A slice may be off its place by this share of the spacing, else the series is not one volume
  // ...
  double irregular_share = 0.10;
  // ... and beyond this share there is a caveat.
  double irregular_caveat_share = 0.02;
  // Missing slices that are filled in (with a caveat): neighbours in a row, and share of all.
  int max_missing_in_a_row = 1;
  double max_missing_share = 0.10;
  // A series that falls apart into more than this is no set of volumes. The most that is known to
  // be made of one series is some hundred time points; a damaged or hostile header makes thousands.
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
