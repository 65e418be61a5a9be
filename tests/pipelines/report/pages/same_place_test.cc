// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/same_place.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

// Smooth, different at each place, and different for each kind.
float Tissue(Vec3 p, double kind) {
  return static_cast<float>(100 + 40 * std::sin(p.x / 17 + kind) * std::cos(p.z / 23 - kind) +
                            30 * std::sin(p.y / 13 + p.z / 31 + 2 * kind));
}

// `scale` times the tissue at p - moved, with a lesion.
Volume<float> Body(double kind, double scale, Vec3 moved, std::optional<Vec3> lesion_mm) {
  const Affine grid{{3, 0, 0}, {0, 0, -3}, {0, 6, 0}, {-120, -90, 150}};
  Volume<float> body(VolumeGeometry{80, 100, 30, grid, "1.2"});
  for (int k = 0; k < 30; ++k)
    for (int j = 0; j < 100; ++j)
      for (int i = 0; i < 80; ++i) {
        const Vec3 p = grid({double(i), double(j), double(k)});
        const bool in_lesion = lesion_mm && Norm(p - *lesion_mm) < 9;
        body.At(i, j, k) = static_cast<float>(scale) * (in_lesion ? 900 : Tissue(p - moved, kind));
      }
  return body;
}

TEST(SamePlaceTest, FindsThePlaceOfALesionThatIsGoneInABodyThatMoved) {
  const Vec3 then{10, -5, 20};
  for (const Vec3 moved : {Vec3{0, 0, 0}, Vec3{14, -9, 33}, Vec3{-31, 12, -40}}) {
    const auto now = SamePlace(Body(1, 1, {}, then), then, Body(1, 3, moved, std::nullopt),
                               {.guess_mm = then, .ignored_mm = 15});
    ASSERT_TRUE(now.has_value()) << moved.z;
    const Vec3 wrong = *now - (then + moved);
    EXPECT_LE(std::max(std::abs(wrong.x), std::abs(wrong.z)), 3) << moved.z;
    EXPECT_LE(std::abs(wrong.y), 6) << moved.z << ": a slice";
  }
}

TEST(SamePlaceTest, SaysNothingOfAnotherBodyOrOfNone) {
  const Vec3 then{10, -5, 20};
  const Volume<float> body = Body(1, 1, {}, then);
  EXPECT_FALSE(SamePlace(body, then, Body(1, 1, {}, {}), {.guess_mm = {1000, 0, 0}}).has_value());
  EXPECT_FALSE(SamePlace(body, then, Volume<float>(), {.guess_mm = then}).has_value());
  Volume<float> flat = Body(1, 1, {}, {});
  for (float& v : flat.voxels()) v = 100;
  EXPECT_FALSE(SamePlace(body, then, flat, {.guess_mm = then}).has_value());
}

}  // namespace
}  // namespace osteon
