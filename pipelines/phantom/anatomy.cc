// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/anatomy.h"

#include <algorithm>

namespace osteon::phantom {

Bone BoneOf(std::string_view bone, Side side) {
  const BoneTissue& row = *std::ranges::find(kBoneTissue, bone, &BoneTissue::bone);
  return {.bone = std::string(bone),
          .side = side,
          .cortex_mm = row.cortex_mm,
          .red_adult = row.red_adult,
          .red_child = row.red_child,
          .red_ends_adult = row.red_ends_adult,
          .red_ends_child = row.red_ends_child};
}

LesionSite SiteOf(std::string_view site, Side side, UnitId unit, Vec3 point, Vec3 along) {
  const SiteRow& row = *std::ranges::find(kSites, site, &SiteRow::site);
  const std::string tail = side == Side::kNone ? "" : "_" + std::string(Name(side));
  return {std::string(site) + tail, unit,      point, along, row.radius_low_mm,
          row.radius_high_mm,       row.weight};
}

}  // namespace osteon::phantom
