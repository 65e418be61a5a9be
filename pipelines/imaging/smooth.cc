// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/smooth.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

namespace osteon {
namespace {

// Mean along the middle axis of an array [outer][size][inner], by a running sum: values enter it
// `radius` places ahead and leave it `radius` places behind. `inner` is a number, or a constant
// that the compiler sees.
template <typename Count>
void MeanAlong(float* values, std::size_t outer, std::size_t size, Count inner, int radius) {
  const auto reach = static_cast<std::size_t>(radius);
  const double scale = 1.0 / (2 * radius + 1);
  const std::vector<float> outside(inner);
  std::vector<float> before;
  std::vector<double> sums;
  for (std::size_t o = 0; o < outer; ++o) {
    float* slab = values + o * size * inner;
    before.assign(slab, slab + size * inner);
    sums.assign(inner, 0);
    for (std::size_t n = 0; n < std::min(reach, size) * inner; ++n) sums[n % inner] += before[n];
    for (std::size_t n = 0; n < size; ++n) {
      const float* enters = n + reach < size ? &before[(n + reach) * inner] : outside.data();
      const float* leaves = n >= reach ? &before[(n - reach) * inner] : outside.data();
      for (std::size_t i = 0; i < inner; ++i) {
        sums[i] += enters[i];
        slab[n * inner + i] = static_cast<float>(sums[i] * scale);
        sums[i] -= leaves[i];
      }
    }
  }
}

// A Gaussian has the variance sigma^2, three boxes that of 2 * radius + 1 voxels: ((2r + 1)^2 - 1)
// / 4.
int RadiusFor(double sigma_mm, double spacing_mm) {
  const double sigma = sigma_mm / spacing_mm;
  return static_cast<int>(std::lround((std::sqrt(4 * sigma * sigma + 1) - 1) / 2));
}

}  // namespace

void BoxMeanInPlace(Volume<float>& volume, const BoxRadius& radius) {
  const auto columns = static_cast<std::size_t>(volume.geometry().columns);
  const auto rows = static_cast<std::size_t>(volume.geometry().rows);
  const auto slices = static_cast<std::size_t>(volume.geometry().slices);
  float* values = volume.voxels().data();
  MeanAlong(values, slices * rows, columns, std::integral_constant<std::size_t, 1>(),
            radius.columns);
  MeanAlong(values, slices, rows, columns, radius.rows);
  MeanAlong(values, 1, slices, rows * columns, radius.slices);
}

void SmoothInPlace(Volume<float>& volume, double sigma_mm) {
  const Vec3 spacing = volume.geometry().spacing_mm();
  const BoxRadius radius{RadiusFor(sigma_mm, spacing.x), RadiusFor(sigma_mm, spacing.y),
                         RadiusFor(sigma_mm, spacing.z)};
  constexpr int kPasses = 3;  // Wells 1986.
  for (int pass = 0; pass < kPasses; ++pass) BoxMeanInPlace(volume, radius);
}

}  // namespace osteon
