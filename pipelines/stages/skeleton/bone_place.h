// SPDX-License-Identifier: GPL-3.0-or-later
// Corrects names of bones that are impossible at their height in the body.
#pragma once

#include <cstdint>

#include "pipelines/model/volume.h"

namespace osteon {

struct PlaceCheck {
  double renamed_ml = 0;  // Bone that got the only name possible there.
  double unnamed_ml = 0;  // Bone that became kUnnamedBone.
};

// `classes` holds a TissueClass of a bone or 0. Leg and foot beside or above the pelvis become
// forearm and hand, small pieces of them lateral of both thighs hand; forearm and hand below the
// knees become leg and foot. Head, shoulder girdle, thorax, spine and humerus below the pelvis,
// pelvis and sacrum below the knees, and femur above the pelvis become kUnnamedBone. Does nothing
// where pelvis or femora were not found.
PlaceCheck NameByPlace(Volume<std::uint8_t>& classes);

}  // namespace osteon
