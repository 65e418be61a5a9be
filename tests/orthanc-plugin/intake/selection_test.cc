// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/selection.h"

#include <gtest/gtest.h>

#include <functional>

namespace osteon::plugin {
namespace {

SeriesEntry Stir(double from_mm = 0, double to_mm = 900) {
  SeriesEntry series;
  series.series_uid = "1.2";
  series.modality = "MR";
  series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
  series.image_type = "ORIGINAL\\PRIMARY\\M\\ND";
  series.physics = {165, 70, 4200, std::nullopt, "SE\\IR"};
  series.plane = Plane::kCoronal;
  series.head_foot_mm = {{from_mm, to_mm}};
  series.instances = {{"i1", "1.2.1", 10, std::nullopt}, {"i2", "1.2.2", 10, std::nullopt}};
  return series;
}

StudyEntry StudyOf(std::vector<SeriesEntry> series) {
  StudyEntry study;
  study.orthanc_id = "s1";
  study.series = std::move(series);
  return study;
}

TEST(Selection, PhysicsDecidesWhatASeriesIs) {
  struct Case {
    const char* what;
    std::function<void(SeriesEntry&)> change;
    const char* class_name;
    bool taken;
    bool covers;
  };
  const Case cases[] = {
      {"STIR at 1.5 T", [](SeriesEntry&) {}, "stir", true, true},
      {"STIR at 3 T", [](SeriesEntry& s) { s.physics.inversion_time_ms = 220; }, "stir", true,
       true},
      {"FLAIR", [](SeriesEntry& s) { s.physics.inversion_time_ms = 2500; }, "", false, false},
      {"called STIR, but a FLAIR",
       [](SeriesEntry& s) {
         s.description = "STIR";
         s.physics.inversion_time_ms = 2500;
       },
       "", false, false},
      {"no inversion time, text says it",
       [](SeriesEntry& s) {
         s.description = "TIRM cor";
         s.physics.inversion_time_ms.reset();
       },
       "stir", true, true},
      {"no inversion time, text silent",
       [](SeriesEntry& s) {
         s.description = "cor";
         s.physics.inversion_time_ms.reset();
       },
       "", false, false},
      {"nothing in the header but the text",
       [](SeriesEntry& s) {
         s.description = "STIR_comp";
         s.physics = {};
       },
       "stir", true, true},
      {"localiser", [](SeriesEntry& s) { s.image_type = "ORIGINAL\\PRIMARY\\LOCALIZER"; },
       "localiser", false, false},
      {"T1",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 11, 550, std::nullopt, "SE"};
       },
       "t1", true, false},
      {"T1 with contrast",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 11, 600, std::nullopt, "SE"};
         s.contrast_agent = "Gadolinium";
       },
       "t1_contrast", true, false},
      {"T2 Dixon water",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 80, 4000, std::nullopt, "SE"};
         s.image_type = "DERIVED\\PRIMARY\\W";
       },
       "t2_dixon_water", true, true},
      {"T2 Dixon fat",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 80, 4000, std::nullopt, "SE"};
         s.image_type = "DERIVED\\PRIMARY\\F";
       },
       "", false, false},
      {"DWI, fat nulled by inversion",
       [](SeriesEntry& s) {
         s.physics = {200, 60, 6000, 800, "EP\\IR"};
       },
       "dwi", true, false},
      {"ADC",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 60, 6000, std::nullopt, "EP"};
         s.image_type = "DERIVED\\PRIMARY\\ADC";
       },
       "adc", true, false},
      {"functional EPI of a brain",
       [](SeriesEntry& s) {
         s.physics = {std::nullopt, 30, 2000, std::nullopt, "EP"};
         s.description = "EPI PE=AP";
       },
       "", false, false},
      {"sagittal STIR of the spine", [](SeriesEntry& s) { s.plane = Plane::kSagittal; }, "stir",
       true, false},
      {"a knee",
       [](SeriesEntry& s) {
         s.head_foot_mm = {{0, 180}};
       },
       "stir", true, false},
      {"no geometry", [](SeriesEntry& s) { s.head_foot_mm.reset(); }, "stir", true, false},
      {"secondary capture with modality MR",
       [](SeriesEntry& s) { s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7"; }, "", false, false},
      {"made by Osteon", [](SeriesEntry& s) { s.manufacturer = "Osteon project"; }, "", false,
       false},
      {"a CT", [](SeriesEntry& s) { s.modality = "CT"; }, "", false, false},
  };
  const SelectionRules rules = DefaultRules();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    SeriesEntry series = Stir();
    c.change(series);
    const Selection selection = Select(StudyOf({series}), rules);
    ASSERT_EQ(selection.series.size(), 1U);
    EXPECT_EQ(selection.series[0].class_name, c.class_name) << selection.series[0].reason;
    EXPECT_EQ(selection.series[0].taken, c.taken) << selection.series[0].reason;
    EXPECT_EQ(selection.series[0].covers, c.covers) << selection.series[0].reason;
    EXPECT_FALSE(selection.series[0].reason.empty());
  }
}

TEST(Selection, TheExtentIsThatOfAllStationsTogether) {
  const SelectionRules rules = DefaultRules();
  EXPECT_DOUBLE_EQ(
      Select(StudyOf({Stir(0, 400), Stir(350, 750), Stir(700, 1100)}), rules).extent_mm, 1100);
  EXPECT_DOUBLE_EQ(Select(StudyOf({Stir(0, 400), Stir(600, 1000)}), rules).extent_mm, 800);
  EXPECT_DOUBLE_EQ(Select(StudyOf({Stir(0, 900), Stir(100, 400)}), rules).extent_mm, 900);
}

TEST(Selection, SmallPatientsNeedLess) {
  const SelectionRules rules = DefaultRules();
  const std::pair<std::optional<double>, double> cases[] = {
      {std::nullopt, 800}, {1.80, 800}, {1.00, 700}, {0.70, 490}, {170.0, 800} /* centimetres */,
      {0.0, 800}};
  for (const auto& [size_m, needed_mm] : cases) {
    StudyEntry study = StudyOf({Stir()});
    study.patient_size_m = size_m;
    EXPECT_NEAR(Select(study, rules).needed_mm, needed_mm, 1e-9) << size_m.value_or(-1);
  }
}

TEST(Selection, InputsAreTheSetOfTakenInstancesOfThatStudy) {
  const SelectionRules rules = DefaultRules();
  const StudyEntry study = StudyOf({Stir()});
  const std::string hash = Select(study, rules).inputs_hash;
  StudyEntry reordered = study;
  std::swap(reordered.series[0].instances[0], reordered.series[0].instances[1]);
  EXPECT_EQ(Select(reordered, rules).inputs_hash, hash);
  StudyEntry with_report = study;
  SeriesEntry report = Stir();
  report.manufacturer = "Osteon project";
  report.instances = {{"r", "9.9", 1, std::nullopt}};
  with_report.series.push_back(report);
  EXPECT_EQ(Select(with_report, rules).inputs_hash, hash);
  StudyEntry more = study;
  more.series[0].instances.push_back({"i3", "1.2.3", 10, std::nullopt});
  EXPECT_NE(Select(more, rules).inputs_hash, hash);
  StudyEntry other_patient = study;
  other_patient.orthanc_id = "s2";
  EXPECT_NE(Select(other_patient, rules).inputs_hash, hash);
}

}  // namespace
}  // namespace osteon::plugin
