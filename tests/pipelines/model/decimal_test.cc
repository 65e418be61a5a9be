// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/decimal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace osteon {
namespace {

TEST(DecimalTest, SixSignificantDigitsWithoutNoise) {
  struct {
    double value;
    const char* text;
  } const cases[] = {{0, "0"},
                     {-0.0, "0"},
                     {12, "12"},
                     {0.1 + 0.2, "0.3"},
                     {1.0 / 3, "0.333333"},
                     {-1283.4567, "-1283.46"},
                     {1e-7, "1e-07"},
                     {123456789, "1.23457e+08"}};
  for (const auto& c : cases) EXPECT_EQ(DecimalText(c.value), c.text);
}

TEST(DecimalTest, FitsADecimalStringAndReadsBack) {
  for (double scale = 1e-12; scale < 1e15; scale *= 7.3) {
    for (double sign : {-1.0, 1.0}) {
      const double v = sign * scale * std::numbers::pi;
      EXPECT_LE(DecimalText(v).size(), 16u) << v;
      EXPECT_LE(PreciseDecimalText(v).size(), 16u) << v;
      EXPECT_EQ(std::stod(DecimalText(v)), RoundedDecimal(v)) << v;
      EXPECT_NEAR(std::stod(PreciseDecimalText(v)), v, std::abs(v) * 1e-5 + 1e-12);
    }
  }
  EXPECT_EQ(PreciseDecimalText(-std::sqrt(0.5)), "-0.7071067811865");
}

}  // namespace
}  // namespace osteon
