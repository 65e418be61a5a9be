// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/padding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace osteon {
namespace {

constexpr float kNoVoxel = std::numeric_limits<float>::quiet_NaN();
// Both chosen: padding.h.
constexpr double kApartShare = 0.02;
constexpr double kLeastAreaShare = 0.01;

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void Take(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  bool empty() const { return low > high; }
};

// Whether no measured voxel can have the padding's value.
bool LiesApart(const Volume<float>& voxels, const Volume<std::uint8_t>& marks) {
  Extent padding, others;
  for (std::size_t n = 0; n < voxels.size(); ++n) {
    if (marks[n] == kMayBePadding) padding.Take(static_cast<double>(voxels[n]));
    if (marks[n] == kNoPadding) others.Take(static_cast<double>(voxels[n]));
  }
  if (padding.empty() || others.empty()) return true;
  // 0 is also a signal void, even where thresholding has removed all values between it and tissue.
  if (padding.low <= 0 && padding.high >= 0 && others.low >= 0) return false;
  if (padding.high < 0 && others.low >= 0) return true;
  const double gap = kApartShare * (others.high - others.low);
  return padding.high < others.low - gap || padding.low > others.high + gap;
}

// The marked pixels of the slice that are 4-connected with `start`; clears their marks.
std::vector<std::size_t> TakeArea(std::size_t start, std::size_t columns,
                                  std::span<std::uint8_t> open) {
  std::vector<std::size_t> area = {start};
  open[start] = 0;
  for (std::size_t at = 0; at < area.size(); ++at) {
    const std::size_t n = area[at];
    const auto take = [&](bool there, std::size_t m) {
      if (!there || open[m] == 0) return;
      open[m] = 0;
      area.push_back(m);
    };
    take(n % columns > 0, n - 1);
    take(n % columns + 1 < columns, n + 1);
    take(n >= columns, n - columns);
    take(n + columns < open.size(), n + columns);
  }
  return area;
}

void RemoveFromTheEdge(std::span<float> slice, std::span<const std::uint8_t> marks,
                       std::size_t columns) {
  std::vector<std::uint8_t> open(marks.begin(), marks.end());
  const std::size_t rows = slice.size() / columns;
  const auto start_at = [&](std::size_t n) {
    if (open[n] == 0) return;
    const auto area = TakeArea(n, columns, open);
    if (static_cast<double>(area.size()) < kLeastAreaShare * static_cast<double>(slice.size()))
      return;
    for (const std::size_t m : area) slice[m] = kNoVoxel;
  };
  for (std::size_t i = 0; i < columns; ++i) {
    start_at(i);
    start_at((rows - 1) * columns + i);
  }
  for (std::size_t j = 0; j < rows; ++j) {
    start_at(j * columns);
    start_at((j + 1) * columns - 1);
  }
}

}  // namespace

void RemovePadding(Volume<float>& voxels, const Volume<std::uint8_t>& marks) {
  Check(voxels.size() == marks.size(), "RemovePadding: marks of another size");
  const bool everywhere = LiesApart(voxels, marks);
  const auto columns = static_cast<std::size_t>(voxels.geometry().columns);
  for (int k = 0; !everywhere && k < voxels.geometry().slices; ++k) {
    RemoveFromTheEdge(voxels.Slice(k), marks.Slice(k), columns);
  }
  for (std::size_t n = 0; n < voxels.size(); ++n) {
    if (marks[n] == kSurelyPadding || (everywhere && marks[n] != kNoPadding)) voxels[n] = kNoVoxel;
  }
}

}  // namespace osteon
