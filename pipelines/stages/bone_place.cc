// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/bone_place.h"

#include <optional>
#include <vector>

#include "pipelines/stages/skeleton_classes.h"

namespace osteon {
namespace {

constexpr double kLeastMl = 20;     // Of pelvis and of femora, to go by.
constexpr double kStrayShare = 0.02;  // Of a bone's voxels that may lie beyond its end: stray ones.
constexpr double kMarginMm = 20;

// Row above which all but a few of the voxels of a class lie; none when there is too little of it.
std::optional<int> LowestRow(const Volume<std::uint8_t>& classes, TissueClass bone) {
  const VolumeGeometry& g = classes.geometry();
  std::vector<std::size_t> by_row(static_cast<std::size_t>(g.rows), 0);
  std::size_t total = 0;
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        if (classes.At(i, j, k) != static_cast<std::uint8_t>(bone)) continue;
        ++by_row[static_cast<std::size_t>(j)];
        ++total;
      }
    }
  }
  if (static_cast<double>(total) * g.voxel_ml() < kLeastMl) return std::nullopt;
  const double stray = kStrayShare * static_cast<double>(total);
  std::size_t below = 0;
  int row = g.rows - 1;
  while (row > 0) {
    below += by_row[static_cast<std::size_t>(row)];
    if (static_cast<double>(below) > stray) break;
    --row;
  }
  return row;
}

}  // namespace

double NameByPlace(Volume<std::uint8_t>& classes) {
  const std::optional<int> pelvis = LowestRow(classes, TissueClass::kPelvis);
  const std::optional<int> knee = LowestRow(classes, TissueClass::kFemur);
  if (!pelvis || !knee || *knee <= *pelvis) return 0;
  const VolumeGeometry& g = classes.geometry();
  const int margin = static_cast<int>(kMarginMm / g.spacing_mm().y);
  std::size_t renamed = 0;
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      const bool above = j < *pelvis - margin, below = j > *knee + margin;
      if (!above && !below) continue;
      for (int i = 0; i < g.columns; ++i) {
        std::uint8_t& value = classes.At(i, j, k);
        const auto name = static_cast<TissueClass>(value);
        const TissueClass right = above && name == TissueClass::kLeg       ? TissueClass::kForearm
                                  : above && name == TissueClass::kFoot    ? TissueClass::kHand
                                  : below && name == TissueClass::kForearm ? TissueClass::kLeg
                                  : below && name == TissueClass::kHand    ? TissueClass::kFoot
                                                                           : name;
        if (right == name) continue;
        value = static_cast<std::uint8_t>(right);
        ++renamed;
      }
    }
  }
  return static_cast<double>(renamed) * g.voxel_ml();
}

}  // namespace osteon
