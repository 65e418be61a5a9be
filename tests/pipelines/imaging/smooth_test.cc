// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/smooth.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// The mean by its definition.
double MeanAround(const Volume<float>& v, const BoxRadius& r, int i, int j, int k) {
  double sum = 0;
  for (int c = k - r.slices; c <= k + r.slices; ++c) {
    for (int b = j - r.rows; b <= j + r.rows; ++b) {
      for (int a = i - r.columns; a <= i + r.columns; ++a) {
        if (v.Contains(a, b, c)) sum += v.At(a, b, c);
      }
    }
  }
  return sum / ((2 * r.columns + 1) * (2 * r.rows + 1) * (2 * r.slices + 1));
}

TEST(BoxMeanInPlace, IsTheMeanOfTheBoxAndZerosOutsideTheVolume) {
  const VolumeGeometry g{11, 7, 3, {{2, 0, 0}, {0, 2, 0}, {0, 0, 4}, {0, 0, 0}}, "1"};
  Volume<float> v(g);
  for (std::size_t n = 0; n < v.size(); ++n) v[n] = static_cast<float>(n * 37 % 101);
  // The last two reach beyond the volume on one axis or on all.
  for (const BoxRadius& radius : {BoxRadius{0, 0, 0}, BoxRadius{2, 1, 1}, BoxRadius{1, 3, 0},
                                  BoxRadius{3, 2, 5}, BoxRadius{20, 20, 20}}) {
    Volume<float> smoothed = v.Clone();
    BoxMeanInPlace(smoothed, radius);
    ForEachVoxel(g, [&](int i, int j, int k) {
      EXPECT_NEAR(smoothed.At(i, j, k), MeanAround(v, radius, i, j, k), 1e-4)
          << radius.columns << " at " << i << " " << j << " " << k;
    });
  }
}

TEST(SmoothInPlace, SpreadsAPointByItsSigma) {
  const VolumeGeometry g{81, 81, 41, {{2, 0, 0}, {0, 2, 0}, {0, 0, 4}, {0, 0, 0}}, "1"};
  Volume<float> v(g);
  v.At(40, 40, 20) = 1;
  constexpr double kSigmaMm = 14;
  SmoothInPlace(v, kSigmaMm);
  double mass = 0, xx = 0, zz = 0;
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        mass += v.At(i, j, k);
        xx += v.At(i, j, k) * std::pow(2.0 * (i - 40), 2);
        zz += v.At(i, j, k) * std::pow(4.0 * (k - 20), 2);
      }
    }
  }
  EXPECT_NEAR(mass, 1, 1e-3);
  EXPECT_NEAR(std::sqrt(xx), kSigmaMm, 0.1 * kSigmaMm);
  EXPECT_NEAR(std::sqrt(zz), kSigmaMm, 0.1 * kSigmaMm);
}

}  // namespace
}  // namespace osteon
