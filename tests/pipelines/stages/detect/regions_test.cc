// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>

#include "pipelines/stages/detect/detect_candidates.h"
#include "pipelines/stages/detect/detect_features.h"
#include "tests/pipelines/stages/detect/knee.h"

namespace osteon {
namespace {

using testing::AddLesion;
using testing::Id;
using testing::Knee;
using testing::MakeKnee;

double MlOf(const Region& region) {  // The knee's voxels have 2 x 2 x 6 mm.
  return static_cast<double>(region.voxels.size()) * 2 * 2 * 6 / 1000;
}

TEST(FindRegions, OutlinesALesionAtHalfItsExcess) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 60, 4, 10, 3.0F, 0.9F);
  const auto regions = FindRegions(knee.skeleton.maps, 0.4F);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].unit, Id("femur_distal_left"));
  EXPECT_NEAR(regions[0].marrow, 0.4, 1e-6);
  EXPECT_GT(regions[0].core, 2.0);
  EXPECT_NEAR(MlOf(regions[0]), 4.0 / 3.0 * M_PI, 1.2);
}

TEST(FindRegions, SplitsAcrossAJointAndKeepsWholeWithinABone) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 70, 4, 12, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 90, 4, 12, 3.0F, 0.9F);
  const auto both = FindRegions(knee.skeleton.maps, 0.4F);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_NE(both[0].unit, both[1].unit);

  Knee one = MakeKnee();
  AddLesion(one.skeleton.maps, 84, 45, 4, 10, 3.0F, 0.9F);
  AddLesion(one.skeleton.maps, 84, 55, 4, 10, 3.0F, 0.9F);
  EXPECT_EQ(FindRegions(one.skeleton.maps, 0.4F).size(), 1U);
}

TEST(FindRegions, LeavesOutWeakEvidenceAndWhatIsFarFromBone) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 60, 4, 10, 3.0F, 0.35F);  // Never reaches the seed.
  AddLesion(knee.skeleton.maps, 20, 60, 4, 10, 3.0F, 0.95F);  // In muscle.
  EXPECT_TRUE(FindRegions(knee.skeleton.maps, 0.4F).empty());
}

TEST(MeasureRegion, SaysHowDeepInTheBoneAndHowFarFromTheJointItReaches) {
  struct Case {
    const char* what;
    double row;  // Fine grid; the joint is at 80.
    double radius_mm;
    double joint_low_mm, joint_high_mm;
  };
  for (const Case& c : {Case{"a film at the joint", 78, 4, 2, 10},
                        Case{"reaches from the joint into the femur", 70, 12, 20, 29},
                        Case{"far from it", 40, 8, 99, 99}}) {
    Knee knee = MakeKnee();
    AddLesion(knee.skeleton.maps, 84, c.row, 4, c.radius_mm, 3.0F, 0.9F);
    const auto regions = FindRegions(knee.skeleton.maps, 0.4F);
    ASSERT_EQ(regions.size(), 1U) << c.what;
    const auto f = MeasureRegion(MakeScene(knee.volume, knee.skeleton), regions[0]);
    EXPECT_GE(f.at("joint_mm"), c.joint_low_mm) << c.what;
    EXPECT_LE(f.at("joint_mm"), c.joint_high_mm) << c.what;
    EXPECT_GT(f.at("in_bone"), 0.99) << c.what;
    EXPECT_GT(f.at("surface_mm"), 8) << c.what;
    EXPECT_NEAR(f.at("core_position"), 2.6 / 7.1, 0.05) << "no fluid in this picture: 7.5 x muscle";
    EXPECT_EQ(f.at("physis_far_mm"), 99) << "no growth plate";
  }
}

TEST(FindRegions, CutsBackToTheBrightPartWhereMostOfItIsDim) {
  Knee knee = MakeKnee();
  TissueMaps& maps = knee.skeleton.maps;
  AddLesion(maps, 84, 60, 4, 15, 0.45F, 0.9F);  // Firm evidence in marrow that is hardly bright,
  AddLesion(maps, 84, 60, 4, 10, 3.0F, 0.9F);   // around a lesion.
  const auto regions = FindRegions(maps, 0.4F);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_NEAR(MlOf(regions[0]), 4.0 / 3.0 * M_PI, 1.2);
}

TEST(FindRegions, LeavesOutFirmEvidenceBeyondTheBrightPart) {
  Knee knee = MakeKnee();
  TissueMaps& maps = knee.skeleton.maps;
  AddLesion(maps, 84, 60, 4, 12, 0.45F, 0.9F);
  AddLesion(maps, 84, 60, 4, 10, 3.0F, 0.9F);
  const auto regions = FindRegions(maps, 0.4F);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_NEAR(MlOf(regions[0]), 4.0 / 3.0 * M_PI, 1.2);
}

TEST(FindRegions, KeepsTheDarkMiddleOfALesion) {
  Knee knee = MakeKnee(), solid = MakeKnee();
  AddLesion(solid.skeleton.maps, 84, 60, 4, 14, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 60, 4, 14, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 60, 4, 7, 0.5F, 0.9F);
  const auto regions = FindRegions(knee.skeleton.maps, 0.4F);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].voxels, FindRegions(solid.skeleton.maps, 0.4F)[0].voxels);
}

}  // namespace
}  // namespace osteon
