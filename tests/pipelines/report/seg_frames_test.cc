// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/pipelines/report/source_fixture.h"

namespace osteon {
namespace {

using SegFramesTest = testing::SourceFixture;

TEST_F(SegFramesTest, SegOnTheComposedGridIsTheIdentity) {
  // The source is given the very grid of the composed volume.
  made_->study.series[0].geometry = made_->composed.stir.geometry();
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok());
  Volume<std::uint16_t> drawn(made_->composed.stir.geometry());
  for (const SegFrame& frame : *frames) {
    const auto slice = drawn.Slice(static_cast<int>(frame.slice));
    for (std::size_t n = 0; n < slice.size(); ++n) {
      if (frame.mask[n]) slice[n] = static_cast<std::uint16_t>(frame.segment);
    }
  }
  EXPECT_TRUE(std::ranges::equal(drawn.voxels(), made_->lesions.labels.voxels()));
}

TEST_F(SegFramesTest, AMissingSliceGetsNoSegment) {
  const std::size_t gone = SegFrames(made_->Analysed())->front().slice;
  made_->study.series[0].frames[gone].sop_instance_uid.clear();
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok()) << frames.error().message();
  for (const SegFrame& frame : *frames) EXPECT_NE(frame.slice, gone);
}

TEST_F(SegFramesTest, ALesionThinnerThanASlicePixelIsStillDrawn) {
  // One voxel of the fine grid, between the centres of the coarse source pixels.
  VolumeGeometry fine = made_->composed.stir.geometry();
  std::ranges::fill(made_->lesions.labels.voxels(), std::uint16_t{0});
  made_->lesions.labels.At(20, 40, 5) = 1;
  made_->lesions.labels.At(24, 40, 5) = 2;
  SeriesInfo& source = made_->study.series[0];
  const Vec3 at = fine.patient_from_voxel({20, 40, 5});
  source.geometry.patient_from_voxel.step_i = {31, 0, 0};
  source.geometry.patient_from_voxel.origin.x = at.x - 3.5 * 31;
  const auto frames = SegFrames(made_->Analysed());
  ASSERT_TRUE(frames.ok()) << frames.error().message();
  std::set<int> segments;
  for (const SegFrame& frame : *frames) segments.insert(frame.segment);
  EXPECT_EQ(segments, (std::set<int>{1, 2}));
}

}  // namespace
}  // namespace osteon
