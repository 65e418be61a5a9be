// SPDX-License-Identifier: GPL-3.0-or-later
// Smoothing in place.
#pragma once

#include "pipelines/model/volume.h"

namespace osteon {

// How far a box reaches to either side of a voxel along each axis, in voxels; at least 0.
struct BoxRadius {
  int columns = 0, rows = 0, slices = 0;
};

// Mean of the 2 * radius + 1 voxels along each axis. Voxels outside the volume count as 0. Summed
// in double; O(voxels), whatever the radius. Deterministic.
void BoxMeanInPlace(Volume<float>& volume, const BoxRadius& radius);

// Gaussian of standard deviation `sigma_mm` in all three directions, as three box means an axis
// (Wells 1986, PAMI 8:234: within 3 % of a Gaussian). Voxels outside the volume count as 0; a
// normalised mean is the quotient of this and of a mask smoothed in the same way. O(voxels),
// whatever the sigma. Deterministic.
void SmoothInPlace(Volume<float>& volume, double sigma_mm);

}  // namespace osteon
