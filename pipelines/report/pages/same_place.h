// SPDX-License-Identifier: GPL-3.0-or-later
// Where a place of one study lies in another of the same patient, by the signal around it. For
// pictures of both studies side by side; no number of the report depends on it. Pure.
#pragma once

#include <optional>

#include "pipelines/model/report.h"

namespace osteon {

// Likeness from which the two surroundings are the same place. Chosen: of phantoms at three dates
// every place looked at was right; not measured on people.
inline constexpr double kSamePlaceLikeness = 0.7;

struct PlaceSearch {
  Vec3 guess_mm;  // Of the place in `to`; places up to 48 mm away along each axis are tried.
  double ignored_mm = 10;  // Radius round the place whose signal may have changed: the lesion.
};

// The place in `to` whose surroundings are most like those of `place_mm` in `from`: normalised
// cross-correlation of the square roots of the signals, which are in arbitrary units, within 48 mm
// to the sides, up and down, and 30 mm to front and back. Good to half a voxel of
// either where the bone is not turned. nullopt when no place is alike.
std::optional<Vec3> SamePlace(const Volume<float>& from, Vec3 place_mm, const Volume<float>& to,
                              const PlaceSearch& search);

}  // namespace osteon
