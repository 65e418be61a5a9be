// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/unit_frames.h"

#include <algorithm>
#include <cmath>

#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// Share of points beyond each end of a bone: 1 % and 99 % quantiles. Chosen: stray voxels.
constexpr double kEndShare = 0.01;
// Start of the power iteration: head to foot, as long bones run, but off the axes, on which a
// symmetric set of points stalls it. Number of steps: chosen.
constexpr Vec3 kStart = {0.02, 0.01, -1.0};
constexpr int kSteps = 60;

}  // namespace

AxisOfCloud FitAxis(const std::vector<Vec3>& points_mm) {
  AxisOfCloud out;
  const double n = static_cast<double>(points_mm.size());
  for (const Vec3& p : points_mm) out.centre = out.centre + (1 / n) * p;
  double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
  for (const Vec3& p : points_mm) {
    const Vec3 d = p - out.centre;
    xx += d.x * d.x;
    yy += d.y * d.y;
    zz += d.z * d.z;
    xy += d.x * d.y;
    xz += d.x * d.z;
    yz += d.y * d.z;
  }
  // PrincipalAxes() gives other last digits for round bones, and so other features than those that
  // the classifier of lesions was trained on.
  Vec3 axis = Unit(kStart);
  for (int step = 0; step < kSteps; ++step) {
    const Vec3 next{xx * axis.x + xy * axis.y + xz * axis.z,
                    xy * axis.x + yy * axis.y + yz * axis.z,
                    xz * axis.x + yz * axis.y + zz * axis.z};
    if (!(Norm(next) > 0)) break;
    axis = Unit(next);
  }
  if (axis.z > 0) axis = -1.0 * axis;
  out.axis = axis;
  std::vector<double> along;
  along.reserve(points_mm.size());
  for (const Vec3& p : points_mm) along.push_back(Dot(p - out.centre, axis));
  std::sort(along.begin(), along.end());
  const auto end = static_cast<std::size_t>(kEndShare * (n - 1));
  out.low = along[end];
  out.high = along[along.size() - 1 - end];
  return out;
}

std::vector<UnitFrame> MeasureUnits(const Volume<UnitId>& units, const Volume<float>& bone) {
  const VolumeGeometry& g = units.geometry();
  std::vector<std::vector<Vec3>> points(BoneUnits().size() + 1);
  std::vector<double> sums(BoneUnits().size() + 1, 0.0);
  ForEachVoxel(g, [&](int i, int j, int k) {
    const UnitId unit = units.At(i, j, k);
    if (unit == 0) return;
    points[unit].push_back(PointOf(g, {i, j, k}));
    sums[unit] += static_cast<double>(bone.At(i, j, k));
  });
  std::vector<UnitFrame> frames;
  for (const BoneUnit& unit : BoneUnits()) {
    if (points[unit.id].empty()) continue;
    const AxisOfCloud fit = FitAxis(points[unit.id]);
    UnitFrame frame;
    frame.unit = unit.id;
    frame.volume_ml = static_cast<double>(points[unit.id].size()) * g.voxel_ml();
    frame.centre = fit.centre;
    frame.axis = fit.axis;
    frame.proximal_end = fit.centre + fit.low * fit.axis;
    frame.length_mm = fit.high - fit.low;
    frame.confidence = sums[unit.id] / static_cast<double>(points[unit.id].size());
    frames.push_back(frame);
  }
  return frames;
}

}  // namespace osteon
