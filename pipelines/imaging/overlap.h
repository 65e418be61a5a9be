// SPDX-License-Identifier: GPL-3.0-or-later
// What two images of the same place say about each other: their ratio of gains and their
// displacement.
#pragma once

#include <optional>

#include "pipelines/model/volume.h"

namespace osteon {

// Median of the natural log(b / a) over the brightest 40 % (by the product a * b, which favours
// neither) of the voxels that are positive in both; nullopt when these are fewer than
// `least_voxels` (500 is chosen: with fewer the median is noisy). REQUIRES: same sizes.
// Not-a-number voxels count as not imaged.
std::optional<double> MedianLogRatio(const Volume<float>& a, const Volume<float>& b,
                                     std::size_t least_voxels = 500);

// The shift of b in its plane, mm, at which it correlates best with a, and the correlation there
// and without a shift (Pearson, -1 to 1).
struct Displacement {
  double along_i_mm = 0, along_j_mm = 0;
  double correlation = 0, correlation_unmoved = 0;
};
// Searches whole voxels within `reach_mm`. REQUIRES: same sizes.
Displacement FindDisplacement(const Volume<float>& a, const Volume<float>& b, double reach_mm);

}  // namespace osteon
