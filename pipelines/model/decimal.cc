// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/decimal.h"

#include <array>
#include <charconv>
#include <cmath>

#include "pipelines/base/result.h"

namespace osteon {
namespace {

// std::to_chars knows no locale, unlike printf.
std::string General(double v, int digits) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v,
                                 std::chars_format::general, digits)
                       .ptr;
  return std::string(buffer.data(), end);
}

}  // namespace

std::string DecimalText(double v) {
  Check(std::isfinite(v), "DecimalText: not finite");
  return General(v == 0 ? 0.0 : v, 6);  // -0 is 0.
}

double RoundedDecimal(double v) {
  const std::string text = DecimalText(v);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

std::string PreciseDecimalText(double v) {
  Check(std::isfinite(v), "PreciseDecimalText: not finite");
  if (std::abs(v) < 1e-12) return "0";  // Noise of a rotation.
  std::string text;
  for (int digits = 15; digits >= 6; --digits) {
    text = General(v, digits);
    if (text.size() <= 16) break;
  }
  return text;
}

}  // namespace osteon
