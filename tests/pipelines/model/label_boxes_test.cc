// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/label_boxes.h"

#include <gtest/gtest.h>

#include <vector>

namespace osteon {
namespace {

Volume<std::uint16_t> Labels(int columns, int rows, int slices) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  return Volume<std::uint16_t>(g);
}

TEST(LabelBoxes, AreAroundAllVoxelsOfALabelWhereverTheyLieInARow) {
  for (const int columns : {1, 3, 4, 5, 11}) {
    for (int at = 0; at < columns; ++at) {
      Volume<std::uint16_t> labels = Labels(columns, 4, 3);
      labels.At(at, 1, 0) = labels.At(at, 3, 2) = 2;
      labels.At(columns - 1, 2, 2) = 4;
      const std::vector<LabelBox> boxes = LabelBoxes(labels);
      ASSERT_EQ(boxes.size(), 5U);
      EXPECT_TRUE(boxes[0].empty() && boxes[1].empty() && boxes[3].empty());
      EXPECT_EQ(boxes[2].low.i, at);
      EXPECT_EQ(boxes[2].high.i, at);
      EXPECT_EQ(boxes[2].low.j, 1);
      EXPECT_EQ(boxes[2].high.j, 3);
      EXPECT_EQ(boxes[2].low.k, 0);
      EXPECT_EQ(boxes[2].high.k, 2);
      EXPECT_EQ(boxes[4].low.i, columns - 1);
      EXPECT_EQ(boxes[4].high.k, 2);
    }
  }
}

TEST(LabelBoxes, OfNothingAreEmptyAndVisitNothing) {
  const Volume<std::uint16_t> labels = Labels(3, 3, 3);
  const std::vector<LabelBox> boxes = LabelBoxes(labels);
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_EQ(LabelBoxes(Volume<std::uint16_t>()).size(), 1U);
  ForEachInBox(labels, 0, boxes[0], [](int, int, int) { FAIL(); });
}

TEST(LabelBoxes, AreVisitedInTheOrderOfMemoryAndOnlyWhereTheLabelIs) {
  Volume<std::uint16_t> labels = Labels(4, 4, 2);
  for (const std::size_t n : {5U, 6U, 10U, 21U}) labels[n] = 1;
  labels[9] = 3;
  std::vector<std::size_t> visited;
  ForEachInBox(labels, 1, LabelBoxes(labels)[1],
               [&](int i, int j, int k) { visited.push_back(labels.Index(i, j, k)); });
  EXPECT_EQ(visited, (std::vector<std::size_t>{5, 6, 10, 21}));
}

}  // namespace
}  // namespace osteon
