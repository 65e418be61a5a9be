// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/label_boxes.h"

#include <algorithm>
#include <cstring>

namespace osteon {
namespace {

// The first column from `i` on that has a label; four at a time, since few voxels of a body have
// one.
std::size_t NextLabel(std::span<const std::uint16_t> row, std::size_t i) {
  for (std::uint64_t four = 0; i + 4 <= row.size(); i += 4) {
    std::memcpy(&four, row.data() + i, sizeof four);
    if (four != 0) break;
  }
  while (i < row.size() && row[i] == 0) ++i;
  return i;
}

}  // namespace

void LabelBox::Add(int i, int j, int k) {
  low = {std::min(low.i, i), std::min(low.j, j), std::min(low.k, k)};
  high = {std::max(high.i, i), std::max(high.j, j), std::max(high.k, k)};
}

std::vector<LabelBox> LabelBoxes(const Volume<std::uint16_t>& labels) {
  std::vector<LabelBox> boxes(1);
  const auto columns = static_cast<std::size_t>(labels.geometry().columns);
  for (int k = 0; k < labels.geometry().slices; ++k) {
    for (int j = 0; j < labels.geometry().rows; ++j) {
      const auto row = labels.voxels().subspan(labels.Index(0, j, k), columns);
      for (std::size_t i = NextLabel(row, 0); i < columns; i = NextLabel(row, i + 1)) {
        if (row[i] >= boxes.size()) boxes.resize(row[i] + std::size_t{1});
        boxes[row[i]].Add(static_cast<int>(i), j, k);
      }
    }
  }
  return boxes;
}

}  // namespace osteon
