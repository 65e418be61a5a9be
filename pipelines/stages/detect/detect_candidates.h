// SPDX-License-Identifier: GPL-3.0-or-later
// Candidate lesions on the fine canonical grid: connected oedema evidence in or beside one bone.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/model/skeleton.h"

namespace osteon {

struct Region {
  UnitId unit = 0;                  // The unit most of it lies in.
  std::vector<std::size_t> voxels;  // Fine grid indices, ascending.
  // Relative signal: of normal marrow of that unit (median of its lesion-free core), and of the
  // region's bright core (median of its upper third).
  double marrow = 0;
  double core = 0;
};

// Components of lesion evidence of at least 0.25 that reach `seed` somewhere. A component with a
// quarter of its volume or more in another bone is cut between the two. The boundary is then moved
// to half the excess of the core over normal marrow, as far as there is any evidence. In order of
// first voxel.
std::vector<Region> FindRegions(const TissueMaps& maps, float seed);

// Relative signal of lesion-free bone core by unit; the median of all bones for a unit with less
// than 30 voxels.
std::vector<double> NormalMarrow(const TissueMaps& maps);

// The 90 % quantile of the same: red marrow where the unit has some.
std::vector<double> UpperMarrow(const TissueMaps& maps);

}  // namespace osteon
