// SPDX-License-Identifier: GPL-3.0-or-later
// The axes along which a set of points spreads.
#pragma once

#include <array>

#include "pipelines/model/geometry.h"

namespace osteon {

// Unit eigenvectors of a symmetric matrix, largest eigenvalue first; the sign of each is
// not defined. `m` holds xx, yy, zz, xy, xz, yz.
std::array<Vec3, 3> PrincipalAxes(const std::array<double, 6>& m);

}  // namespace osteon
