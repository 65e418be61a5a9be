// SPDX-License-Identifier: GPL-3.0-or-later
// The probability of bone on another grid than the network's, voxel by voxel: as a volume it would
// be as large as the composed STIR.
#pragma once

#include <vector>

#include "pipelines/model/volume.h"
#include "pipelines/model/voxels.h"

namespace osteon {

// Looks up a volume on a coarse grid at voxels of a grid whose axes are parallel to its own.
class BoneAt {
 public:
  // `bone` (TissueMaps) must outlive this.
  BoneAt(const Volume<float>& bone, const VolumeGeometry& grid);

  // Linear between the voxels of `bone`; beyond them the nearest one. REQUIRES: (i, j, k) lies in
  // the grid; not checked.
  float operator()(int i, int j, int k) const {
    const Tap& x = columns_[static_cast<std::size_t>(i)];
    const Tap& y = rows_[static_cast<std::size_t>(j)];
    const Tap& z = slices_[static_cast<std::size_t>(k)];
    const auto line = [&](int b, int d) {
      return Mix(bone_.At(x.low, b, d), bone_.At(x.high, b, d), x.weight);
    };
    const auto face = [&](int d) { return Mix(line(y.low, d), line(y.high, d), y.weight); };
    return Mix(face(z.low), face(z.high), z.weight);
  }
  // The voxel of `bone` that is nearest.
  VoxelIndex Nearest(int i, int j, int k) const {
    return {columns_[static_cast<std::size_t>(i)].near, rows_[static_cast<std::size_t>(j)].near,
            slices_[static_cast<std::size_t>(k)].near};
  }

 private:
  struct Tap {
    int low, high, near;
    float weight;  // Of `high`.
  };
  static std::vector<Tap> TapsAlong(int size, int bone_size, double start, double step);
  static float Mix(float a, float b, float weight) { return a + weight * (b - a); }

  const Volume<float>& bone_;
  std::vector<Tap> columns_, rows_, slices_;
};

}  // namespace osteon
