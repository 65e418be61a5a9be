// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/bright_spill.h"

#include <gtest/gtest.h>

#include "tests/pipelines/stages/detect/coronal_grid.h"

namespace osteon {
namespace {

using testing::CoronalGrid;

// Bone in the coarse columns from 20 on; everything has the signal of its marrow.
TissueMaps HalfBone() {
  TissueMaps maps;
  maps.bone = Volume<float>(CoronalGrid(40, 40, 5, 4));
  for (int k = 0; k < 5; ++k) {
    for (int j = 0; j < 40; ++j) {
      for (int i = 20; i < 40; ++i) maps.bone.At(i, j, k) = 0.95F;
    }
  }
  maps.relative = Volume<float>(CoronalGrid(80, 80, 5, 2), 0.4F);
  return maps;
}

void Brighten(TissueMaps& maps, int i0, int i1, int j0, int j1) {
  for (int j = j0; j < j1; ++j) {
    for (int i = i0; i < i1; ++i) maps.relative.At(i, j, 2) = 3.0F;
  }
}

Region RegionOf(const TissueMaps& maps, int i0, int i1, int j0, int j1) {
  Region region;
  for (int j = j0; j < j1; ++j) {
    for (int i = i0; i < i1; ++i) region.voxels.push_back(maps.relative.Index(i, j, 2));
  }
  region.marrow = 0.4;
  region.core = 3.0;
  return region;
}

TEST(BrightSpill, IsNoneOfALesionClosedInByMarrow) {
  TissueMaps maps = HalfBone();
  Brighten(maps, 55, 60, 30, 36);
  const BrightSpill spill = MeasureSpill(maps, RegionOf(maps, 55, 60, 30, 36));
  EXPECT_EQ(spill.share, 0);
  EXPECT_EQ(spill.ml, 0);
}

TEST(BrightSpill, CountsWhatGoesOnOutsideBone) {
  TissueMaps maps = HalfBone();
  Brighten(maps, 30, 50, 30, 34);  // Half of it in bone, which alone is the region.
  const BrightSpill spill = MeasureSpill(maps, RegionOf(maps, 40, 50, 30, 34));
  EXPECT_DOUBLE_EQ(spill.share, 0.5);
  EXPECT_NEAR(spill.ml, 40 * 0.024, 1e-9);
}

TEST(BrightSpill, LeavesOutWhatOnlyLiesBesideIt) {
  TissueMaps maps = HalfBone();
  Brighten(maps, 44, 50, 30, 34);
  Brighten(maps, 30, 42, 30, 34);
  EXPECT_EQ(MeasureSpill(maps, RegionOf(maps, 44, 50, 30, 34)).share, 0);
}

TEST(BrightSpill, EndsAtItsReach) {
  TissueMaps maps = HalfBone();
  Brighten(maps, 0, 50, 30, 34);
  // 12 voxels of 2 mm beyond the region, in the body of an adult.
  const BrightSpill spill = MeasureSpill(maps, RegionOf(maps, 40, 50, 30, 34));
  EXPECT_NEAR(spill.ml, 12 * 4 * 0.024, 1e-9);
}

}  // namespace
}  // namespace osteon
