// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/principal_axes.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(PrincipalAxes, AreOrthonormalAndOrdered) {
  const auto axes = PrincipalAxes({4, 9, 1, 1.5, 0.2, -0.4});
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      EXPECT_NEAR(Dot(axes[std::size_t(a)], axes[std::size_t(b)]), a == b ? 1 : 0, 1e-12);
    }
  const auto along = [](Vec3 v) {
    return 4 * v.x * v.x + 9 * v.y * v.y + v.z * v.z +
           2 * (1.5 * v.x * v.y + 0.2 * v.x * v.z - 0.4 * v.y * v.z);
  };
  EXPECT_GT(along(axes[0]), along(axes[1]));
  EXPECT_GT(along(axes[1]), along(axes[2]));
  EXPECT_NEAR(along(axes[0]) + along(axes[1]) + along(axes[2]), 14, 1e-9) << "the trace is kept";
}

}  // namespace
}  // namespace osteon
