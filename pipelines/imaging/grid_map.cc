// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/grid_map.h"

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

std::vector<int> NearestAlong(int size, double start, double step, int other_size) {
  std::vector<int> out;
  out.reserve(static_cast<std::size_t>(size));
  for (int n = 0; n < size; ++n) {
    out.push_back(std::clamp(static_cast<int>(std::lround(start + n * step)), 0, other_size - 1));
  }
  return out;
}

}  // namespace

GridMap MapNearest(const VolumeGeometry& from, const VolumeGeometry& to) {
  const Vec3 start = Inverse(to.patient_from_voxel)(from.patient_from_voxel.origin);
  const Vec3 a = from.spacing_mm(), b = to.spacing_mm();
  return {NearestAlong(from.columns, start.x, a.x / b.x, to.columns),
          NearestAlong(from.rows, start.y, a.y / b.y, to.rows),
          NearestAlong(from.slices, start.z, a.z / b.z, to.slices)};
}

}  // namespace osteon
