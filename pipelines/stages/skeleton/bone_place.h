// SPDX-License-Identifier: GPL-3.0-or-later
// Where in the body a bone can be: bounds on the names that the network gives.
#pragma once

#include <cstdint>

#include "pipelines/model/volume.h"

namespace osteon {

struct PlaceCheck {
  double renamed_ml = 0;  // Got the only name that is possible there.
  double unnamed_ml = 0;  // Lost a name that is impossible there.
};

// `classes` holds a TissueClass of a bone or 0. Beside the pelvis or above it no shin and no foot
// can be: they become forearm and hand. Below the knees no forearm and no hand can be: they become
// shin and foot. Head, shoulder girdle, thorax, spine and humerus below the pelvis, pelvis and
// sacrum below the knees, and femur above the pelvis become kUnnamedBone. Does nothing where the
// pelvis or the femora are not in the picture.
PlaceCheck NameByPlace(Volume<std::uint8_t>& classes);

}  // namespace osteon
