// SPDX-License-Identifier: GPL-3.0-or-later
// What goes to a worker and how much of the body it covers; what a series is, is tested in
// both_callers_test.cc and tests/pipelines/selection.
#include "orthanc-plugin/intake/selection.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace osteon::plugin {
namespace {

enum class As { kCoronal, kSagittal, kAxial };

// A STIR volume of a trunk's width from `top_mm` down.
SeriesEntry Stir(const std::string& uid, double top_mm = 900, double length_mm = 900,
                 As plane = As::kCoronal) {
  SeriesEntry series;
  series.series_uid = uid;
  series.modality = "MR";
  series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
  const double step_mm = plane == As::kCoronal ? 5 : plane == As::kSagittal ? 10 : 25;
  const double depth_mm = plane == As::kCoronal ? 100 : plane == As::kSagittal ? 400 : length_mm;
  for (int k = 0; k * step_mm < depth_mm; ++k) {
    FrameHeader frame;
    frame.source.series_instance_uid = uid;
    frame.source.sop_class_uid = series.sop_class_uid;
    frame.source.sop_instance_uid = fmt::format("{}.{}", uid, k + 1);
    frame.series_instance_uid = uid;
    frame.frame_of_reference_uid = "1.9";
    frame.description = "cor";
    frame.series_number = uid.back() - '0';
    frame.instance_number = k + 1;
    frame.row_spacing_mm = frame.column_spacing_mm = 1;
    frame.slice_thickness_mm = step_mm;
    frame.row_direction = plane == As::kSagittal ? Vec3{0, 1, 0} : Vec3{1, 0, 0};
    frame.column_direction = plane == As::kAxial ? Vec3{0, 1, 0} : Vec3{0, 0, -1};
    frame.columns = plane == As::kSagittal ? 200 : 400;
    frame.rows = static_cast<int>(plane == As::kAxial ? 300 : length_mm);
    const double at_mm = k * step_mm;
    frame.position_mm = plane == As::kCoronal    ? Vec3{-200, at_mm, top_mm}
                        : plane == As::kSagittal ? Vec3{200 - at_mm, -100, top_mm}
                                                 : Vec3{-200, -150, top_mm - length_mm + at_mm};
    frame.physics.repetition_time_ms = 4200;
    frame.physics.echo_time_ms = 70;
    frame.physics.inversion_time_ms = 165;
    frame.physics.scanning_sequence = "SE\\IR";
    frame.physics.image_type = "ORIGINAL\\PRIMARY\\M\\ND";
    series.instances.push_back({fmt::format("i{}", k), frame.source.sop_instance_uid, 10});
    series.frames.push_back(frame);
  }
  return series;
}

SeriesEntry With(SeriesEntry series, const std::function<void(FrameHeader&)>& change) {
  for (FrameHeader& frame : series.frames) change(frame);
  return series;
}

StudyEntry StudyOf(std::vector<SeriesEntry> series) {
  StudyEntry study;
  study.orthanc_id = "s1";
  study.series = std::move(series);
  return study;
}

TEST(Selection, EveryPlaneReachesTheQueue) {
  for (const As plane : {As::kCoronal, As::kSagittal, As::kAxial}) {
    const Selection s = Select(StudyOf({Stir("1.1", 900, 900, plane)}), {});
    EXPECT_EQ(s.choice.eligibility, Eligibility::kWholeBody) << s.summary;
    EXPECT_TRUE(s.series[0].taken) << s.series[0].reason;
    EXPECT_TRUE(s.series[0].covers) << s.series[0].reason;
    EXPECT_NEAR(s.choice.coverage_mm, 900, 30);
  }
}

TEST(Selection, WhatIsOfNoUseStaysInOrthanc) {
  struct Case {
    const char* what;
    std::function<void(SeriesEntry&)> change;
    bool taken;
    const char* reason;
  };
  const Case cases[] = {
      {"T1 beside it helps",
       [](SeriesEntry& s) {
         s = With(std::move(s), [](FrameHeader& f) {
           f.physics.scanning_sequence = "SE";
           f.physics.repetition_time_ms = 550;
           f.physics.echo_time_ms = 11;
           f.physics.inversion_time_ms.reset();
         });
       },
       true, "taken as T1"},
      {"T2 without fat suppression",
       [](SeriesEntry& s) {
         s = With(std::move(s), [](FrameHeader& f) {
           f.physics.scanning_sequence = "SE";
           f.physics.inversion_time_ms.reset();
         });
       },
       false, "no contrast that is used here: SE, TR 4200 ms, TE 70 ms"},
      {"a secondary capture with modality MR",
       [](SeriesEntry& s) { s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7"; }, false,
       "not an MR image"},
      {"made by Osteon", [](SeriesEntry& s) { s.manufacturer = "Osteon project"; }, false,
       "a result of Osteon"},
      {"a damaged series goes to the worker, which says so",
       [](SeriesEntry& s) {
         s.problem = "Pixel Spacing (0028,0030) is missing";
         s.problem_physics = s.frames[0].physics;
       },
       true, "Pixel Spacing (0028,0030)"},
      {"a picture of the screen with modality MR is no damage",
       [](SeriesEntry& s) { s.problem = "Image Position (Patient) (0020,0032) is missing"; }, false,
       "Image Position (Patient)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    SeriesEntry second = Stir("1.2");
    c.change(second);
    const Selection selection = Select(StudyOf({Stir("1.1"), second}), {});
    EXPECT_EQ(selection.choice.eligibility, Eligibility::kWholeBody);
    EXPECT_EQ(selection.series[1].taken, c.taken) << selection.series[1].reason;
    EXPECT_NE(selection.series[1].reason.find(c.reason), std::string::npos)
        << selection.series[1].reason;
  }
}

TEST(Selection, SaysWhatIsMissingAndWhetherMoreMayCome) {
  struct Case {
    const char* what;
    std::vector<SeriesEntry> series;
    bool may_grow;
    bool enough_when_late;
    const char* summary;
  };
  const Case cases[] = {
      {"nothing", {}, false, false, "the study has no images"},
      {"a knee", {Stir("1.1", 0, 180)}, false, false, "covers 180 mm head to foot"},
      {"one station", {Stir("1.1", 900, 450)}, true, false, "covers 450 mm head to foot"},
      {"two stations",
       {Stir("1.1", 900, 400), Stir("1.2", 560, 400)},
       true,
       true,
       "covers 740 mm head to foot"},
      {"a knee whose slices are missing is no damage",
       {Stir("1.1", 0, 180), With(Stir("1.2", 0, 180),
                                  [](FrameHeader& f) {
                                    if (f.instance_number > 3) f.position_mm.y += 20;
                                  })},
       false,
       false,
       "covers 180 mm head to foot"},
      {"a spine, a hand wide",
       {With(Stir("1.1"), [](FrameHeader& f) { f.columns = 80; })},
       false,
       false,
       "79 mm wide"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const Selection s = Select(StudyOf(c.series), {});
    EXPECT_EQ(s.choice.eligibility, Eligibility::kNotWholeBody) << s.summary;
    EXPECT_EQ(s.choice.may_grow, c.may_grow) << s.summary;
    EXPECT_EQ(s.enough_when_late, c.enough_when_late) << s.summary;
    EXPECT_NE(s.summary.find(c.summary), std::string::npos) << s.summary;
  }
}

TEST(Selection, PackagesOfTwoSeriesAreOneVolumeAndBothGo) {
  SeriesEntry odd = Stir("1.1");
  SeriesEntry even = Stir("1.2");
  const auto keep = [](SeriesEntry& s, int rest) {
    int n = 0;
    std::erase_if(s.frames, [&](const FrameHeader&) { return n++ % 2 != rest; });
    n = 0;
    std::erase_if(s.instances, [&](const InstanceEntry&) { return n++ % 2 != rest; });
  };
  keep(odd, 0);
  keep(even, 1);
  const Selection s = Select(StudyOf({odd, even}), {});
  EXPECT_EQ(s.choice.eligibility, Eligibility::kWholeBody) << s.summary;
  for (const SeriesVerdict& verdict : s.series) {
    EXPECT_TRUE(verdict.taken && verdict.covers) << verdict.reason;
    EXPECT_NE(verdict.reason.find("packages of series 1, 2"), std::string::npos) << verdict.reason;
  }
}

TEST(Selection, InputsAreTheSetOfTakenInstancesOfThatStudy) {
  const StudyEntry study = StudyOf({Stir("1.1")});
  const std::string hash = Select(study, {}).inputs_hash;
  StudyEntry reordered = study;
  std::swap(reordered.series[0].instances[0], reordered.series[0].instances[1]);
  EXPECT_EQ(Select(reordered, {}).inputs_hash, hash);
  StudyEntry with_report = study;
  SeriesEntry report = Stir("1.2");
  report.manufacturer = "Osteon project";
  report.instances = {{"r", "9.9", 1}};
  with_report.series.push_back(report);
  EXPECT_EQ(Select(with_report, {}).inputs_hash, hash);
  StudyEntry more = study;
  more.series[0].instances.push_back({"i99", "1.1.99", 10});
  EXPECT_NE(Select(more, {}).inputs_hash, hash);
  StudyEntry other_patient = study;
  other_patient.orthanc_id = "s2";
  EXPECT_NE(Select(other_patient, {}).inputs_hash, hash);
}

}  // namespace
}  // namespace osteon::plugin
