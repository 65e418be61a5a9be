// SPDX-License-Identifier: GPL-3.0-or-later
// A volume on another grid.
#pragma once

#include <cstdint>
#include <optional>

#include "pipelines/model/volume.h"

namespace osteon {

// A grid whose voxels are voxels of another one: axes swapped or reversed, shifted by whole voxels.
struct IndexMap {
  // Source index along axis a = sign[a] * target index along axis[a] + offset[a]; axes 0, 1, 2 are
  // i, j, k.
  int axis[3] = {0, 1, 2};
  int sign[3] = {1, 1, 1};
  int offset[3] = {0, 0, 0};
};

// The map from target to source indices when every target voxel within the source lies within
// `tolerance_voxels` of a voxel of the source; nullopt when interpolation is needed. 0.02 is
// chosen: above the rounding of positions in files, far below what is seen.
std::optional<IndexMap> ExactMap(const VolumeGeometry& source, const VolumeGeometry& target,
                                 double tolerance_voxels = 0.02);

// Values of `source` at the voxels of `target`: copied where ExactMap allows, else trilinear.
// `outside` where the point is more than half a voxel beyond the outermost centres of the source;
// up to there its outermost values are repeated. A voxel that is interpolated from a not-a-number
// is not-a-number. REQUIRES: same frame of reference. Deterministic. O(target voxels).
Volume<float> Resample(const Volume<float>& source, const VolumeGeometry& target, float outside);

// Means over blocks of `factor` voxels without those that are not-a-number; not-a-number when all
// of a block are. A remainder of less than half a block at the end is dropped.
struct BlockFactor {
  int i = 1, j = 1, k = 1;
};
VolumeGeometry ShrunkenGrid(const VolumeGeometry& geometry, BlockFactor factor);
Volume<float> ShrinkByMean(const Volume<float>& volume, BlockFactor factor);

}  // namespace osteon
