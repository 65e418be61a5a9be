// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/feature_voxels.h"

#include "pipelines/model/statistics.h"

namespace osteon {

double Quantile(std::vector<float> values, double share) {
  return values.empty() ? 0 : static_cast<double>(LowerQuantile(values, share));
}

double Mean(const std::vector<float>& values) { return values.empty() ? 0 : MeanOf(values); }

std::vector<float> ValuesAt(const Volume<float>& volume, const std::vector<std::size_t>& voxels) {
  std::vector<float> out;
  out.reserve(voxels.size());
  for (std::size_t n : voxels) out.push_back(volume[n]);
  return out;
}

std::size_t CoarseIndex(const TissueMaps& maps, std::size_t fine) {
  const VoxelIndex v = VoxelAt(maps.lesion.geometry(), fine);
  return maps.bone.Index(v.i / 2, v.j / 2, v.k);
}

}  // namespace osteon
