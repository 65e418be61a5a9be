// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/bone_place.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// Pelvis and femora are believed from this volume, ml, on. Chosen: below a toddler's.
constexpr double kLeastMl = 20;
// Share of a bone's voxels that may lie beyond its end: wrong voxels of the network. Chosen.
constexpr double kStrayShare = 0.02;
// A name is impossible only this far beyond the limit, mm. Chosen.
constexpr double kMarginMm = 20;

struct Rows {
  int first = 0, last = 0;
};

// Rows between which all but kStrayShare of the voxels of a class lie; none below kLeastMl.
std::optional<Rows> RowsOf(const Volume<std::uint8_t>& classes, TissueClass bone) {
  const VolumeGeometry& g = classes.geometry();
  std::vector<std::size_t> by_row(static_cast<std::size_t>(g.rows), 0);
  std::size_t total = 0;
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (classes.At(i, j, k) != static_cast<std::uint8_t>(bone)) return;
    ++by_row[static_cast<std::size_t>(j)];
    ++total;
  });
  if (static_cast<double>(total) * g.voxel_ml() < kLeastMl) return std::nullopt;
  const double stray = kStrayShare * static_cast<double>(total);
  const auto beyond_stray = [&](auto begin, auto end) {
    std::size_t sum = 0;
    return static_cast<int>(std::find_if(begin, end,
                                         [&](std::size_t n) {
                                           sum += n;
                                           return static_cast<double>(sum) > stray;
                                         }) -
                            begin);
  };
  return Rows{beyond_stray(by_row.begin(), by_row.end()),
              g.rows - 1 - beyond_stray(by_row.rbegin(), by_row.rend())};
}

enum class Height { kAbovePelvis, kBesidePelvis, kBesideThigh, kBelowKnee };

// The name that a bone of this class gets at this height; kUnnamedBone where none is possible.
std::uint8_t NameAt(TissueClass name, Height height) {
  const auto as = [](TissueClass c) { return static_cast<std::uint8_t>(c); };
  const bool above_hip = height == Height::kAbovePelvis || height == Height::kBesidePelvis;
  switch (name) {
    case TissueClass::kLeg:
      return as(above_hip ? TissueClass::kForearm : name);
    case TissueClass::kFoot:
      return as(above_hip ? TissueClass::kHand : name);
    case TissueClass::kForearm:
      return as(height == Height::kBelowKnee ? TissueClass::kLeg : name);
    case TissueClass::kHand:
      return as(height == Height::kBelowKnee ? TissueClass::kFoot : name);
    case TissueClass::kFemur:
      return height == Height::kAbovePelvis ? kUnnamedBone : as(name);
    case TissueClass::kPelvis:
    case TissueClass::kSacrum:
      return height == Height::kBelowKnee ? kUnnamedBone : as(name);
    default:  // Head, shoulder girdle, thorax, spine, humerus.
      return above_hip ? as(name) : kUnnamedBone;
  }
}

}  // namespace

PlaceCheck NameByPlace(Volume<std::uint8_t>& classes) {
  const std::optional<Rows> pelvis = RowsOf(classes, TissueClass::kPelvis);
  const std::optional<Rows> femur = RowsOf(classes, TissueClass::kFemur);
  if (!pelvis || !femur || femur->last <= pelvis->last) return {};
  const VolumeGeometry& g = classes.geometry();
  const int margin = static_cast<int>(kMarginMm / g.spacing_mm().y);
  std::size_t renamed = 0, unnamed = 0;
  for (int j = 0; j < g.rows; ++j) {
    // The margin moves each limit so that names are kept in case of doubt.
    const auto height_of = [&](TissueClass name) {
      const bool limb_end = name == TissueClass::kLeg || name == TissueClass::kFoot;
      if (j < pelvis->first - margin) return Height::kAbovePelvis;
      if (j < pelvis->last + (limb_end ? -margin : margin)) return Height::kBesidePelvis;
      return j > femur->last + margin ? Height::kBelowKnee : Height::kBesideThigh;
    };
    for (int k = 0; k < g.slices; ++k) {
      for (int i = 0; i < g.columns; ++i) {
        std::uint8_t& value = classes.At(i, j, k);
        if (value == 0) continue;
        const auto name = static_cast<TissueClass>(value);
        const std::uint8_t right = NameAt(name, height_of(name));
        if (right == value) continue;
        ++(right == kUnnamedBone ? unnamed : renamed);
        value = right;
      }
    }
  }
  return {static_cast<double>(renamed) * g.voxel_ml(), static_cast<double>(unnamed) * g.voxel_ml()};
}

}  // namespace osteon
