// SPDX-License-Identifier: GPL-3.0-or-later
// Growth plates: bright plates across the ends of long bones, in children.
#pragma once

#include <vector>

#include "pipelines/model/skeleton.h"

namespace osteon {

// One plane at most for each distal femur, proximal and distal tibia, proximal humerus and forearm.
// Lines along the bone that lie side by side each look for a spot that is bright over a few
// millimetres only; a plane through such spots of many lines is a plate, at any tilt to the bone. A
// lesion is not so thin over the width of a bone, and noise lies in no plane. Frames are those of
// the coarse units.
std::vector<Physis> FindPhyses(const TissueMaps& maps, const std::vector<UnitFrame>& frames);

}  // namespace osteon
