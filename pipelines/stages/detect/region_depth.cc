// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/region_depth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/stages/detect/feature_voxels.h"

namespace osteon {
namespace {

// Part of the classifier (README.md). Chosen: bone is three times likelier than not.
constexpr float kSurelyBone = 0.75F;
// How far surface and joint are looked for, mm of an adult. Chosen: beyond what rules ask for.
constexpr double kSurfaceReachMm = 24, kJointReachMm = 30;
// A distance this near to kJointReachMm counts as none. Chosen: rounding to voxels.
constexpr double kRoundingMm = 1;
// How far a region reaches: this quantile of its voxels. Chosen: a few stray voxels do not count.
constexpr double kReachQuantile = 0.9;

// Distance, mm, from a voxel to the nearest one that `matches`; `reach_mm` when there is none
// within that.
template <typename Matches>
double DistanceWithin(const VolumeGeometry& g, const VoxelIndex& v, double reach_mm,
                      Matches matches) {
  const Vec3 step = g.spacing_mm();
  const int ri = static_cast<int>(reach_mm / step.x), rj = static_cast<int>(reach_mm / step.y),
            rk = static_cast<int>(reach_mm / step.z);
  double best = reach_mm;
  for (int k = std::max(0, v.k - rk); k <= std::min(g.slices - 1, v.k + rk); ++k) {
    for (int j = std::max(0, v.j - rj); j <= std::min(g.rows - 1, v.j + rj); ++j) {
      for (int i = std::max(0, v.i - ri); i <= std::min(g.columns - 1, v.i + ri); ++i) {
        const double d = std::hypot((i - v.i) * step.x, (j - v.j) * step.y, (k - v.k) * step.z);
        if (d < best && matches(i, j, k)) best = d;
      }
    }
  }
  return best;
}

// Bones that share a joint: the hip bones as "hip", tibia, fibula and patella as "shank".
std::string_view JointName(const BoneUnit& unit) {
  if (unit.bone == "ilium" || unit.bone == "ischium" || unit.bone == "pubis") return "hip";
  if (unit.bone == "tibia" || unit.bone == "fibula" || unit.bone == "patella") return "shank";
  return unit.bone;
}

bool ShareAJoint(const BoneUnit& a, const BoneUnit& b) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kJoints = {
      {{"sacrum", "hip"},
       {"femur", "hip"},
       {"femur", "shank"},
       {"shank", "foot"},
       {"humerus", "scapula"},
       {"humerus", "forearm"},
       {"forearm", "hand"}}};
  const std::string_view one = JointName(a), other = JointName(b);
  return std::ranges::any_of(kJoints, [&](const auto& j) {
    return (j.first == one && j.second == other) || (j.first == other && j.second == one);
  });
}

// For every unit, whether its bone shares a joint with this one.
std::vector<bool> JointPartners(const BoneUnit& unit) {
  std::vector<bool> out(BoneUnits().size() + 1, false);
  for (const BoneUnit& other : BoneUnits()) out[other.id] = ShareAJoint(unit, other);
  return out;
}

}  // namespace

RegionDepth MeasureDepth(const TissueMaps& maps, const Region& region) {
  const VolumeGeometry& g = maps.bone.geometry();
  const std::vector<bool> partners = JointPartners(UnitOf(region.unit));
  std::vector<std::size_t> coarse;
  double in_bone = 0;
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(maps.lesion.geometry(), n);
    coarse.push_back(maps.bone.Index(v.i / 2, v.j / 2, v.k));
    if (maps.bone[coarse.back()] >= kSurelyBone) ++in_bone;
  }
  std::sort(coarse.begin(), coarse.end());
  coarse.erase(std::unique(coarse.begin(), coarse.end()), coarse.end());
  std::vector<float> surface, joint;
  for (std::size_t n : coarse) {
    const VoxelIndex v = VoxelAt(g, n);
    const bool here = maps.bone[n] >= kBone;
    surface.push_back(here
                          ? static_cast<float>(DistanceWithin(
                                g, v, kSurfaceReachMm * maps.scale,
                                [&](int i, int j, int k) { return maps.bone.At(i, j, k) < kBone; }))
                          : 0.0F);
    joint.push_back(static_cast<float>(
        DistanceWithin(g, v, kJointReachMm * maps.scale, [&](int i, int j, int k) {
          return maps.bone.At(i, j, k) >= kBone && partners[maps.near_units.At(i, j, k)];
        })));
  }
  const double far = Quantile(joint, kReachQuantile) / maps.scale;
  return {in_bone / static_cast<double>(region.voxels.size()),
          Quantile(surface, kReachQuantile) / maps.scale,
          far >= kJointReachMm - kRoundingMm ? kNoDistanceMm : far};
}

}  // namespace osteon
