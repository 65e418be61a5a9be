// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/labelling.h"

#include <array>
#include <utility>

namespace osteon {
namespace {

// The 13 neighbours that come before a voxel in index order.
constexpr std::array<std::array<int, 3>, 13> kBefore = {{{-1, 0, 0},
                                                         {-1, -1, 0},
                                                         {0, -1, 0},
                                                         {1, -1, 0},
                                                         {-1, -1, -1},
                                                         {0, -1, -1},
                                                         {1, -1, -1},
                                                         {-1, 0, -1},
                                                         {0, 0, -1},
                                                         {1, 0, -1},
                                                         {-1, 1, -1},
                                                         {0, 1, -1},
                                                         {1, 1, -1}}};

class DisjointSets {
 public:
  std::int32_t Add() {
    parents_.push_back(static_cast<std::int32_t>(parents_.size()));
    return parents_.back();
  }
  std::int32_t Find(std::int32_t n) {
    while (At(n) != n) {
      At(n) = At(At(n));
      n = At(n);
    }
    return n;
  }
  // The lower number becomes the root, so that roots keep the order of first voxels.
  void Join(std::int32_t a, std::int32_t b) {
    a = Find(a);
    b = Find(b);
    if (a < b) At(b) = a;
    if (b < a) At(a) = b;
  }

 private:
  std::int32_t& At(std::int32_t n) { return parents_[static_cast<std::size_t>(n)]; }
  std::vector<std::int32_t> parents_;
};

}  // namespace

Components LabelComponents(const Volume<std::uint8_t>& values) {
  const VolumeGeometry& g = values.geometry();
  Components out{Volume<std::int32_t>(g), {}};
  DisjointSets sets;
  sets.Add();  // 0 is the background.
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const std::uint8_t value = values.At(i, j, k);
        if (value == 0) continue;
        std::int32_t label = 0;
        for (const auto& [di, dj, dk] : kBefore) {
          if (!values.Contains(i + di, j + dj, k + dk) ||
              values.At(i + di, j + dj, k + dk) != value)
            continue;
          const std::int32_t neighbour = out.labels.At(i + di, j + dj, k + dk);
          if (label == 0) {
            label = neighbour;
          } else {
            sets.Join(label, neighbour);
          }
        }
        out.labels.At(i, j, k) = label == 0 ? sets.Add() : label;
      }
    }
  }
  std::vector<std::int32_t> final_label;
  for (std::int32_t& label : out.labels.voxels()) {
    if (label == 0) continue;
    const auto root = static_cast<std::size_t>(sets.Find(label));
    if (root >= final_label.size()) final_label.resize(root + 1, 0);
    if (final_label[root] == 0) {
      out.sizes.push_back(0);
      final_label[root] = static_cast<std::int32_t>(out.sizes.size());
    }
    label = final_label[root];
    ++out.sizes[static_cast<std::size_t>(label) - 1];
  }
  return out;
}

}  // namespace osteon
