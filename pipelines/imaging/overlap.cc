// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/overlap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

// The share of voxels, brightest first, that gains are compared in. Chosen: tissue and not noise.
constexpr double kBrightShare = 0.4;
// Every second voxel along each axis is correlated. Chosen: an eighth of the time, and an overlap
// still has thousands of voxels.
constexpr int kCorrelationStep = 2;

void CheckSameSize(const Volume<float>& a, const Volume<float>& b) {
  Check(a.geometry().columns == b.geometry().columns && a.geometry().rows == b.geometry().rows &&
            a.geometry().slices == b.geometry().slices,
        "overlap of volumes of different size");
}

// Pearson correlation of a(i, j) with b(i - di, j - dj).
double Correlation(const Volume<float>& a, const Volume<float>& b, int di, int dj) {
  const VolumeGeometry& g = a.geometry();
  double n = 0, sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (int k = 0; k < g.slices; k += kCorrelationStep) {
    for (int j = std::max(0, dj); j < g.rows + std::min(0, dj); j += kCorrelationStep) {
      for (int i = std::max(0, di); i < g.columns + std::min(0, di); i += kCorrelationStep) {
        const double va = a.At(i, j, k);
        const double vb = b.At(i - di, j - dj, k);
        if (std::isnan(va + vb)) continue;
        n += 1;
        sum_a += va;
        sum_b += vb;
        sum_aa += va * va;
        sum_bb += vb * vb;
        sum_ab += va * vb;
      }
    }
  }
  const double variance_a = n * sum_aa - sum_a * sum_a;
  const double variance_b = n * sum_bb - sum_b * sum_b;
  if (variance_a <= 0 || variance_b <= 0) return 0;
  return (n * sum_ab - sum_a * sum_b) / std::sqrt(variance_a * variance_b);
}

}  // namespace

std::optional<double> MedianLogRatio(const Volume<float>& a, const Volume<float>& b,
                                     std::size_t least_voxels) {
  CheckSameSize(a, b);
  struct Pair {
    float product, log_ratio;
  };
  std::vector<Pair> pairs;
  for (std::size_t n = 0; n < a.size(); ++n) {
    if (!(a[n] > 0) || !(b[n] > 0)) continue;
    pairs.push_back({a[n] * b[n], std::log(b[n] / a[n])});
  }
  const auto bright = static_cast<std::size_t>(kBrightShare * static_cast<double>(pairs.size()));
  if (bright < least_voxels) return std::nullopt;
  const auto end = pairs.begin() + static_cast<std::ptrdiff_t>(bright);
  std::nth_element(pairs.begin(), end, pairs.end(),
                   [](const Pair& p, const Pair& q) { return p.product > q.product; });
  std::vector<float> log_ratios(bright);
  std::transform(pairs.begin(), end, log_ratios.begin(), [](const Pair& p) { return p.log_ratio; });
  return UpperQuantile(log_ratios, 0.5);
}

Displacement FindDisplacement(const Volume<float>& a, const Volume<float>& b, double reach_mm) {
  CheckSameSize(a, b);
  const Vec3 spacing = a.geometry().spacing_mm();
  const int reach_i = static_cast<int>(reach_mm / spacing.x);
  const int reach_j = std::min(static_cast<int>(reach_mm / spacing.y), a.geometry().rows / 2);
  Displacement best;
  best.correlation_unmoved = Correlation(a, b, 0, 0);
  best.correlation = best.correlation_unmoved;
  for (int dj = -reach_j; dj <= reach_j; ++dj) {
    for (int di = -reach_i; di <= reach_i; ++di) {
      const double correlation = Correlation(a, b, di, dj);
      if (correlation <= best.correlation) continue;
      best.correlation = correlation;
      best.along_i_mm = di * spacing.x;
      best.along_j_mm = dj * spacing.y;
    }
  }
  return best;
}

}  // namespace osteon
