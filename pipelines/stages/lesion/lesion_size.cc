// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_size.h"

#include <algorithm>
#include <cmath>

#include "pipelines/imaging/principal_axes.h"

namespace osteon {
namespace {

Vec3 Mean(const std::vector<Vec3>& points) {
  Vec3 sum;
  for (const Vec3& p : points) sum = sum + p;
  return (1 / static_cast<double>(points.size())) * sum;
}

// Second moments of the voxels as boxes: those of their centres, and of one voxel (a box of width 1
// has 1/12).
std::array<double, 6> Moments(const std::vector<Vec3>& points, Vec3 centre, const Affine& voxel) {
  std::array<double, 6> m{};
  const auto add = [&m](Vec3 d, double weight) {
    m[0] += weight * d.x * d.x;
    m[1] += weight * d.y * d.y;
    m[2] += weight * d.z * d.z;
    m[3] += weight * d.x * d.y;
    m[4] += weight * d.x * d.z;
    m[5] += weight * d.y * d.z;
  };
  for (const Vec3& p : points) add(p - centre, 1 / static_cast<double>(points.size()));
  for (const Vec3& step : {voxel.step_i, voxel.step_j, voxel.step_k}) add(step, 1.0 / 12);
  return m;
}

struct Extent {
  double length_mm = 0;
  Vec3 low, high;  // Centres of the outermost voxels.
};

Extent ExtentAlong(const std::vector<Vec3>& points, Vec3 axis, const Affine& voxel) {
  const auto less = [&](const Vec3& a, const Vec3& b) { return Dot(a, axis) < Dot(b, axis); };
  const auto [low, high] = std::minmax_element(points.begin(), points.end(), less);
  // The width of one voxel along the axis.
  const double one =
      std::sqrt(std::pow(Dot(voxel.step_i, axis), 2) + std::pow(Dot(voxel.step_j, axis), 2) +
                std::pow(Dot(voxel.step_k, axis), 2));
  return {Dot(*high - *low, axis) + one, *low, *high};
}

int SliceOfMostVoxels(const std::vector<VoxelIndex>& voxels, int slices) {
  std::vector<int> count(static_cast<std::size_t>(slices));
  for (const VoxelIndex& v : voxels) ++count[static_cast<std::size_t>(v.k)];
  return static_cast<int>(std::max_element(count.begin(), count.end()) - count.begin());
}

Measured ShareOfUnit(const Lesion& lesion, const Skeleton& skeleton) {
  const UnitFrame* frame = FrameOf(skeleton, lesion.unit);
  if (!frame || frame->volume_ml <= 0) return Measured::NotAssessed("bone unit not outlined");
  return Measured::Of(std::min(100.0, 100 * lesion.volume_ml / frame->volume_ml));
}

}  // namespace

Lesion WithSize(Lesion lesion, const std::vector<VoxelIndex>& voxels, const VolumeGeometry& grid,
                const Skeleton& skeleton) {
  std::vector<Vec3> points;
  points.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) points.push_back(PointOf(grid, v));
  lesion.volume_ml = static_cast<double>(voxels.size()) * grid.voxel_ml();
  lesion.centroid_mm = Mean(points);
  const Affine& voxel = grid.patient_from_voxel;
  const auto axes = PrincipalAxes(Moments(points, lesion.centroid_mm, voxel));
  std::array<Extent, 3> extents;
  for (std::size_t n = 0; n < 3; ++n) extents[n] = ExtentAlong(points, axes[n], voxel);
  // An irregular lesion may extend further along its second axis than along its first.
  std::stable_sort(extents.begin(), extents.end(),
                   [](const Extent& a, const Extent& b) { return a.length_mm > b.length_mm; });
  lesion.length_mm = extents[0].length_mm;
  lesion.width_mm = extents[1].length_mm;
  lesion.depth_mm = extents[2].length_mm;
  const bool low_is_upper = extents[0].low.z >= extents[0].high.z;
  lesion.long_axis_start_mm = low_is_upper ? extents[0].low : extents[0].high;
  lesion.long_axis_end_mm = low_is_upper ? extents[0].high : extents[0].low;
  lesion.key_slice = SliceOfMostVoxels(voxels, grid.slices);
  lesion.share_of_unit_percent = ShareOfUnit(lesion, skeleton);
  return lesion;
}

}  // namespace osteon
