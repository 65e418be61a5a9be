// SPDX-License-Identifier: GPL-3.0-or-later
// What two images of the same place say about each other: their ratio of gains and their
// displacement.
#pragma once

#include <optional>

#include "pipelines/model/volume.h"

namespace osteon {

// Median of log(b / a) over the brighter part (by the product a * b, which favours neither) of
// voxels that both have; nullopt with fewer than `least_voxels` of them. REQUIRES: same sizes.
// Not-a-number voxels count as not imaged.
std::optional<double> MedianLogRatio(const Volume<float>& a, const Volume<float>& b,
                                     std::size_t least_voxels = 500);

// How far b has to move in its plane to lie best on a, and how alike they are then and without
// moving (normalised cross-correlation, -1..1).
struct Displacement {
  double along_i_mm = 0, along_j_mm = 0;
  double correlation = 0, correlation_unmoved = 0;
};
// Searches whole voxels within `reach_mm`. REQUIRES: same sizes.
Displacement FindDisplacement(const Volume<float>& a, const Volume<float>& b, double reach_mm);

}  // namespace osteon
