// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/bone_place.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

#include "pipelines/imaging/labelling.h"
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
// A piece of leg or foot with less than this share of all leg and foot may be a hand. Chosen: a
// shank has about a third.
constexpr double kHandShare = 0.1;

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

bool IsLegOrFoot(std::uint8_t value) {
  return value == static_cast<std::uint8_t>(TissueClass::kLeg) ||
         value == static_cast<std::uint8_t>(TissueClass::kFoot);
}

// The columns of each row between which its femora lie; low > high in rows without one.
struct Columns {
  std::vector<int> low, high;
};
Columns ColumnsOfFemora(const Volume<std::uint8_t>& classes) {
  const VolumeGeometry& g = classes.geometry();
  Columns out{std::vector<int>(static_cast<std::size_t>(g.rows), g.columns),
              std::vector<int>(static_cast<std::size_t>(g.rows), -1)};
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (classes.At(i, j, k) != static_cast<std::uint8_t>(TissueClass::kFemur)) return;
    int &low = out.low[static_cast<std::size_t>(j)], &high = out.high[static_cast<std::size_t>(j)];
    low = std::min(low, i);
    high = std::max(high, i);
  });
  return out;
}

// Small pieces of leg and foot that lie lateral of both thighs are hands of arms that hang beside
// them. A patella lies in front of its femur, whatever the pose. Gives how many voxels got a name.
std::size_t NameHandsBesideThighs(Volume<std::uint8_t>& classes) {
  const VolumeGeometry& g = classes.geometry();
  Volume<std::uint8_t> mask(g);
  for (std::size_t n = 0; n < classes.size(); ++n) mask[n] = IsLegOrFoot(classes[n]) ? 1 : 0;
  const Components pieces = LabelComponents(mask);
  const Columns femora = ColumnsOfFemora(classes);
  const int margin = static_cast<int>(kMarginMm / g.spacing_mm().x);
  std::vector<std::size_t> beside(pieces.sizes.size() + 1, 0);
  ForEachVoxel(g, [&](int i, int j, int k) {
    const auto row = static_cast<std::size_t>(j);
    if (femora.high[row] >= 0 && (i < femora.low[row] - margin || i > femora.high[row] + margin))
      ++beside[static_cast<std::size_t>(pieces.labels.At(i, j, k))];
  });
  const auto all = std::accumulate(pieces.sizes.begin(), pieces.sizes.end(), std::size_t{0});
  std::size_t named = 0;
  for (std::size_t n = 0; n < classes.size(); ++n) {
    const auto label = static_cast<std::size_t>(pieces.labels[n]);
    if (label == 0) continue;
    const std::size_t size = pieces.sizes[label - 1];
    if (static_cast<double>(size) >= kHandShare * static_cast<double>(all) ||
        2 * beside[label] <= size)
      continue;
    classes[n] = static_cast<std::uint8_t>(TissueClass::kHand);
    ++named;
  }
  return named;
}

}  // namespace

PlaceCheck NameByPlace(Volume<std::uint8_t>& classes) {
  const std::optional<Rows> pelvis = RowsOf(classes, TissueClass::kPelvis);
  const std::optional<Rows> femur = RowsOf(classes, TissueClass::kFemur);
  if (!pelvis || !femur || femur->last <= pelvis->last) return {};
  const VolumeGeometry& g = classes.geometry();
  const int margin = static_cast<int>(kMarginMm / g.spacing_mm().y);
  std::size_t renamed = NameHandsBesideThighs(classes), unnamed = 0;
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
