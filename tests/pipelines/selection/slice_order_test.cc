// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/slice_order.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osteon {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Coronal frames at these places along y, in instance order.
std::vector<FrameHeader> FramesAt(const std::vector<double>& places_mm,
                                  const std::vector<int>& acquisitions = {}) {
  std::vector<FrameHeader> frames;
  for (std::size_t n = 0; n < places_mm.size(); ++n) {
    FrameHeader f;
    f.instance_number = static_cast<int>(n) + 1;
    f.file_name = fmt::format("slice{}", n + 1);
    f.source.sop_instance_uid = fmt::format("1.2.{}", n + 1);
    f.series_number = 4;
    f.row_direction = {1, 0, 0};
    f.column_direction = {0, 0, -1};
    f.position_mm = {0, places_mm[n], 0};
    f.slice_thickness_mm = 5;
    f.acquisition_number = acquisitions.empty() ? 1 : acquisitions[n];
    frames.push_back(f);
  }
  return frames;
}

// The instances of a stack along its normal, "." where one is missing.
std::string Order(const SliceStack& stack) {
  std::string order;
  for (const FrameSource& slice : stack.slices)
    order += slice.missing() ? "." : slice.sop_instance_uid.substr(4);
  return order;
}

TEST(SliceOrder, FollowsPlacesNotInstanceNumbers) {
  const struct {
    const char* what;
    std::vector<double> places_mm;
    std::vector<int> acquisitions;
    std::vector<std::string> stacks;
    std::vector<std::string> caveats;
  } cases[] = {
      {"in order", {0, 6, 12, 18}, {}, {"1234"}, {}},
      {"backwards", {18, 12, 6, 0}, {}, {"4321"}, {}},
      {"interleaved", {0, 12, 24, 6, 18}, {}, {"14253"}, {}},
      {"odd steps", {0, 5.7, 11.4, 17.1}, {}, {"1234"}, {}},
      {"one slice", {7}, {}, {"1"}, {}},
      {"one missing of ten",
       {0, 6, 12, 18, 30, 36, 42, 48, 54},
       {},
       {"1234.56789"},
       {"missing_slice"}},
      {"a bit uneven", {0, 6, 12.3, 18, 24}, {}, {"12345"}, {"irregular_spacing"}},
      {"two acquisitions", {0, 6, 12, 0, 6, 12}, {1, 1, 1, 2, 2, 2}, {"123", "456"}, {}},
      {"two acquisitions of other lengths", {0, 6, 12, 0, 6}, {1, 1, 1, 2, 2}, {"123", "45"}, {}},
      {"two time points", {0, 0, 6, 6, 12, 12}, {}, {"135", "246"}, {}},
      {"one place taken twice", {0, 6, 6, 12}, {}, {"124"}, {"duplicate_slice"}},
  };
  for (const auto& c : cases) {
    const SliceStacks result = OrderSlices(FramesAt(c.places_mm, c.acquisitions), {});
    std::vector<std::string> stacks, caveats;
    for (const SliceStack& stack : result.stacks) stacks.push_back(Order(stack));
    for (const Caveat& caveat : result.caveats) caveats.push_back(caveat.code);
    EXPECT_EQ(stacks, c.stacks) << c.what;
    EXPECT_EQ(caveats, c.caveats) << c.what;
    for (const Study::LeftOut& left_out : result.left_out)
      EXPECT_FALSE(left_out.damaged) << c.what << ": " << left_out.reason;
  }
}

TEST(SliceOrder, LeavesOutWhatIsNoVolume) {
  const struct {
    const char* what;
    std::vector<double> places_mm;
    const char* reason;
  } cases[] = {{"two missing in a row",
                {0, 6, 12, 30, 36, 42, 48, 54, 60, 66, 72, 78, 84},
                "2 slices are missing, 2 of them in a row"},
               {"a third missing", {0, 12, 18, 30, 36}, "slices are missing"},
               {"uneven", {0, 6, 13.5, 18, 24}, "slice3 is 1.5 mm off its place"}};
  for (const auto& c : cases) {
    const SliceStacks result = OrderSlices(FramesAt(c.places_mm), {});
    EXPECT_THAT(result.stacks, SizeIs(0)) << c.what;
    ASSERT_THAT(result.left_out, SizeIs(1)) << c.what;
    EXPECT_TRUE(result.left_out[0].damaged) << c.what;
    EXPECT_THAT(result.left_out[0].reason, HasSubstr(c.reason)) << c.what;
  }
}

TEST(SliceOrder, StepsAlongTheNormal) {
  EXPECT_EQ(OrderSlices(FramesAt({18, 12, 6, 0}), {}).stacks.at(0).step_mm, (Vec3{0, 6, 0}));
  EXPECT_EQ(OrderSlices(FramesAt({7}), {}).stacks.at(0).step_mm, (Vec3{0, 5, 0}))
      << "for one slice: its thickness";
}

}  // namespace
}  // namespace osteon
