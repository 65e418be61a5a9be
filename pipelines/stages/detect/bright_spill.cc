// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/bright_spill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "pipelines/stages/detect/feature_voxels.h"

namespace osteon {
namespace {

// Part of the classifier (README.md). How far outside the region's box it grows, mm of an adult and
// slices. Chosen: a vessel of a limb is followed, but not to the next joint.
constexpr double kReachMm = 24;
constexpr int kReachSlices = 2;
// Bright from this share of the core's excess over normal marrow. Chosen: half, as the region's
// edge.
constexpr double kBrightShare = 0.5;

struct Box {
  std::array<int, 3> low, high;  // Inclusive.
  bool Holds(const std::array<int, 3>& v) const {
    for (std::size_t a = 0; a < 3; ++a) {
      if (v[a] < low[a] || v[a] > high[a]) return false;
    }
    return true;
  }
  std::size_t Index(const std::array<int, 3>& v) const {
    const auto at = [&](std::size_t a) { return static_cast<std::size_t>(v[a] - low[a]); };
    const auto size = [&](std::size_t a) { return static_cast<std::size_t>(high[a] - low[a]) + 1; };
    return (at(2) * size(1) + at(1)) * size(0) + at(0);
  }
  std::size_t Count() const { return Index(high) + 1; }
};

std::array<int, 3> At(const VolumeGeometry& g, std::size_t n) {
  const auto columns = static_cast<std::size_t>(g.columns), rows = static_cast<std::size_t>(g.rows);
  return {static_cast<int>(n % columns), static_cast<int>(n / columns % rows),
          static_cast<int>(n / columns / rows)};
}

Box BoxAround(const VolumeGeometry& g, const std::vector<std::size_t>& voxels, double scale) {
  Box box = {At(g, voxels.front()), At(g, voxels.front())};
  for (std::size_t n : voxels) {
    const auto v = At(g, n);
    for (std::size_t a = 0; a < 3; ++a) {
      box.low[a] = std::min(box.low[a], v[a]);
      box.high[a] = std::max(box.high[a], v[a]);
    }
  }
  const int in_plane = static_cast<int>(std::lround(kReachMm * scale / g.spacing_mm().x));
  const std::array<int, 3> reach = {in_plane, in_plane, kReachSlices};
  const std::array<int, 3> last = {g.columns - 1, g.rows - 1, g.slices - 1};
  for (std::size_t a = 0; a < 3; ++a) {
    box.low[a] = std::max(0, box.low[a] - reach[a]);
    box.high[a] = std::min(last[a], box.high[a] + reach[a]);
  }
  return box;
}

}  // namespace

BrightSpill MeasureSpill(const TissueMaps& maps, const Region& region) {
  const VolumeGeometry& g = maps.relative.geometry();
  const Box box = BoxAround(g, region.voxels, maps.scale);
  const auto bright =
      static_cast<float>(region.marrow + kBrightShare * (region.core - region.marrow));
  std::vector<bool> seen(box.Count(), false);
  std::vector<std::array<int, 3>> todo;
  for (std::size_t n : region.voxels) {
    todo.push_back(At(g, n));
    seen[box.Index(todo.back())] = true;
  }
  std::size_t all = 0, outside = 0;
  while (!todo.empty()) {
    const std::array<int, 3> v = todo.back();
    todo.pop_back();
    ++all;
    if (maps.bone.At(v[0] / 2, v[1] / 2, v[2]) < kBone) ++outside;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (int step : {-1, 1}) {
        std::array<int, 3> next = v;
        next[axis] += step;
        if (!box.Holds(next) || seen[box.Index(next)]) continue;
        seen[box.Index(next)] = true;
        if (maps.relative.At(next[0], next[1], next[2]) >= bright) todo.push_back(next);
      }
    }
  }
  const double scale_cubed = maps.scale * maps.scale * maps.scale;
  return {static_cast<double>(outside) / static_cast<double>(all),
          static_cast<double>(outside) * g.voxel_ml() / scale_cubed};
}

}  // namespace osteon
