// SPDX-License-Identifier: GPL-3.0-or-later
// Growth plates: bright plates across the ends of long bones, in children.
#pragma once

#include <vector>

#include "pipelines/model/skeleton.h"

namespace osteon {

// One plane at most for each distal femur, proximal and distal tibia, proximal humerus and forearm
// in which the cross-section's median signal peaks over a few millimetres. A lesion fills only part
// of a cross-section and does not lift its median so narrowly. Frames are those of the coarse
// units.
std::vector<Physis> FindPhyses(const TissueMaps& maps, const std::vector<UnitFrame>& frames);

}  // namespace osteon
