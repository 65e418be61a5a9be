// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/plane_fit.h"

#include <gtest/gtest.h>

#include <vector>

namespace osteon {
namespace {

TEST(FitPlane, FindsAPlaneAndIsLevelWherePointsDoNotSay) {
  std::vector<HeightAt> wide, line;
  for (int u = -20; u <= 20; ++u) {
    for (int v = -10; v <= 10; ++v) wide.push_back({1.0 * u, 1.0 * v, 30 + 0.4 * u - 0.1 * v});
    line.push_back({1.0 * u, 0, 30 + 0.4 * u});
  }
  const TiltedPlane plane = FitPlane(wide, 10);
  EXPECT_NEAR(plane.at, 30, 1e-6);
  EXPECT_NEAR(plane.tilt_u, 0.4, 1e-3);
  EXPECT_NEAR(plane.tilt_v, -0.1, 1e-3);

  EXPECT_NEAR(FitPlane(line, 10).tilt_v, 0, 1e-9) << "a line says nothing about v";
  const std::vector<HeightAt> one = {{5, 5, 12}};
  EXPECT_NEAR(FitPlane(one, 10).at, 12, 1e-6);
  EXPECT_NEAR(FitPlane(one, 10).tilt_u, 0, 1e-6);
}

}  // namespace
}  // namespace osteon
