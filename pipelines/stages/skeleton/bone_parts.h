// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts the network's bone classes into the bone units of a report.
#pragma once

#include "pipelines/model/skeleton.h"

namespace osteon {

// `classes` holds a TissueClass of a bone, kUnnamedBone or 0, `sides` a Side for every voxel, both
// on the coarse grid.
//   humerus, femur: the first and last quarter of the length are proximal and distal, the rest is
//   the
//     diaphysis;
//   leg: the patella in front of the femur and above its lower end; the fibula lateral of the tibia
//     and apart from it in the axial plane; both cut like the femur;
//   pelvis: the ilium above the middle of the femoral head, below it the pubis in front and the
//     ischium behind.
Volume<UnitId> SplitBones(const Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides);

}  // namespace osteon
