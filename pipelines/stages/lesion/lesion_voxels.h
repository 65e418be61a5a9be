// SPDX-License-Identifier: GPL-3.0-or-later
// The voxels of each lesion, and small tools to look at them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pipelines/model/study.h"
#include "pipelines/model/volume.h"

namespace osteon {

struct VoxelIndex {
  int i = 0, j = 0, k = 0;
};

// lists[label] holds the voxels of that label in memory order; lists[0] is empty.
std::vector<std::vector<VoxelIndex>> VoxelsByLabel(const Volume<std::uint16_t>& labels);

Vec3 PointOf(const VolumeGeometry& g, const VoxelIndex& v);

// An inclusive box of voxels, grown by `margin_mm` and cut to the grid.
struct VoxelBox {
  VoxelIndex low, high;
};
VoxelBox BoxAround(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g,
                   double margin_mm);

// Middle of the sorted values (mean of two for an even count). REQUIRES: not empty. Reorders them.
double Median(std::vector<float>& values);

// Values of `image` at `voxels`, without not-a-number.
std::vector<float> ValuesAt(const Volume<float>& image, const std::vector<VoxelIndex>& voxels);

// Values of another contrast at those of `voxels` where it was imaged.
std::vector<float> ImagedValues(const OtherContrast& other, const std::vector<VoxelIndex>& voxels);

// Unit eigenvectors of a symmetric matrix, largest eigenvalue first (cyclic Jacobi: exact to
// rounding, the same on every run). `m` holds xx, yy, zz, xy, xz, yz.
std::array<Vec3, 3> PrincipalAxes(const std::array<double, 6>& m);

}  // namespace osteon
