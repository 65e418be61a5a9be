// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/bone_at.h"

#include <algorithm>
#include <cmath>

namespace osteon {

BoneAt::BoneAt(const Volume<float>& bone, const VolumeGeometry& grid) : bone_(bone) {
  const VolumeGeometry& c = bone.geometry();
  const Vec3 start = Inverse(c.patient_from_voxel)(grid.patient_from_voxel.origin);
  const Vec3 from = grid.spacing_mm(), to = c.spacing_mm();
  columns_ = TapsAlong(grid.columns, c.columns, start.x, from.x / to.x);
  rows_ = TapsAlong(grid.rows, c.rows, start.y, from.y / to.y);
  slices_ = TapsAlong(grid.slices, c.slices, start.z, from.z / to.z);
}

std::vector<BoneAt::Tap> BoneAt::TapsAlong(int size, int bone_size, double start, double step) {
  std::vector<Tap> out;
  out.reserve(static_cast<std::size_t>(size));
  for (int n = 0; n < size; ++n) {
    const double at = std::clamp(step * n + start, 0.0, bone_size - 1.0);
    const int low = static_cast<int>(at);
    out.push_back({low, std::min(low + 1, bone_size - 1), static_cast<int>(std::lround(at)),
                   static_cast<float>(at - low)});
  }
  return out;
}

}  // namespace osteon
