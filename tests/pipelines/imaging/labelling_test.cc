// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/labelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Volume<std::uint8_t> Empty(int columns, int rows, int slices) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  return Volume<std::uint8_t>(g);
}

TEST(LabelComponents, JoinsByFaceEdgeAndCorner) {
  Volume<std::uint8_t> v = Empty(6, 6, 3);
  v.At(0, 0, 0) = 1;
  v.At(1, 1, 1) = 1;  // By a corner.
  v.At(1, 2, 2) = 1;  // By an edge.
  v.At(4, 4, 0) = 1;  // Apart.
  const Components c = LabelComponents(v);
  EXPECT_THAT(c.sizes, ElementsAre(3U, 1U));
  EXPECT_EQ(c.labels.At(0, 0, 0), 1);
  EXPECT_EQ(c.labels.At(1, 2, 2), 1);
  EXPECT_EQ(c.labels.At(4, 4, 0), 2);
  EXPECT_EQ(c.labels.At(3, 3, 1), 0);
}

TEST(LabelComponents, KeepsTouchingVoxelsOfOtherValuesApart) {
  Volume<std::uint8_t> v = Empty(4, 1, 1);
  v[0] = v[1] = 5;
  v[2] = v[3] = 9;
  const Components c = LabelComponents(v);
  EXPECT_THAT(c.labels.voxels(), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(c.sizes, ElementsAre(2U, 2U));
}

TEST(LabelComponents, JoinsArmsThatMeetLate) {
  // A U in one slice: its arms get different provisional labels and meet in the last row.
  Volume<std::uint8_t> v = Empty(5, 4, 1);
  for (int j = 0; j < 4; ++j) v.At(0, j, 0) = v.At(4, j, 0) = 1;
  for (int i = 0; i < 5; ++i) v.At(i, 3, 0) = 1;
  EXPECT_THAT(LabelComponents(v).sizes, ElementsAre(11U));
}

// Voxel by voxel from each first one: slow and plain.
std::vector<std::int32_t> Flooded(const Volume<std::uint8_t>& v) {
  std::vector<std::int32_t> labels(v.size(), 0);
  std::int32_t last = 0;
  for (std::size_t n = 0; n < v.size(); ++n) {
    if (v[n] == 0 || labels[n] != 0) continue;
    std::vector<std::size_t> open = {n};
    labels[n] = ++last;
    while (!open.empty()) {
      const VoxelIndex at = VoxelAt(v.geometry(), open.back());
      open.pop_back();
      for (int d = 0; d < 27; ++d) {
        const int i = at.i + d % 3 - 1, j = at.j + d / 3 % 3 - 1, k = at.k + d / 9 - 1;
        if (!v.Contains(i, j, k) || v.At(i, j, k) != v[n] || labels[v.Index(i, j, k)] != 0)
          continue;
        labels[v.Index(i, j, k)] = last;
        open.push_back(v.Index(i, j, k));
      }
    }
  }
  return labels;
}

TEST(LabelComponents, IsWhatFloodingGivesForAnyShapes) {
  std::mt19937 random(1);
  for (const int columns : {1, 2, 7, 8, 9, 23})
    for (const unsigned percent : {5U, 20U, 50U, 90U}) {
      Volume<std::uint8_t> v = Empty(columns, 9, 4);
      for (std::uint8_t& voxel : v.voxels())
        voxel = random() % 100 < percent ? static_cast<std::uint8_t>(1 + random() % 2) : 0;
      const Components c = LabelComponents(v);
      const std::vector<std::int32_t> expected = Flooded(v);
      EXPECT_TRUE(std::ranges::equal(c.labels.voxels(), expected)) << columns << ", " << percent;
      for (std::size_t n = 0; n < c.sizes.size(); ++n)
        EXPECT_EQ(c.sizes[n], std::ranges::count(expected, static_cast<std::int32_t>(n) + 1));
    }
}

TEST(LabelComponents, FindsNothingInAnEmptyVolume) {
  EXPECT_THAT(LabelComponents(Empty(3, 3, 3)).sizes, IsEmpty());
}

}  // namespace
}  // namespace osteon
