// SPDX-License-Identifier: GPL-3.0-or-later
// Nearest voxels between grids whose axes are parallel: the composed grid, the fine and the coarse
// canonical grid.
#pragma once

#include <vector>

#include "pipelines/model/geometry.h"

namespace osteon {

// For each column, row and slice of `from` the index of the nearest one of `to`, clamped to its
// range.
struct GridMap {
  std::vector<int> column, row, slice;
};
GridMap MapNearest(const VolumeGeometry& from, const VolumeGeometry& to);

}  // namespace osteon
