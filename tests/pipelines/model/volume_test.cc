// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/volume.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

namespace osteon {
namespace {

VolumeGeometry Grid(int columns, int rows, int slices) {
  VolumeGeometry g;
  g.columns = columns, g.rows = rows, g.slices = slices;
  return g;
}

static_assert(!std::is_copy_constructible_v<Volume<float>>, "a copy must be written Clone()");

TEST(Volume, ColumnsRunFastestThenRowsThenSlices) {
  Volume<int> v(Grid(2, 3, 4));
  v.At(1, 2, 3) = 9;
  EXPECT_EQ(v[v.size() - 1], 9);
  EXPECT_EQ(v.Index(1, 0, 0), 1U);
  EXPECT_EQ(v.Index(0, 1, 0), 2U);
  EXPECT_EQ(v.Index(0, 0, 1), 6U);
  EXPECT_EQ(v.Slice(3).back(), 9);
}

TEST(Volume, KnowsItsEdges) {
  const Volume<int> v(Grid(2, 3, 4));
  EXPECT_TRUE(v.Contains(1, 2, 3));
  for (auto [i, j, k] :
       {std::array{2, 0, 0}, std::array{0, 3, 0}, std::array{0, 0, 4}, std::array{-1, 0, 0}}) {
    EXPECT_FALSE(v.Contains(i, j, k));
  }
}

TEST(Volume, CloneIsApart) {
  Volume<int> v(Grid(2, 2, 1), 5);
  Volume<int> copy = v.Clone();
  copy[0] = 1;
  EXPECT_EQ(v[0], 5);
}

TEST(Volume, IsZeroOrWhatItIsFilledWithEvenWhereMemoryWasUsedBefore) {
  for (int n = 0; n < 3; ++n) {
    for (const int fill : {0, 7}) {
      Volume<int> v(Grid(20, 30, 10), fill);
      for (const int voxel : v.voxels()) ASSERT_EQ(voxel, fill);
      std::ranges::fill(v.voxels(), 9);
    }
  }
}

TEST(Volume, KeepsItsVoxelsOnAnotherGrid) {
  Volume<int> v(Grid(2, 3, 1));
  v[4] = 5;
  const Volume<int> moved = std::move(v).MovedTo(Grid(6, 1, 1));
  EXPECT_EQ(moved.At(4, 0, 0), 5);
}

TEST(VolumeDeathTest, RefusesAWrongNumberOfVoxels) {
  EXPECT_DEATH(Volume<int>(Grid(2, 2, 1)).MovedTo(Grid(3, 1, 1)), "voxel count");
}

}  // namespace
}  // namespace osteon
