// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a femoral head that the network took for the pelvis back to its femur.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/volume.h"

namespace osteon {

struct GivenHeads {
  double ml = 0;
  std::vector<UnitId> units;  // Whose outlines have changed: the hip's.
};

// `classes` holds a TissueClass of a bone or 0, `sides` a Side for every voxel, both on the coarse
// grid; `scale` is the body's height over that of an adult. The head reaches higher than the
// greater trochanter by 12 mm or more in healthy children of 5 to 14 years. Where a femur does not,
// the pelvis right above its neck becomes femur up to 22 mm above the tip, the mean. Does nothing
// to a femur that is cut short. A hip with a short neck or a high trochanter, as after Perthes
// disease, looks the same to it: then the acetabular roof is called femur.
GivenHeads GiveFemoralHeads(Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides,
                            double scale);

}  // namespace osteon
