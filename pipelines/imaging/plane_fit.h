// SPDX-License-Identifier: GPL-3.0-or-later
// The plane through points that are heights over a second plane.
#pragma once

#include <span>

namespace osteon {

struct HeightAt {
  double u = 0, v = 0, height = 0;  // All in one unit of length.
};

// height = at + tilt_u u + tilt_v v.
struct TiltedPlane {
  double at = 0, tilt_u = 0, tilt_v = 0;
};

// Least squares of the heights. `level` (unit of length squared, above 0) pulls both tilts towards
// 0 as a ridge: much where the points lie close together or in one line, little where they spread
// further than its root. REQUIRES: one point at least.
TiltedPlane FitPlane(std::span<const HeightAt> points, double level);

}  // namespace osteon
