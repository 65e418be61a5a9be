// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/lattice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

// A block of columns x rows x slices voxels, all set.
SegSegment Block(const Affine& at, int columns, int rows, int slices) {
  SegSegment segment;
  segment.number = 1;
  for (int k = 0; k < slices; ++k) {
    SegPlane plane;
    plane.frame_number = k + 1;
    plane.patient_from_voxel = at;
    plane.patient_from_voxel.origin = at({0, 0, static_cast<double>(k)});
    for (int j = 0; j < rows; ++j) plane.runs.push_back({j, 0, columns});
    segment.planes.push_back(plane);
  }
  return segment;
}

TEST(CellsOf, FillsAnyGridWithoutHolesOrDoubles) {
  const double c = std::cos(0.5), s = std::sin(0.5);
  struct Case {
    const char* name;
    Affine at;
    int columns, rows, slices;
    double tolerance;  // Of the volume: the surface is cut by the lattice.
  };
  const std::vector<Case> cases{
      {"thin pixels, thick slices",
       {{0.8, 0, 0}, {0, 0, -0.8}, {0, 6, 0}, {3.3, -7.1, 12}},
       20,
       20,
       3,
       0.05},
      {"the lattice itself", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}}, 7, 8, 9, 0},
      {"tilted",
       {{1.5 * c, 1.5 * s, 0}, {-1.5 * s, 1.5 * c, 0}, {0, 0, 4}, {0.2, 0.3, 0.4}},
       12,
       10,
       4,
       0.05},
  };
  for (const Case& t : cases) {
    const SegSegment segment = Block(t.at, t.columns, t.rows, t.slices);
    const auto cells = CellsOf(segment);
    ASSERT_TRUE(cells) << t.name;
    const double ml = static_cast<double>(cells->size()) / 1000;
    EXPECT_NEAR(ml, segment.volume_ml(), t.tolerance * segment.volume_ml() + 1e-9) << t.name;
    EXPECT_TRUE(std::is_sorted(cells->begin(), cells->end()));
    EXPECT_EQ(std::adjacent_find(cells->begin(), cells->end()), cells->end()) << t.name;
  }
}

TEST(CellsOf, PutsCellsWhereThePatientIs) {
  // Coronal: columns to the left (+x), rows to the feet (-z), slices to the back (+y).
  const Affine coronal{{2, 0, 0}, {0, 0, -2}, {0, 3, 0}, {10, 20, 30}};
  const auto cells = CellsOf(Block(coronal, 1, 2, 1));
  ASSERT_TRUE(cells);
  for (const Cell& cell : *cells) {
    EXPECT_TRUE(cell.x >= 9 && cell.x <= 11) << cell.x;
    EXPECT_TRUE(cell.y >= 19 && cell.y <= 21) << cell.y;
    EXPECT_TRUE(cell.z >= 27 && cell.z <= 31) << cell.z;
  }
  EXPECT_NEAR(static_cast<double>(cells->size()), 2 * 2 * 2 * 3, 6);
}

TEST(CellsOf, KeepsWhatIsSmallerThanACell) {
  const Affine fine{{0.1, 0, 0}, {0, 0.1, 0}, {0, 0, 0.1}, {5.4, 5.4, 5.4}};
  const auto cells = CellsOf(Block(fine, 1, 1, 1));
  ASSERT_TRUE(cells);
  EXPECT_EQ(*cells, CellSet({{5, 5, 5}}));
  EXPECT_TRUE(CellsOf(Block(fine, 0, 0, 0))->empty());
}

TEST(CellsOf, RefusesWhatNoLesionCanBe) {
  const Affine ten{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}, {0, 0, 0}};
  EXPECT_FALSE(CellsOf(Block(ten, 20, 20, 20)));  // 8 litres.
  // Little volume over a huge diagonal, which would take hours.
  const Affine needle{{700, 700, 0}, {1e-6, -1e-6, 0}, {0, 0, 1e-3}, {0, 0, 0}};
  const auto cells = CellsOf(Block({needle.step_i, needle.step_j, {0, 700, 700}, {}}, 8000, 1, 1));
  EXPECT_FALSE(cells);
}

TEST(Cells, OverlapByCounting) {
  const CellSet a{{0, 0, 0}, {0, 0, 1}, {0, 0, 2}}, b{{0, 0, 1}, {0, 0, 2}, {5, 0, 0}, {6, 0, 0}};
  EXPECT_EQ(CommonCells(a, b), 2U);
  EXPECT_EQ(UnionOf(a, b).size(), 5U);
  EXPECT_DOUBLE_EQ(Dice(a, b), 4.0 / 7);
  EXPECT_DOUBLE_EQ(Dice(a, a), 1);
  EXPECT_DOUBLE_EQ(Dice(a, {}), 0);
}

}  // namespace
}  // namespace osteon
