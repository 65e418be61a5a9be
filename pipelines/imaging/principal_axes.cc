// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/principal_axes.h"

#include <Eigen/Eigenvalues>

namespace osteon {

std::array<Vec3, 3> PrincipalAxes(const std::array<double, 6>& m) {
  Eigen::Matrix3d matrix;
  matrix << m[0], m[3], m[4], m[3], m[1], m[5], m[4], m[5], m[2];
  // QR steps, not the closed form, which loses digits where eigenvalues are close.
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(matrix);
  std::array<Vec3, 3> axes;
  for (int n = 0; n < 3; ++n) {
    const auto v = solver.eigenvectors().col(2 - n);  // Eigen sorts them upwards.
    axes[static_cast<std::size_t>(n)] = {v.x(), v.y(), v.z()};
  }
  return axes;
}

}  // namespace osteon
