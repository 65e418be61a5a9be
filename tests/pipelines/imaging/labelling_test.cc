// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/labelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(LabelComponents, FindsNothingInAnEmptyVolume) {
  EXPECT_THAT(LabelComponents(Empty(3, 3, 3)).sizes, IsEmpty());
}

}  // namespace
}  // namespace osteon
