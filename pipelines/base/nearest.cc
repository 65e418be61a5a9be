// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace osteon {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  // One row of the usual table: row[j] is the distance between the prefix of `a` read so far and
  // b[0, j).
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::string_view NearestName(std::string_view name, std::span<const std::string_view> known) {
  const auto nearest = std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
    return EditDistance(name, a) < EditDistance(name, b);
  });
  return nearest == known.end() ? std::string_view{} : *nearest;
}

}  // namespace osteon
