// SPDX-License-Identifier: GPL-3.0-or-later
// Mean and order statistics. There are several definitions of a quantile between two values of a
// sample. Each has a name here, and a threshold stays with the one that it was chosen for. n values
// sorted are x[0] to x[n - 1]; `share` is 0 to 1.
//
// All but Interpolated and MeanOf need values of one type without not-a-number, REQUIRE one at
// least, reorder what they are given, and take time in proportion to n.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>
#include <vector>

namespace osteon {

// x[index].
template <std::ranges::random_access_range Values>
auto NthValue(Values&& values, std::size_t index) {
  const auto at = std::ranges::begin(values) + static_cast<std::ptrdiff_t>(index);
  std::ranges::nth_element(values, at);
  return *at;
}

// x[floor(share (n - 1))]: of two in the middle the lower one.
template <std::ranges::random_access_range Values>
auto LowerQuantile(Values&& values, double share) {
  return NthValue(
      values, static_cast<std::size_t>(share * static_cast<double>(std::ranges::size(values) - 1)));
}

// x[floor(share n)], x[n - 1] for a share of 1: of two in the middle the upper one.
template <std::ranges::random_access_range Values>
auto UpperQuantile(Values&& values, double share) {
  const std::size_t n = std::ranges::size(values);
  return NthValue(values,
                  std::min(n - 1, static_cast<std::size_t>(share * static_cast<double>(n))));
}

// The middle value, or the mean of the two in the middle.
template <std::ranges::random_access_range Values>
double MedianOf(Values&& values) {
  const std::size_t n = std::ranges::size(values);
  const auto upper = static_cast<double>(NthValue(values, n / 2));
  if (n % 2 == 1) return upper;
  const auto middle = std::ranges::begin(values) + static_cast<std::ptrdiff_t>(n / 2);
  return 0.5 * (upper + static_cast<double>(*std::max_element(std::ranges::begin(values), middle)));
}

// REQUIRES one value at least.
template <std::ranges::sized_range Values>
double MeanOf(const Values& values) {
  double sum = 0;
  for (const auto& value : values) sum += static_cast<double>(value);
  return sum / static_cast<double>(std::ranges::size(values));
}

// Linear between x[floor(share (n - 1))] and the next (type 7 of Hyndman and Fan 1996, the default
// of NumPy and R). nullopt of nothing.
inline std::optional<double> InterpolatedQuantile(std::vector<double> values, double share) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace osteon
