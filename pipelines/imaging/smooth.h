// SPDX-License-Identifier: GPL-3.0-or-later
// Smoothing in place.
#pragma once

#include "pipelines/model/volume.h"

namespace osteon {

// Gaussian of standard deviation `sigma_mm` in all three directions, as three box means an axis
// (Wells 1986, PAMI 8:234: within 3 % of a Gaussian). Voxels outside the volume count as 0; a
// normalised mean is the quotient of this and of a mask smoothed in the same way. O(voxels),
// whatever the sigma. Deterministic.
void SmoothInPlace(Volume<float>& volume, double sigma_mm);

}  // namespace osteon
