// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/other_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

TEST(WeighOtherSeries, MovesTheOddsTheWayThePhysicsSays) {
  struct Case {
    const char* what;
    double t1_to_marrow, adc;
    int sign;
    std::size_t reasons;
  };
  for (const Case& c :
       {Case{"neither series", -1, -1, 0, 0}, Case{"dark on T1", 0.5, -1, 1, 1},
        Case{"as bright as marrow on T1", 1.2, -1, -1, 1}, Case{"T1 in between", 0.95, -1, 0, 0},
        Case{"ADC of oedema", -1, 1.28, 1, 1}, Case{"ADC of normal marrow", -1, 0.4, -1, 1},
        Case{"ADC of free fluid", -1, 2.9, -1, 1}, Case{"ADC in between", -1, 0.6, 0, 0},
        Case{"dark on T1, but free fluid", 0.4, 2.9, -1, 2}}) {
    const OtherEvidence evidence =
        WeighOtherSeries({{"t1_to_marrow", c.t1_to_marrow}, {"adc", c.adc}});
    EXPECT_EQ((evidence.log_odds > 0) - (evidence.log_odds < 0), c.sign) << c.what;
    EXPECT_EQ(evidence.reasons.size(), c.reasons) << c.what;
  }
  EXPECT_EQ(WeighOtherSeries({}).log_odds, 0);
}

TEST(NormalT1Marrow, IsTheMedianOfLesionFreeBoneByUnit) {
  VolumeGeometry g;
  g.columns = 20;
  g.rows = 20;
  g.slices = 4;
  Skeleton skeleton;
  skeleton.units = Volume<UnitId>(g, 3);
  skeleton.maps.bone = Volume<float>(g, 0.9F);
  skeleton.maps.lesion = Volume<float>(g, 0.0F);
  ComposedVolume volume;
  EXPECT_THAT(NormalT1Marrow(volume, skeleton), ::testing::Each(0.0));
  volume.t1 = testing::OtherEverywhere(g, 500.0F);
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 15; ++j) {  // Three quarters of it is a lesion, dark on T1.
      for (int k = 0; k < 4; ++k) {
        volume.t1.voxels.At(i, j, k) = 200.0F;
        skeleton.maps.lesion.At(i, j, k) = 0.9F;
      }
    }
  }
  const auto marrow = NormalT1Marrow(volume, skeleton);
  EXPECT_EQ(marrow[3], 500.0);
  EXPECT_EQ(marrow[4], 0.0) << "a unit without voxels";

  // Where T1 did not image there is no marrow to take for dark.
  for (int j = 15; j < 19; ++j) {
    for (int i = 0; i < 20; ++i) {
      for (int k = 0; k < 4; ++k) {
        volume.t1.voxels.At(i, j, k) = 0;
        volume.t1.imaged.At(i, j, k) = 0;
      }
    }
  }
  EXPECT_EQ(NormalT1Marrow(volume, skeleton)[3], 500.0);
}

}  // namespace
}  // namespace osteon
