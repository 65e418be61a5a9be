// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/packages.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipelines/selection/made_study.h"

namespace osteon {
namespace {

using testing::MadeSeries;
using testing::StudyOf;

// One of `count` packages of a volume of 12 slices: every count-th slice from `first` on.
MadeSeries Package(int first, int count) {
  MadeSeries made;
  made.slices = 12 / count;
  made.first_y_mm += first * made.slice_mm;
  made.slice_mm *= count;
  return made;
}

TEST(JoinPackages, MakesOneVolumeOfInterleavedSlices) {
  for (const int count : {2, 3}) {
    std::vector<MadeSeries> made;
    made.reserve(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n) made.push_back(Package(n, count));
    Study study = StudyOf(made);
    std::vector<Caveat> caveats;
    JoinPackages({}, study, caveats);
    ASSERT_EQ(study.series.size(), 1U) << count;
    const SeriesInfo& info = study.series[0];
    EXPECT_EQ(info.geometry.slices, 12);
    EXPECT_NEAR(info.geometry.spacing_mm().z, 6, 1e-9);
    for (std::size_t k = 0; k < 12; ++k) {
      const std::size_t package = k % static_cast<std::size_t>(count);
      EXPECT_EQ(info.frames[k].series_instance_uid, fmt::format("1.2.3.{}", package + 1));
    }
    ASSERT_EQ(caveats.size(), 1U);
    EXPECT_EQ(caveats[0].code, "packages_joined");
  }
}

TEST(JoinPackages, JoinsSlabBesideSlab) {
  MadeSeries front;
  front.slices = 6;
  MadeSeries back = front;
  back.first_y_mm += 6 * back.slice_mm;
  Study study = StudyOf({front, back});
  std::vector<Caveat> caveats;
  JoinPackages({}, study, caveats);
  ASSERT_EQ(study.series.size(), 1U);
  EXPECT_EQ(study.series[0].geometry.slices, 12);
}

TEST(JoinPackages, LeavesApartWhatIsNoOneVolume) {
  const struct {
    const char* what;
    std::function<void(Study&)> change;
  } cases[] = {
      {"the same slices twice", [](Study& s) { s.series[1].geometry = s.series[0].geometry; }},
      {"another echo time", [](Study& s) { s.series[1].physics.echo_time_ms = 100; }},
      {"another contrast", [](Study& s) { s.series[1].contrast = Contrast::kT1; }},
      {"another frame of reference",
       [](Study& s) { s.series[1].geometry.frame_of_reference_uid = "1.2.77"; }},
      {"shifted in the plane",
       [](Study& s) { s.series[1].geometry.patient_from_voxel.origin.x += 5; }},
      {"another station",
       [](Study& s) { s.series[1].geometry.patient_from_voxel.origin.z -= 380; }},
      {"not half way between",
       [](Study& s) { s.series[1].geometry.patient_from_voxel.origin.y += 3; }},
  };
  for (const auto& c : cases) {
    Study study = StudyOf({Package(0, 2), Package(1, 2)});
    c.change(study);
    std::vector<Caveat> caveats;
    JoinPackages({}, study, caveats);
    EXPECT_EQ(study.series.size(), 2U) << c.what;
    EXPECT_TRUE(caveats.empty()) << c.what;
  }
}

TEST(JoinPackages, LooksAtNoSliceThatIsMissing) {
  Study study = StudyOf({Package(0, 2), Package(1, 2)});
  for (SeriesInfo& info : study.series) {
    for (FrameSource& frame : info.frames) frame.sop_instance_uid.clear();
  }
  std::vector<Caveat> caveats;
  JoinPackages({}, study, caveats);
  EXPECT_EQ(study.series.size(), 2U);
}

}  // namespace
}  // namespace osteon
