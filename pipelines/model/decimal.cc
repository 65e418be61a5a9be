// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/decimal.h"

#include <array>
#include <charconv>
#include <cmath>

#include "pipelines/base/result.h"

namespace osteon {
namespace {

// DS holds 16 characters (PS3.5 6.2). Six digits: enough for every quantity of a report. Chosen. 15
// are all that a double holds of a decimal.
constexpr int kDigits = 6, kMostDigits = 15;
constexpr std::size_t kMostCharacters = 16;
// Smaller numbers are rounding errors of a rotation. Chosen.
constexpr double kZero = 1e-12;

// std::to_chars does not depend on the locale, printf does.
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
  return General(v == 0 ? 0.0 : v, kDigits);  // -0 is 0.
}

double RoundedDecimal(double v) {
  const std::string text = DecimalText(v);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

std::string FixedText(double v, int decimals) {
  Check(std::isfinite(v), "FixedText: not finite");
  std::array<char, 400> buffer;  // The largest double has 309 digits.
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(v * scale) / scale + 0.0;  // + 0.0: no "-0".
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return std::string(buffer.data(), end);
}

int VolumeDecimals(double ml) {
  const double size = std::abs(ml);
  return size >= 99.95 ? 0 : size >= 0.995 ? 1 : 2;
}

std::string PreciseDecimalText(double v) {
  Check(std::isfinite(v), "PreciseDecimalText: not finite");
  if (std::abs(v) < kZero) return "0";
  std::string text;
  for (int digits = kMostDigits; digits >= kDigits; --digits) {
    text = General(v, digits);
    if (text.size() <= kMostCharacters) break;
  }
  return text;
}

}  // namespace osteon
