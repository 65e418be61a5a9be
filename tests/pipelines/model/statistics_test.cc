// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/statistics.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(Statistics, SettleBetweenTwoValuesAsTheyAreNamed) {
  struct Case {
    std::vector<double> values;
    double share, lower, upper, interpolated;
  };
  for (const Case& c : {Case{{7}, 0, 7, 7, 7},
                        {{7}, 0.5, 7, 7, 7},
                        {{7}, 1, 7, 7, 7},
                        {{9, 1}, 0.5, 1, 9, 5},
                        {{3, 1, 2}, 0.5, 2, 2, 2},
                        {{4, 2, 1, 3}, 0.5, 2, 3, 2.5},
                        {{4, 2, 1, 3}, 0, 1, 1, 1},
                        {{4, 2, 1, 3}, 1, 4, 4, 4},
                        {{5, 3, 1, 2, 4}, 0.9, 4, 5, 4.6},
                        {{2, 2, 2, 8}, 0.25, 2, 2, 2}}) {
    EXPECT_EQ(LowerQuantile(std::vector(c.values), c.share), c.lower) << c.share;
    EXPECT_EQ(UpperQuantile(std::vector(c.values), c.share), c.upper) << c.share;
    EXPECT_NEAR(InterpolatedQuantile(c.values, c.share).value(), c.interpolated, 1e-12) << c.share;
  }
  EXPECT_EQ(InterpolatedQuantile({}, 0.5), std::nullopt);
}

TEST(Statistics, MeanIsTheSumOverTheNumber) {
  EXPECT_EQ(MeanOf(std::vector<double>{7}), 7);
  EXPECT_EQ(MeanOf(std::vector<float>{1, 2, 6}), 3);
}

TEST(Statistics, MedianIsTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(MedianOf(std::vector<float>{5}), 5);
  EXPECT_EQ(MedianOf(std::vector<float>{5, 1}), 3);
  EXPECT_EQ(MedianOf(std::vector<float>{9, 1, 5}), 5);
  EXPECT_EQ(MedianOf(std::vector<float>{8, 2, 6, 4, 9, 1}), 5);
}

}  // namespace
}  // namespace osteon
