// SPDX-License-Identifier: GPL-3.0-or-later
// Voxels of a grid: their index, their place, and a loop over all.
#pragma once

#include <cstddef>

#include "pipelines/model/geometry.h"

namespace osteon {

struct VoxelIndex {
  int i = 0, j = 0, k = 0;  // Column, row, slice.
};

// Of the voxel's centre, LPS mm.
inline Vec3 PointOf(const VolumeGeometry& g, const VoxelIndex& v) {
  return g.patient_from_voxel(
      {static_cast<double>(v.i), static_cast<double>(v.j), static_cast<double>(v.k)});
}

// The voxel that is n-th in memory (Volume::Index).
inline VoxelIndex VoxelAt(const VolumeGeometry& g, std::size_t n) {
  const auto columns = static_cast<std::size_t>(g.columns), rows = static_cast<std::size_t>(g.rows);
  return {static_cast<int>(n % columns), static_cast<int>(n / columns % rows),
          static_cast<int>(n / columns / rows)};
}

// visit(i, j, k) for all voxels, in the order of memory.
template <typename Visit>
void ForEachVoxel(const VolumeGeometry& g, Visit visit) {
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) visit(i, j, k);
    }
  }
}

}  // namespace osteon
