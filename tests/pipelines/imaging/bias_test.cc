// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/bias.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "pipelines/imaging/overlap.h"

namespace osteon {
namespace {

constexpr float kMuscle = 200;
constexpr float kOrgan = 500;

VolumeGeometry BodyBox() {
  return {100, 300, 20, {{4, 0, 0}, {0, 0, -4}, {0, 10, 0}, {-200, -100, 600}}, "1.2.3"};
}

// A box of muscle in air with bright organs scattered in it, and where the muscle is.
struct Body {
  Volume<float> signal{BodyBox()};
  std::vector<std::size_t> muscle;
};
Body MakeBody() {
  Body body;
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0, 8);
  const VolumeGeometry g = BodyBox();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const bool tissue = i >= 15 && i < 85 && k >= 2 && k < 18;
        const bool organ = tissue && (i / 10 + j / 10 + k / 4) % 4 == 0;
        body.signal.At(i, j, k) = std::abs((organ ? kOrgan : tissue ? kMuscle : 0) + noise(random));
        if (tissue && !organ) body.muscle.push_back(body.signal.Index(i, j, k));
      }
    }
  }
  return body;
}

// Standard deviation of the logarithm of muscle after smoothing out noise by blocks of neighbours.
double Unevenness(const Body& body) {
  double sum = 0;
  double sum_squares = 0;
  const auto n = static_cast<double>(body.muscle.size());
  for (const std::size_t v : body.muscle) {
    const double x = std::log(body.signal[v]);
    sum += x;
    sum_squares += x * x;
  }
  return std::sqrt(sum_squares / n - sum / n * (sum / n));
}

TEST(CorrectBias, EvensASmoothGainAndKeepsTheLevel) {
  Body body = MakeBody();
  const double clean = Unevenness(body);
  const VolumeGeometry g = BodyBox();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        body.signal.At(i, j, k) *=
            static_cast<float>(std::exp(0.4 * std::sin(j * 0.025) + 0.3 * (i - 50) / 50.0));
      }
    }
  }
  const double biased = Unevenness(body);
  CorrectBias(body.signal, {});
  const double corrected = Unevenness(body);
  EXPECT_GT(biased, 5 * clean);
  EXPECT_LT(corrected, clean + 0.25 * (biased - clean));
  double mean = 0;
  for (const std::size_t v : body.muscle) mean += body.signal[v];
  EXPECT_NEAR(mean / static_cast<double>(body.muscle.size()), kMuscle, 0.15 * kMuscle);
}

TEST(CorrectBias, DoesNotFlattenALesion) {
  Body body = MakeBody();
  const VolumeGeometry g = BodyBox();
  std::vector<std::size_t> lesion;
  for (int k = 8; k < 12; ++k) {
    for (int j = 150; j < 160; ++j) {
      for (int i = 40; i < 50; ++i) {
        body.signal.At(i, j, k) = 450;
        lesion.push_back(body.signal.Index(i, j, k));
      }
    }
  }
  CorrectBias(body.signal, {});
  for (const std::size_t v : lesion) EXPECT_NEAR(body.signal[v], 450, 45);
}

TEST(CorrectBias, LeavesAirAndEmptinessAlone) {
  Volume<float> nothing(BodyBox());
  CorrectBias(nothing, {});
  for (const float v : nothing.voxels()) ASSERT_EQ(v, 0);
}

TEST(CorrectBias, IsTheSameEveryTime) {
  Body first = MakeBody();
  Body second = MakeBody();
  CorrectBias(first.signal, {});
  CorrectBias(second.signal, {});
  for (std::size_t n = 0; n < first.signal.size(); ++n) {
    ASSERT_EQ(first.signal[n], second.signal[n]);
  }
}

Volume<float> Texture(int shift_i, int shift_j) {
  Volume<float> v({60, 30, 8, {{1.5, 0, 0}, {0, 1.5, 0}, {0, 0, 6}, {0, 0, 0}}, "1"});
  for (int k = 0; k < 8; ++k) {
    for (int j = 0; j < 30; ++j) {
      for (int i = 0; i < 60; ++i) {
        const double x = 0.35 * (i - shift_i) + k;
        const double y = 0.5 * (j - shift_j);
        v.At(i, j, k) = static_cast<float>(100 + 40 * std::sin(x) * std::cos(y) + 20 * std::sin(y));
      }
    }
  }
  return v;
}

TEST(MedianLogRatio, FindsAGainWhateverAFewVoxelsSay) {
  const Volume<float> a = Texture(0, 0);
  Volume<float> b = Texture(0, 0);
  for (float& v : b.voxels()) v *= 1.7F;
  for (std::size_t n = 0; n < b.size(); n += 9) b[n] *= 20;
  const auto ratio = MedianLogRatio(a, b);
  ASSERT_TRUE(ratio.has_value());
  EXPECT_NEAR(*ratio, std::log(1.7), 0.01);
}

TEST(MedianLogRatio, SaysNothingOfTooLittle) {
  Volume<float> a({10, 10, 1, {}, "1"});
  Volume<float> b({10, 10, 1, {}, "1"});
  EXPECT_FALSE(MedianLogRatio(a, b).has_value());
}

TEST(FindDisplacement, FindsWhatWasMoved) {
  const Displacement d = FindDisplacement(Texture(0, 0), Texture(-2, 4), 9);
  EXPECT_NEAR(d.along_i_mm, 3.0, 1e-9);
  EXPECT_NEAR(d.along_j_mm, -6.0, 1e-9);
  EXPECT_GT(d.correlation, 0.99);
  EXPECT_LT(d.correlation_unmoved, 0.9);
}

TEST(FindDisplacement, LeavesWhatFits) {
  const Displacement d = FindDisplacement(Texture(0, 0), Texture(0, 0), 9);
  EXPECT_EQ(d.along_i_mm, 0);
  EXPECT_EQ(d.along_j_mm, 0);
}

}  // namespace
}  // namespace osteon
