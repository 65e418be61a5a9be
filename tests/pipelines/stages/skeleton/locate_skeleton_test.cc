// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/locate_skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace osteon {
namespace {

using ::testing::HasSubstr;

ComposedVolume Blank() {
  VolumeGeometry g;
  g.columns = 120;
  g.rows = 300;
  g.slices = 5;
  g.patient_from_voxel = {{2, 0, 0}, {0, 0, -2}, {0, 6, 0}, {0, 0, 0}};
  ComposedVolume volume;
  volume.stir = Volume<float>(g);
  return volume;
}

// A block of muscle as large as a child: a body, but without a bone in it.
ComposedVolume Block() {
  ComposedVolume volume = Blank();
  for (int k = 1; k < 4; ++k) {
    for (int j = 10; j < 290; ++j) {
      for (int i = 30; i < 90; ++i)
        volume.stir.At(i, j, k) = 100.0F + static_cast<float>((i + j + k) % 7);
    }
  }
  return volume;
}

TEST(LocateSkeleton, SaysThatABlankImageCannotBeAssessed) {
  RunContext run;
  const auto skeleton = LocateSkeleton(Blank(), {}, run);
  ASSERT_FALSE(skeleton);
  EXPECT_EQ(skeleton.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(skeleton.error().message(), HasSubstr("no body"));
}

TEST(LocateSkeleton, NamesTheFolderInWhichTheNetworkIsMissing) {
  RunContext run;
  SkeletonOptions options;
  options.model_dir = "/nowhere/at/all";
  const auto skeleton = LocateSkeleton(Block(), options, run);
  ASSERT_FALSE(skeleton);
  EXPECT_EQ(skeleton.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(skeleton.error().message(), HasSubstr("/nowhere/at/all"));
}

TEST(LocateSkeleton, StopsWhenCancelled) {
  RunContext run;
  run.Cancel();
  const auto skeleton = LocateSkeleton(Block(), {}, run);
  ASSERT_FALSE(skeleton);
  EXPECT_EQ(skeleton.error().code(), ErrorCode::kCancelled);
}

TEST(LocateSkeleton, ReportsWhatItDoesNotSeeAsNotImaged) {
  RunContext run;
  const auto skeleton = LocateSkeleton(Block(), {}, run);
  ASSERT_TRUE(skeleton) << skeleton.error().message();
  EXPECT_EQ(skeleton->units.size(), Block().stir.size());
  EXPECT_EQ(skeleton->frames.size() + skeleton->not_imaged.size(),
            std::ranges::count_if(BoneUnits(), [](const BoneUnit& u) { return !u.unnamed(); }));
  EXPECT_GT(skeleton->not_imaged.size(), BoneUnits().size() / 2);
  EXPECT_THAT(run.caveats(), ::testing::Contains(::testing::Field(&Caveat::code, "partial_body")));
}

TEST(LocateSkeleton, GivesTheSameWithOneThreadAndTwo) {
  std::vector<std::vector<float>> evidence;
  for (const int threads : {1, 2}) {
    RunContext run;
    SkeletonOptions options;
    options.threads = threads;
    const auto skeleton = LocateSkeleton(Block(), options, run);
    ASSERT_TRUE(skeleton);
    evidence.emplace_back(skeleton->maps.lesion.voxels().begin(),
                          skeleton->maps.lesion.voxels().end());
  }
  EXPECT_EQ(evidence[0], evidence[1]);
}

TEST(IsLocatedTest, NeedsSixUnitsThatAreWhole) {
  Skeleton skeleton;
  EXPECT_FALSE(IsLocated(skeleton)) << "nothing";
  for (UnitId unit = 1; unit <= 2 * kLeastUnits; ++unit)
    skeleton.frames.push_back({.unit = unit, .centre = {}, .axis = {}, .proximal_end = {}});
  EXPECT_TRUE(IsLocated(skeleton));
  for (UnitId unit = 1; unit <= kLeastUnits; ++unit) skeleton.partly_imaged.push_back(unit);
  EXPECT_TRUE(IsLocated(skeleton)) << "half of the units are doubtful";
  skeleton.partly_imaged.push_back(UnitId{kLeastUnits + 1});
  EXPECT_FALSE(IsLocated(skeleton)) << "noise: doubtful units and a few that look whole";
}

}  // namespace
}  // namespace osteon
