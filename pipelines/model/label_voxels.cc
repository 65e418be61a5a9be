// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/label_voxels.h"

#include <algorithm>
#include <cmath>

namespace osteon {

std::vector<std::vector<VoxelIndex>> VoxelsByLabel(const Volume<std::uint16_t>& labels) {
  std::vector<std::vector<VoxelIndex>> lists(1);
  const VolumeGeometry& g = labels.geometry();
  ForEachVoxel(g, [&](int i, int j, int k) {
    const std::size_t label = labels.At(i, j, k);
    if (label == 0) return;
    if (label >= lists.size()) lists.resize(label + 1);
    lists[label].push_back({i, j, k});
  });
  return lists;
}

VoxelBox BoxAround(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g,
                   double margin_mm) {
  VoxelBox box{voxels.front(), voxels.front()};
  for (const VoxelIndex& v : voxels) {
    box.low = {std::min(box.low.i, v.i), std::min(box.low.j, v.j), std::min(box.low.k, v.k)};
    box.high = {std::max(box.high.i, v.i), std::max(box.high.j, v.j), std::max(box.high.k, v.k)};
  }
  const Vec3 spacing = g.spacing_mm();
  const auto margin = [&](double step) { return static_cast<int>(std::ceil(margin_mm / step)); };
  const VoxelIndex grow{margin(spacing.x), margin(spacing.y), margin(spacing.z)};
  box.low = {std::max(0, box.low.i - grow.i), std::max(0, box.low.j - grow.j),
             std::max(0, box.low.k - grow.k)};
  box.high = {std::min(g.columns - 1, box.high.i + grow.i),
              std::min(g.rows - 1, box.high.j + grow.j),
              std::min(g.slices - 1, box.high.k + grow.k)};
  return box;
}

std::vector<float> ValuesAt(const Volume<float>& image, const std::vector<VoxelIndex>& voxels) {
  std::vector<float> values;
  values.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) {
    const float value = image.At(v.i, v.j, v.k);
    if (!std::isnan(value)) values.push_back(value);
  }
  return values;
}

std::vector<float> ImagedValues(const OtherContrast& other, const std::vector<VoxelIndex>& voxels) {
  std::vector<float> values;
  values.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) {
    if (other.imaged.At(v.i, v.j, v.k) != 0) values.push_back(other.voxels.At(v.i, v.j, v.k));
  }
  return values;
}

}  // namespace osteon
