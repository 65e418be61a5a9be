// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/adc_unit.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

constexpr double kLeastMedian = 200, kMostMedian = 5000;  // Marrow 400, water 3000; chosen.
constexpr std::size_t kLeastValues = 100;                 // Of a median. Chosen.

// The units by their um2/s; scanners write the first.
struct Unit {
  double um2_per_s;
  std::string_view name;
};
constexpr std::array<Unit, 4> kUnits = {
    {{1, "10-6 mm2/s"}, {1e3, "10-3 mm2/s"}, {1e6, "mm2/s"}, {1e12, "m2/s"}}};

// Lower case, without the characters in which spellings differ; superscript two and micro sign
// become ASCII.
std::string Plain(std::string_view text) {
  std::string out;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const std::string_view two = text.substr(n, 2);
    if (two == "\xC2\xB2" || two == "\xC2\xB5" || two == "\xCE\xBC" || two == "\xC3\x97") {
      out += two == "\xC2\xB2" ? "2" : two == "\xC3\x97" ? "" : "u";
      ++n;
    } else if (text[n] == '\xB2') {
      out += '2';
    } else if (text[n] == '\xB5') {
      out += 'u';
    } else if (std::string_view(" *^.()[]{}_").find(text[n]) == std::string_view::npos) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(text[n])));
    }
  }
  return out;
}

// "" is 1, "10-3", "1e-3", "e-3" and "x10-3" are a thousandth.
std::optional<double> PowerOfTen(std::string_view text) {
  if (text.empty()) return 1;
  if (text.front() == 'x') text.remove_prefix(1);
  for (const std::string_view base : {"10e", "1e", "10", "e"}) {
    if (!text.starts_with(base)) continue;
    text.remove_prefix(base.size());
    int exponent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (exponent > 0 || exponent < -15) return std::nullopt;
    return std::pow(10.0, exponent);
  }
  return std::nullopt;
}

bool FitsTissue(double median, double um2_per_s) {
  return median * um2_per_s >= kLeastMedian && median * um2_per_s <= kMostMedian;
}

// 0 when there are fewer than kLeastValues.
double MedianOfPositive(std::span<const float> all) {
  std::vector<float> values;
  for (const float v : all) {
    if (v > 0) values.push_back(v);
  }
  if (values.size() < kLeastValues) return 0;
  return static_cast<double>(UpperQuantile(values, 0.5));
}

}  // namespace

std::optional<double> DiffusivityUnit(std::string_view text) {
  const std::string plain = Plain(text);
  constexpr std::array<std::pair<std::string_view, double>, 8> kEndings = {{{"um2/ms", 1e3},
                                                                            {"um2/sec", 1},
                                                                            {"um2/s", 1},
                                                                            {"cm2/s", 1e8},
                                                                            {"mm2/sec", 1e6},
                                                                            {"mm2/s", 1e6},
                                                                            {"m2/sec", 1e12},
                                                                            {"m2/s", 1e12}}};
  for (const auto& [ending, um2_per_s] : kEndings) {
    if (!plain.ends_with(ending)) continue;
    const auto power = PowerOfTen(std::string_view(plain).substr(0, plain.size() - ending.size()));
    if (!power) return std::nullopt;
    // Removes the rounding error of the product.
    return std::pow(10.0, std::round(std::log10(um2_per_s * *power)));
  }
  return std::nullopt;
}

AdcUnit TellAdcUnit(std::optional<double> stated, std::span<const float> values) {
  const double median = MedianOfPositive(values);
  if (stated && (median == 0 || FitsTissue(median, *stated))) {
    return {AdcUnitFrom::kStated, *stated};
  }
  for (const Unit& unit : kUnits) {
    if (!FitsTissue(median, unit.um2_per_s)) continue;
    if (stated) return {AdcUnitFrom::kContradicted, unit.um2_per_s};
    return {unit.um2_per_s == 1 ? AdcUnitFrom::kUsual : AdcUnitFrom::kGuessed, unit.um2_per_s};
  }
  return {};
}

std::string_view AdcUnitName(double um2_per_s) {
  for (const Unit& unit : kUnits) {
    if (unit.um2_per_s == um2_per_s) return unit.name;
  }
  return "another unit";
}

}  // namespace osteon
