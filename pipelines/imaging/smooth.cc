// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/smooth.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace osteon {
namespace {

// Replaces each of `length` values, `stride` apart, by the mean of 2 * radius + 1 values around it;
// those beyond the ends are 0.
void BoxMean(float* line, int length, std::size_t stride, int radius, std::vector<float>& copy) {
  copy.resize(static_cast<std::size_t>(length));
  for (int n = 0; n < length; ++n) {
    copy[static_cast<std::size_t>(n)] = line[static_cast<std::size_t>(n) * stride];
  }
  const double scale = 1.0 / (2 * radius + 1);
  double sum = 0;
  for (int n = 0; n < std::min(radius, length); ++n) sum += copy[static_cast<std::size_t>(n)];
  for (int n = 0; n < length; ++n) {
    if (n + radius < length) sum += copy[static_cast<std::size_t>(n + radius)];
    line[static_cast<std::size_t>(n) * stride] = static_cast<float>(sum * scale);
    if (n - radius >= 0) sum -= copy[static_cast<std::size_t>(n - radius)];
  }
}

// A Gaussian has the variance sigma^2, three boxes that of 2 * radius + 1 voxels: ((2r + 1)^2 - 1)
// / 4.
int RadiusFor(double sigma_mm, double spacing_mm) {
  const double sigma = sigma_mm / spacing_mm;
  return static_cast<int>(std::lround((std::sqrt(4 * sigma * sigma + 1) - 1) / 2));
}

}  // namespace

void SmoothInPlace(Volume<float>& volume, double sigma_mm) {
  const VolumeGeometry& g = volume.geometry();
  const Vec3 spacing = g.spacing_mm();
  const auto columns = static_cast<std::size_t>(g.columns);
  const std::size_t slice = columns * static_cast<std::size_t>(g.rows);
  std::vector<float> copy;
  constexpr int kPasses = 3;  // Wells 1986.
  for (int pass = 0; pass < kPasses; ++pass) {
    for (int k = 0; k < g.slices; ++k) {
      for (int j = 0; j < g.rows; ++j) {
        BoxMean(&volume.At(0, j, k), g.columns, 1, RadiusFor(sigma_mm, spacing.x), copy);
      }
      for (int i = 0; i < g.columns; ++i) {
        BoxMean(&volume.At(i, 0, k), g.rows, columns, RadiusFor(sigma_mm, spacing.y), copy);
      }
    }
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        BoxMean(&volume.At(i, j, 0), g.slices, slice, RadiusFor(sigma_mm, spacing.z), copy);
      }
    }
  }
}

}  // namespace osteon
