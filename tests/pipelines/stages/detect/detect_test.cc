// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/detect.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "pipelines/model/statistics.h"
#include "pipelines/stages/skeleton/unit_frames.h"
#include "tests/pipelines/stages/detect/knee.h"

namespace osteon {
namespace {

using testing::AddLesion;
using testing::ComposeStir;
using testing::Id;
using testing::Knee;
using testing::MakeKnee;

class DetectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ =
        std::filesystem::path(::testing::TempDir()) / fmt::format("detect-models-{}", ::getpid());
    std::filesystem::create_directories(dir_);
    std::ofstream(dir_ / "skeleton.json") << "{}";  // Marks a folder of models.
    Write(
        R"({"version": "t", "features": ["core"], "bias": 0, "calibration": {"slope": 1, "offset": 0},
      "trees": [{"feature": [0, -1, -1], "threshold": [1.5, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0],
                 "value": [0, -3, 3]}]})");
    options_.model_dir = dir_;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void Write(const std::string& text) { std::ofstream(dir_ / "lesion.json") << text; }

  std::filesystem::path dir_;
  DetectOptions options_;
  RunContext run_;
};

TEST_F(DetectTest, JudgesCandidatesAndPaintsThemOnTheComposedGrid) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 50, 4, 10, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 120, 4, 10, 1.0F, 0.9F);
  ComposeStir(knee);
  const auto map = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_TRUE(map) << map.error().message();
  ASSERT_EQ(map->candidates.size(), 2U);
  const auto& bright = map->candidates[0].judgement == LesionClass::kLesion ? map->candidates[0]
                                                                            : map->candidates[1];
  const auto& dim = map->candidates[0].judgement == LesionClass::kLesion ? map->candidates[1]
                                                                         : map->candidates[0];
  EXPECT_EQ(bright.judgement, LesionClass::kLesion);
  EXPECT_EQ(bright.unit, Id("femur_distal_left"));
  EXPECT_GT(bright.probability, 0.9);
  EXPECT_THAT(bright.reasons, ::testing::Contains(::testing::HasSubstr("for a lesion")));
  EXPECT_EQ(map->labels.At(42, 25, 4), bright.label);
  EXPECT_EQ(dim.judgement, LesionClass::kNormalVariant);
  EXPECT_EQ(dim.unit, Id("tibia_proximal_left"));
  EXPECT_EQ(map->labels.At(10, 10, 4), 0);
}

TEST_F(DetectTest, WhatIsNoBrighterThanMarrowIsNormalWhateverTheClassifierSays) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 50, 4, 10, 3.0F, 0.9F);
  const auto sure = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_TRUE(sure);  // The composed STIR is even: the lesion is as bright as muscle.
  ASSERT_EQ(sure->candidates.size(), 1U);
  EXPECT_EQ(sure->candidates[0].judgement, LesionClass::kNormalVariant);
  EXPECT_LE(sure->candidates[0].probability, options_.ruled_out_probability);
  EXPECT_THAT(sure->candidates[0].reasons.front(), ::testing::StartsWith("normal:"));
}

TEST_F(DetectTest, JudgesHandsAndFeetStricter) {
  Knee knee = MakeKnee();
  options_.lesion_probability = 0.5;
  options_.hand_foot_lesion_probability = 0.99;
  for (UnitId& unit : knee.skeleton.maps.near_units.voxels()) {
    if (unit == Id("tibia_proximal_left")) unit = Id("foot_left");
  }
  knee.skeleton.frames = MeasureUnits(knee.skeleton.maps.near_units, knee.skeleton.maps.bone);
  AddLesion(knee.skeleton.maps, 84, 50, 4, 10, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 120, 4, 10, 3.0F, 0.9F);
  ComposeStir(knee);
  const auto map = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_TRUE(map);
  ASSERT_EQ(map->candidates.size(), 2U);
  for (const Candidate& c : map->candidates) {
    EXPECT_EQ(c.judgement,
              UnitOf(c.unit).hand_or_foot() ? LesionClass::kIndeterminate : LesionClass::kLesion);
  }
}

// Two medians of two definitions once lay on either side of the limit of grade 1.
TEST_F(DetectTest, TheSignalOfACandidateIsTheMedianThatTheReportGives) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 85, 51, 4, 10, 3.0F, 0.9F);
  ComposeStir(knee);
  const auto stir = knee.volume.stir.voxels();
  for (std::size_t n = 0; n < stir.size(); ++n) stir[n] += static_cast<float>(n % 97);
  const auto map = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_TRUE(map);
  std::vector<float> values;
  for (std::size_t n = 0; n < stir.size(); ++n)
    if (map->labels.voxels()[n] == 1) values.push_back(stir[n]);
  ASSERT_EQ(values.size() % 2, 0U) << "medians differ only with an even number of voxels";
  EXPECT_DOUBLE_EQ(map->candidates.at(0).features.at("stir_over_muscle"),
                   MedianOf(values) / map->anchors.muscle);
}

// Other contrasts that end above the tibia: its lesion is judged to the bit as without them.
TEST_F(DetectTest, OtherSeriesChangeNothingWhereTheyDidNotImage) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 50, 4, 10, 3.0F, 0.9F);
  AddLesion(knee.skeleton.maps, 84, 120, 4, 10, 3.0F, 0.9F);
  ComposeStir(knee);
  const auto without = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_TRUE(without);
  const VolumeGeometry g = knee.volume.stir.geometry();
  for (OtherContrast* other : {&knee.volume.t1, &knee.volume.adc, &knee.volume.b_high}) {
    *other = {Volume<float>(g), Volume<std::uint8_t>(g)};
    for (int k = 0; k < g.slices; ++k) {
      for (int j = 0; j < 40; ++j) {
        for (int i = 0; i < g.columns; ++i) {
          other->voxels.At(i, j, k) = 1300;
          other->imaged.At(i, j, k) = 1;
        }
      }
    }
  }
  RunContext run;
  const auto with = DetectLesions(knee.volume, knee.skeleton, options_, run);
  ASSERT_TRUE(with);
  ASSERT_EQ(with->candidates.size(), 2U);
  for (std::size_t n = 0; n < 2; ++n) {
    const Candidate &a = without->candidates[n], &b = with->candidates[n];
    if (b.unit == Id("tibia_proximal_left")) {
      EXPECT_EQ(a.probability, b.probability);
      EXPECT_EQ(a.features, b.features);
      EXPECT_EQ(a.reasons, b.reasons);
    } else {
      EXPECT_NE(a.probability, b.probability) << "ADC 1.3 speaks for a lesion";
      EXPECT_DOUBLE_EQ(b.features.at("adc"), 1.3);
    }
  }
  for (const char* code : {"t1_partial", "adc_partial", "diffusion_partial"}) {
    const auto caveat = std::ranges::find(run.caveats(), code, &Caveat::code);
    ASSERT_NE(caveat, run.caveats().end()) << code;
    EXPECT_THAT(caveat->values, ::testing::ElementsAre("1", "2"));
  }
}

TEST_F(DetectTest, ASureLesionElsewhereMakesADoubtfulOneLikelierAndNotItself) {
  const auto use_weight = [&](const std::string& company) {
    Write(
        R"({"version": "t", "features": ["core"], "bias": 0, "calibration": {"slope": 1, "offset": -1, "company": )" +
        company + R"(}, "trees": [{"feature": [0, -1, 0, -1, -1], "threshold": [1.5, 0, 3.5, 0, 0],
        "left": [1, 0, 3, 0, 0], "right": [2, 0, 4, 0, 0], "value": [0, -3, 2, 0, 3]}]})");
  };
  use_weight("1.5");
  const auto judged = [&](const char* unit, float femur_signal) {
    Knee knee = MakeKnee();
    AddLesion(knee.skeleton.maps, 84, 50, 4, 10, femur_signal, 0.9F);
    AddLesion(knee.skeleton.maps, 84, 120, 4, 10, 3.0F, 0.9F);
    ComposeStir(knee);
    const auto map = DetectLesions(knee.volume, knee.skeleton, options_, run_);
    EXPECT_TRUE(map);
    return *std::ranges::find(map->candidates, Id(unit), &Candidate::unit);
  };
  const auto logistic = [](double log_odds) { return 1 / (1 + std::exp(-log_odds)); };
  const Candidate among_doubtful = judged("tibia_proximal_left", 3.0F),
                  beside_sure = judged("tibia_proximal_left", 5.0F),
                  sure = judged("femur_distal_left", 5.0F);
  EXPECT_NEAR(among_doubtful.probability, logistic(-1), 1e-9);
  EXPECT_FALSE(among_doubtful.probability_if_only);
  EXPECT_NEAR(beside_sure.probability, logistic(0.5), 1e-9);
  EXPECT_NEAR(beside_sure.probability_if_only.value_or(0), logistic(-1), 1e-9);
  EXPECT_NEAR(sure.probability, logistic(2), 1e-9);
  EXPECT_FALSE(sure.probability_if_only);

  use_weight("0");
  const Candidate without_weight = judged("tibia_proximal_left", 5.0F);
  EXPECT_NEAR(without_weight.probability, logistic(-1), 1e-9);
  EXPECT_FALSE(without_weight.probability_if_only);
  EXPECT_THAT(without_weight.reasons,
              ::testing::Each(::testing::Not(::testing::HasSubstr("sure lesions"))));
}

TEST_F(DetectTest, SaysWhatItCouldNotUseAndFailsWithoutAClassifier) {
  const Knee knee = MakeKnee();
  ASSERT_TRUE(DetectLesions(knee.volume, knee.skeleton, options_, run_));
  std::vector<std::string> codes;
  for (const Caveat& c : run_.caveats()) codes.push_back(c.code);
  EXPECT_THAT(codes, ::testing::IsSupersetOf({"no_t1", "no_adc"}));

  Write("not json");
  const auto map = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(map.error().message(), ::testing::HasSubstr("lesion.json"));

  Write(R"({"version": "t", "features": ["core", "unheard_of"], "bias": 0,
      "calibration": {"slope": 1, "offset": 0}, "trees": []})");
  const auto unknown = DetectLesions(knee.volume, knee.skeleton, options_, run_);
  ASSERT_FALSE(unknown) << "though there is no candidate to judge";
  EXPECT_THAT(unknown.error().message(), ::testing::HasSubstr("'unheard_of'"));
}

}  // namespace
}  // namespace osteon
