// SPDX-License-Identifier: GPL-3.0-or-later
// The voxels of each label of a label map, and values at them.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/model/study.h"
#include "pipelines/model/volume.h"
#include "pipelines/model/voxels.h"

namespace osteon {

// lists[label] holds the voxels of that label in memory order; lists[0] is empty.
std::vector<std::vector<VoxelIndex>> VoxelsByLabel(const Volume<std::uint16_t>& labels);

// An inclusive box of voxels, grown by `margin_mm` and cut to the grid.
struct VoxelBox {
  VoxelIndex low, high;
};
VoxelBox BoxAround(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g,
                   double margin_mm);

// Values of `image` at `voxels`, without not-a-number.
std::vector<float> ValuesAt(const Volume<float>& image, const std::vector<VoxelIndex>& voxels);

// Values of another contrast at those of `voxels` where it was imaged.
std::vector<float> ImagedValues(const OtherContrast& other, const std::vector<VoxelIndex>& voxels);

}  // namespace osteon
