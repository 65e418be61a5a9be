// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/feature_voxels.h"

#include <algorithm>

namespace osteon {

Voxel At(const VolumeGeometry& g, std::size_t n) {
  const auto columns = static_cast<std::size_t>(g.columns), rows = static_cast<std::size_t>(g.rows);
  return {static_cast<int>(n % columns), static_cast<int>(n / columns % rows),
          static_cast<int>(n / columns / rows)};
}

Vec3 PlaceOf(const VolumeGeometry& g, const Voxel& v) {
  return g.patient_from_voxel(
      Vec3{static_cast<double>(v.i), static_cast<double>(v.j), static_cast<double>(v.k)});
}

double Quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at);
}

double Mean(const std::vector<float>& values) {
  double sum = 0;
  for (float v : values) sum += static_cast<double>(v);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::vector<float> ValuesAt(const Volume<float>& volume, const std::vector<std::size_t>& voxels) {
  std::vector<float> out;
  out.reserve(voxels.size());
  for (std::size_t n : voxels) out.push_back(volume[n]);
  return out;
}

std::size_t CoarseIndex(const TissueMaps& maps, std::size_t fine) {
  const Voxel v = At(maps.lesion.geometry(), fine);
  return maps.bone.Index(v.i / 2, v.j / 2, v.k);
}

}  // namespace osteon
