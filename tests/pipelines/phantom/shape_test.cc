// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/shape.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

TEST(Shape, DepthIsZeroAtTheSurfaceAndGrowsInwards) {
  const Frame frame;
  std::vector<Piece> tube, ball, drum;
  AddTube(tube, frame, {{{0, 0, 0}, 10, 6}, {{0, 0, 100}, 10, 6}});
  AddEllipsoid(ball, frame, {0, 0, 50}, {20, 10, 30});
  AddDrum(drum, frame, {0, 0, 50}, {20, 15, 8});
  struct Case {
    const char* name;
    const std::vector<Piece>& pieces;
    Vec3 point;
    double depth_mm, tolerance_mm;
  };
  const Case cases[] = {
      {"tube, wide side", tube, {9.999, 0, 50}, 0, 0.01},
      {"tube, narrow side", tube, {0, 5.999, 50}, 0, 0.01},
      {"tube, 2 mm under the surface", tube, {0, 4, 50}, 2, 0.4},
      {"tube, in its cap", tube, {0, 0, 104}, 2, 0.4},
      {"ellipsoid, tip", ball, {0, 0, 79.999}, 0, 0.01},
      {"ellipsoid, 3 mm under the side", ball, {17, 0, 50}, 3, 0.6},
      {"drum, under its flat end", drum, {0, 0, 56}, 2, 0.01},
      {"drum, near its rim but under the end", drum, {15, 0, 57}, 1, 0.01},
  };
  for (const Case& c : cases) {
    EXPECT_NEAR(DepthIn(c.pieces, c.point), c.depth_mm, c.tolerance_mm) << c.name;
  }
  EXPECT_LT(DepthIn(tube, {10.01, 0, 50}), 0);
  EXPECT_LT(DepthIn(tube, {0, 0, 106.1}), 0);
  EXPECT_LT(DepthIn(drum, {0, 0, 58.1}), 0);
}

TEST(Shape, BoundsHoldEveryPointInside) {
  Frame turned = Frame{}.Flexed(30).Abducted(20).TurnedOut(50);
  turned.origin = {5, -7, 11};
  std::vector<Piece> pieces;
  AddTube(pieces, turned, {{{0, 0, 0}, 8, 5}, {{10, 5, -60}, 14, 9}});
  AddEllipsoid(pieces, turned, {30, 0, 0}, {40, 6, 20});
  pieces.back().bend_per_mm = 0.003;
  const PatientBox box = BoundsOf(pieces);
  Random random(7, "bounds");
  int inside = 0;
  for (int n = 0; n < 200000; ++n) {
    const Vec3 p{random.Uniform(-120, 120), random.Uniform(-120, 120), random.Uniform(-120, 120)};
    if (DepthIn(pieces, p) < 0) continue;
    ++inside;
    ASSERT_TRUE(p.x >= box.low.x && p.x <= box.high.x && p.y >= box.low.y && p.y <= box.high.y &&
                p.z >= box.low.z && p.z <= box.high.z);
  }
  EXPECT_GT(inside, 500);
}

TEST(Random, MomentsAreThoseOfTheDistribution) {
  Random random(3, "moments");
  double sum = 0, squares = 0, noise = 0, noise_squares = 0;
  constexpr int kCount = 50000;
  for (int n = 0; n < kCount; ++n) {
    const double x = random.Normal(), e = NoiseAt(11, static_cast<std::uint64_t>(n));
    sum += x;
    squares += x * x;
    noise += e;
    noise_squares += e * e;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.03);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
  EXPECT_NEAR(noise / kCount, 0, 0.03);
  EXPECT_NEAR(noise_squares / kCount, 1, 0.03);
}

TEST(Random, StreamsOfDifferentPurposeDiffer) {
  Random a(5, "plan"), again(5, "plan"), b(5, "lesions"), c(6, "plan");
  const std::uint64_t first = a.Bits();
  EXPECT_EQ(first, again.Bits());
  EXPECT_NE(first, b.Bits());
  EXPECT_NE(first, c.Bits());
}

}  // namespace
}  // namespace osteon::phantom
