// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/plane_fit.h"

#include <Eigen/Dense>

namespace osteon {

TiltedPlane FitPlane(std::span<const HeightAt> points, double level) {
  Eigen::Matrix3d square = Eigen::Vector3d(0, level, level).asDiagonal();
  Eigen::Vector3d right = Eigen::Vector3d::Zero();
  for (const HeightAt& p : points) {
    const Eigen::Vector3d row(1, p.u, p.v);
    square += row * row.transpose();
    right += p.height * row;
  }
  const Eigen::Vector3d fit = square.ldlt().solve(right);
  return {fit[0], fit[1], fit[2]};
}

}  // namespace osteon
