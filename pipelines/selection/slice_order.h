// SPDX-License-Identifier: GPL-3.0-or-later
// Sorts the frames of one kind and one place along their normal, tells repeats and time points
// apart, and finds missing, duplicate and irregular slices. A part of stack_builder.
#pragma once

#include <string>
#include <vector>

#include "pipelines/selection/stack_builder.h"

namespace osteon {

struct SliceStack {
  FrameHeader first;  // The header of the first slice along the normal.
  std::vector<FrameSource>
      slices;    // Along +normal (row x column direction); missing ones have an empty UID.
  Vec3 step_mm;  // From one slice to the next.
};

struct SliceStacks {
  std::vector<SliceStack> stacks;
  std::vector<Study::LeftOut> left_out;
  std::vector<Caveat> caveats;
};

// REQUIRES: the frames agree in all but position, are sorted by instance number, and are not empty.
//
// Several frames at one place: split by acquisition number if that separates them, else into as
// many stacks as every place has frames (time points, in order of instance number), else all but
// the first are left out with a caveat. Gaps of a whole number of slices are filled (caveat
// "missing_slice") within the limits of `rules`; a stack beyond the limits, or with slices off
// their place, is left out as damaged.
SliceStacks OrderSlices(std::vector<FrameHeader> frames, const StackRules& rules);

}  // namespace osteon
