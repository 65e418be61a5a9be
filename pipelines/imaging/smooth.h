// SPDX-License-Identifier: GPL-3.0-or-later
// Smoothing in place.
#pragma once

#include "pipelines/model/volume.h"

namespace osteon {

// Gaussian of standard deviation `sigma_mm` in all three directions, as three box means an axis
// (Wells 1986, PAMI 8:234: within 3 % of a Gaussian). Outside the volume counts as 0, so a mask
// smoothed alike gives the weights for a normalised mean. O(voxels), whatever the sigma.
// Deterministic.
void SmoothInPlace(Volume<float>& volume, double sigma_mm);

}  // namespace osteon
