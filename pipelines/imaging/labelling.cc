// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/labelling.h"

#include <algorithm>
#include <array>

#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// Of the 26 neighbours those that come before a voxel in memory.
constexpr std::array<VoxelIndex, 13> kEarlier = {{{-1, -1, -1},
                                                  {0, -1, -1},
                                                  {1, -1, -1},
                                                  {-1, 0, -1},
                                                  {0, 0, -1},
                                                  {1, 0, -1},
                                                  {-1, 1, -1},
                                                  {0, 1, -1},
                                                  {1, 1, -1},
                                                  {-1, -1, 0},
                                                  {0, -1, 0},
                                                  {1, -1, 0},
                                                  {-1, 0, 0}}};

// Provisional labels and which of them are one component (union-find with path halving).
class Provisional {
 public:
  std::int32_t Add() {
    parents_.push_back(static_cast<std::int32_t>(parents_.size()));
    return parents_.back();
  }
  std::int32_t RootOf(std::int32_t label) {
    while (Parent(label) != label) label = Parent(label) = Parent(Parent(label));
    return label;
  }
  // The lower root stays, so that roots are in the order of their first voxels.
  std::int32_t Join(std::int32_t a, std::int32_t b) {
    const auto [low, high] = std::minmax({RootOf(a), RootOf(b)});
    return Parent(high) = low;
  }
  std::size_t size() const { return parents_.size(); }

 private:
  std::int32_t& Parent(std::int32_t label) { return parents_[static_cast<std::size_t>(label)]; }
  std::vector<std::int32_t> parents_ = {0};  // Label 0 is none.
};

}  // namespace

Components LabelComponents(const Volume<std::uint8_t>& values) {
  Components out{Volume<std::int32_t>(values.geometry()), {}};
  Provisional provisional;
  ForEachVoxel(values.geometry(), [&](int i, int j, int k) {
    const std::uint8_t value = values.At(i, j, k);
    if (value == 0) return;
    std::int32_t& label = out.labels.At(i, j, k);
    for (const VoxelIndex& d : kEarlier) {
      const int a = i + d.i, b = j + d.j, c = k + d.k;
      if (!values.Contains(a, b, c) || values.At(a, b, c) != value) continue;
      const std::int32_t found = out.labels.At(a, b, c);
      label = label == 0 ? found : provisional.Join(label, found);
    }
    if (label == 0) label = provisional.Add();
  });

  std::vector<std::int32_t> number(provisional.size(), 0);
  for (std::int32_t& label : out.labels.voxels()) {
    if (label == 0) continue;
    std::int32_t& of_root = number[static_cast<std::size_t>(provisional.RootOf(label))];
    if (of_root == 0) {
      out.sizes.push_back(0);
      of_root = static_cast<std::int32_t>(out.sizes.size());
    }
    label = of_root;
    ++out.sizes[static_cast<std::size_t>(label) - 1];
  }
  return out;
}

}  // namespace osteon
