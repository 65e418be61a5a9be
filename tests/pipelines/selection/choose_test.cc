// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/choose.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipelines/selection/made_study.h"

namespace osteon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MadeSeries;
using testing::StudyOf;

// Four stations of 430 mm, 380 mm apart, as wide as a trunk; `first_top_mm` is the head's end.
std::vector<MadeSeries> Stations(std::size_t count = 4) {
  std::vector<MadeSeries> stations;
  for (std::size_t n = 0; n < count; ++n) {
    MadeSeries s;
    s.columns = 300;
    s.top_mm = 900 - 380.0 * static_cast<double>(n);
    stations.push_back(s);
  }
  return stations;
}

MadeSeries Composed() {
  MadeSeries s;
  s.columns = 300;
  s.rows = 1050;
  return s;
}

MadeSeries With(MadeSeries s, Contrast contrast) {
  s.contrast = contrast;
  return s;
}

TEST(ChooseSeries, TakesStationsHeadFirstWhateverTheirOrder) {
  auto made = Stations();
  std::swap(made[0], made[2]);
  const Selection selection = ChooseSeries(StudyOf(made), {});
  EXPECT_EQ(selection.eligibility, Eligibility::kWholeBody) << selection.reason;
  EXPECT_TRUE(selection.choice.stations);
  EXPECT_THAT(selection.choice.stir, ElementsAre(2, 1, 0, 3));
  EXPECT_NEAR(selection.choice.coverage_mm, 3 * 380 + 430.5, 1e-6);
  ASSERT_EQ(selection.choice.reasons.size(), 4U);
  EXPECT_THAT(selection.choice.reasons[0].text, HasSubstr("station 3 of 4"));
}

TEST(ChooseSeries, NeverTakesStationsAndComposedTogether) {
  auto made = Stations();
  made.push_back(Composed());
  const Selection both = ChooseSeries(StudyOf(made), {});
  EXPECT_THAT(both.choice.stir, ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(both.choice.reasons[4].taken);
  // The composed series is preferred to stations without legs.
  auto short_of_legs = Stations(3);
  short_of_legs.push_back(Composed());
  const Selection composed = ChooseSeries(StudyOf(short_of_legs), {});
  EXPECT_THAT(composed.choice.stir, ElementsAre(3));
  EXPECT_FALSE(composed.choice.stations);
}

TEST(ChooseSeries, TakesTheRepeatOfAStation) {
  auto made = Stations();
  made.push_back(made[1]);
  const Selection selection = ChooseSeries(StudyOf(made), {});
  EXPECT_THAT(selection.choice.stir, ElementsAre(0, 4, 2, 3));
  EXPECT_THAT(selection.choice.reasons[1].text, HasSubstr("repeated by series 5"));
}

TEST(ChooseSeries, TakesWaterWhenThereIsNoStir) {
  const Selection selection = ChooseSeries(StudyOf({With(Composed(), Contrast::kDixonWater)}), {});
  EXPECT_EQ(selection.eligibility, Eligibility::kWholeBody);
  EXPECT_THAT(selection.choice.stir, ElementsAre(0));
  const Selection stir =
      ChooseSeries(StudyOf({With(Composed(), Contrast::kDixonWater), Composed()}), {});
  EXPECT_THAT(stir.choice.stir, ElementsAre(1));
}

TEST(ChooseSeries, TakesTheHighestBValueAndTheOtherContrasts) {
  Study study =
      StudyOf({Composed(), With(Composed(), Contrast::kT1), With(Composed(), Contrast::kDiffusion),
               With(Composed(), Contrast::kDiffusion), With(Composed(), Contrast::kAdc),
               With(Composed(), Contrast::kT1PostContrast)});
  study.series[2].physics.b_value_s_per_mm2 = 50;
  study.series[3].physics.b_value_s_per_mm2 = 800;
  study.series[5].geometry.frame_of_reference_uid = "1.2.77";
  const Selection selection = ChooseSeries(study, {});
  EXPECT_THAT(selection.choice.t1, ElementsAre(1));
  EXPECT_THAT(selection.choice.diffusion, ElementsAre(3));
  EXPECT_THAT(selection.choice.adc, ElementsAre(4));
  EXPECT_THAT(selection.choice.t1_post_contrast, IsEmpty());
  EXPECT_THAT(selection.choice.reasons[5].text,
              HasSubstr("another Frame of Reference UID (0020,0052)"));
  EXPECT_THAT(selection.caveats, Contains(Field(&Caveat::code, "contrast_not_used")));
}

TEST(ChooseSeries, SaysWhyAStudyIsNoWholeBody) {
  Study brain = StudyOf({MadeSeries{.rows = 150}});
  Study spine = StudyOf(Stations());
  for (SeriesInfo& s : spine.series) s.geometry.columns = 40;
  Study two_stations = StudyOf(Stations(3));
  two_stations.series.pop_back();
  // The table was set to zero between the stations: all lie at one place, each in its own frame.
  Study zeroed = StudyOf(Stations());
  for (std::size_t n = 0; n < zeroed.series.size(); ++n) {
    zeroed.series[n].geometry.patient_from_voxel.origin.z = 200;
    zeroed.series[n].geometry.frame_of_reference_uid = fmt::format("1.2.{}", 10 + n);
  }
  Study report_only;
  report_only.left_out.push_back({"series 1.2", "not an MR image: ComprehensiveSRStorage (SR)"});
  Study knee = StudyOf({With(Composed(), Contrast::kT1)});
  const struct {
    const char* name;
    const Study& study;
    const char* reason;
  } cases[] = {
      {"brain", brain, "the STIR covers 225 mm head to foot, a whole body needs 800 mm"},
      {"spine", spine, "is 58 mm wide, a whole body needs 200 mm"},
      {"two stations", two_stations, "has 2 station(s), a whole body needs 3"},
      {"stations at one place", zeroed,
       "there are 4 Frames of Reference UID (0020,0052), in which positions do not continue"},
      {"report only", report_only, "no MR image that can be read (not an MR image: Compre"},
      {"no stir", knee, "none of its 1 MR series is a STIR or T2 Dixon water image"},
  };
  for (const auto& c : cases) {
    const Selection selection = ChooseSeries(c.study, {});
    EXPECT_EQ(selection.eligibility, Eligibility::kNotWholeBody) << c.name;
    EXPECT_THAT(selection.reason, HasSubstr(c.reason)) << c.name;
    EXPECT_THAT(selection.choice.stir, IsEmpty()) << c.name;
    EXPECT_EQ(selection.choice.reasons.size(), c.study.series.size()) << c.name;
  }
}

TEST(ChooseSeries, CompletesTheBodyWithStationsOfAnotherPixelSliceSizeOrTime) {
  auto made = Stations();
  for (MadeSeries& s : made) s.description = "station";
  Study study = StudyOf(made);
  const double mm = 1.35;
  SeriesInfo& legs = study.series[3];
  legs.geometry.rows = static_cast<int>(430 / mm);
  legs.geometry.columns = static_cast<int>(450 / mm);
  legs.geometry.patient_from_voxel.step_i = {mm, 0, 0};
  legs.geometry.patient_from_voxel.step_j = {0, 0, -mm};
  legs.geometry.patient_from_voxel.step_k = {0, 5, 0};
  legs.physics.echo_time_ms = 58;
  const Selection selection = ChooseSeries(study, {});
  EXPECT_THAT(selection.choice.stir, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(selection.choice.reasons[3].text, HasSubstr("station 4 of 4"));
  EXPECT_THAT(selection.caveats, Contains(Field(&Caveat::code, "stations_differ")));
}

TEST(ChooseSeries, JoinsFramesOfReferenceWhosePositionsContinueEachOther) {
  Study study = StudyOf(Stations());
  for (std::size_t n = 0; n < study.series.size(); ++n) {
    study.series[n].geometry.frame_of_reference_uid = fmt::format("1.2.{}", 10 + n);
  }
  const Selection joined = ChooseSeries(study, {});
  EXPECT_THAT(joined.choice.stir, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(joined.caveats, Contains(Field(&Caveat::code, "frames_of_reference_joined")));
  // A station far to the side, or beyond a gap, is another patient position: named, not used.
  study.series[3].geometry.patient_from_voxel.origin.x += 150;
  const Selection shifted = ChooseSeries(study, {});
  EXPECT_THAT(shifted.choice.stir, ElementsAre(0, 1, 2));
  EXPECT_THAT(shifted.caveats, Contains(Field(&Caveat::code, "imaged_not_used")));
}

TEST(ChooseSeries, ASmallSeriesWithinAStationDoesNotReplaceIt) {
  auto made = Stations();
  MadeSeries knee = made[2];
  knee.rows = 100;
  knee.columns = 100;
  knee.first_x_mm = -50;
  knee.top_mm -= 100;
  made.push_back(knee);
  const Selection selection = ChooseSeries(StudyOf(made), {});
  EXPECT_THAT(selection.choice.stir, ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(selection.choice.reasons[4].taken);
}

TEST(ChooseSeries, TwoStationsAreASmallChildWhoseHeightIsKnown) {
  Study study = StudyOf(Stations(2));
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kNotWholeBody);
  study.height_mm = 900;
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kWholeBody);
}

TEST(ChooseSeries, SaysWhatOfTheBodyWasImagedAndNotUsed) {
  auto made = Stations();
  MadeSeries feet = made[3];
  feet.top_mm -= 300;
  feet.rows = 200;
  feet.first_y_mm = 200;
  Study study = StudyOf(made);
  study.series.push_back(testing::Make(feet, 5));
  study.series[4].geometry.patient_from_voxel.step_i = {0.9, 1.2, 0};  // Turned by 53 degrees.
  const Selection selection = ChooseSeries(study, {});
  EXPECT_THAT(selection.choice.stir, ElementsAre(0, 1, 2, 3));
  ASSERT_THAT(selection.caveats, Contains(Field(&Caveat::code, "imaged_not_used")));
}

TEST(ChooseSeries, TellsGuesses) {
  Study study = StudyOf({Composed()});
  study.series[0].contrast_guess = "taken for STIR by its name: TI is not stated";
  EXPECT_THAT(ChooseSeries(study, {}).caveats, Contains(Field(&Caveat::code, "contrast_guessed")));
}

TEST(ChooseSeries, TellsDamageFromAnotherKindOfStudy) {
  Study study;
  study.left_out.push_back(
      {"series 2", "Pixel Spacing (0028,0030) is missing", true, Contrast::kStir, 0});
  const Selection selection = ChooseSeries(study, {});
  EXPECT_EQ(selection.eligibility, Eligibility::kDamaged);
  EXPECT_THAT(selection.reason, HasSubstr("Pixel Spacing (0028,0030)"));
  // Another contrast than STIR, or a STIR of 180 mm, does not make a study a whole body.
  study.left_out[0].contrast = Contrast::kDiffusion;
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kNotWholeBody);
  study.left_out[0].contrast = Contrast::kStir;
  study.left_out[0].head_foot_mm = 180;
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kNotWholeBody);
}

TEST(ChooseSeries, MeasuresAChildByItsHeight) {
  MadeSeries small = Composed();
  small.rows = 420;  // 630 mm.
  Study study = StudyOf({small});
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kNotWholeBody);
  study.height_mm = 850;
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kWholeBody);
  study.height_mm.reset();
  study.age_years = 2.0;  // About 890 mm: 0.70 of it are 623 mm.
  EXPECT_EQ(ChooseSeries(study, {}).eligibility, Eligibility::kWholeBody);
}

}  // namespace
}  // namespace osteon
