// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts the network's bone classes into the bone units of a report.
#pragma once

#include "pipelines/model/skeleton.h"

namespace osteon {

// `classes` holds a TissueClass of a bone, kUnnamedBone or 0, `sides` a Side for every voxel, both
// on the coarse grid.
//   humerus, femur: first and last quarter of the length are proximal and distal, the rest the
//   diaphysis; leg: tibia, and beside it (laterally, apart in the axial plane) the fibula, in the
//   same quarters; the patella is
//        what lies in front of the femur above its lower end;
//   pelvis: ilium above the middle of the femoral head, below it pubis in front and ischium behind.
Volume<UnitId> SplitBones(const Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides);

}  // namespace osteon
