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
#include "pipelines/stages/detect/detect_candidates.h"
#include "pipelines/stages/detect/detect_features.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"
#include "pipelines/stages/skeleton/unit_frames.h"
#include "tests/pipelines/stages/detect/coronal_grid.h"

namespace osteon {
namespace {

using testing::CoronalGrid;

UnitId Id(const char* key) { return *UnitByKey(key); }

// Two bones one above the other in muscle: a left distal femur and a left proximal tibia that meet
// at coarse row 40.
struct Knee {
  ComposedVolume volume;
  Skeleton skeleton;
};

Knee MakeKnee() {
  Knee knee;
  const VolumeGeometry coarse = CoronalGrid(60, 80, 8, 4), fine = CoronalGrid(120, 160, 8, 2);
  TissueMaps& maps = knee.skeleton.maps;
  maps.tissue = Volume<std::uint8_t>(coarse);
  maps.bone_class = Volume<std::uint8_t>(coarse);
  maps.bone = Volume<float>(coarse);
  maps.near_units = Volume<UnitId>(coarse);
  maps.relative = Volume<float>(fine, 1.0F);
  maps.lesion = Volume<float>(fine, 0.01F);
  for (int k = 1; k < 7; ++k) {
    for (int j = 5; j < 75; ++j) {
      for (int i = 36; i < 48; ++i) {
        const bool femur = j < 40;
        const auto c = static_cast<std::uint8_t>(femur ? TissueClass::kFemur : TissueClass::kLeg);
        maps.tissue.At(i, j, k) = maps.bone_class.At(i, j, k) = c;
        maps.bone.At(i, j, k) = 0.95F;
        maps.near_units.At(i, j, k) = Id(femur ? "femur_distal_left" : "tibia_proximal_left");
        for (int s = 0; s < 4; ++s) maps.relative.At(2 * i + s % 2, 2 * j + s / 2, k) = 0.4F;
      }
    }
  }
  knee.skeleton.units = maps.near_units.Clone();
  knee.skeleton.frames = MeasureUnits(maps.near_units, maps.bone);
  knee.volume.stir = Volume<float>(coarse, 100.0F);
  return knee;
}

// A bright ball with a soft edge: signal and evidence as the network would give them.
void AddLesion(TissueMaps& maps, double i0, double j0, double k0, double radius_mm, float signal,
               float evidence) {
  const VolumeGeometry& g = maps.relative.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const double d = std::hypot(2 * (i - i0), 2 * (j - j0), 6 * (k - k0)) - radius_mm;
        const auto share = static_cast<float>(std::clamp(0.5 - d / 4, 0.0, 1.0));
        if (share <= 0) continue;
        maps.relative.At(i, j, k) =
            std::max(maps.relative.At(i, j, k), 0.4F + share * (signal - 0.4F));
        maps.lesion.At(i, j, k) = std::max(maps.lesion.At(i, j, k), share * evidence);
      }
    }
  }
}

// The composed STIR from which the relative signal would be computed: muscle is 100.
void ComposeStir(Knee& knee) {
  const Volume<float>& relative = knee.skeleton.maps.relative;
  Volume<float>& stir = knee.volume.stir;
  const VolumeGeometry& g = stir.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) stir.At(i, j, k) = 100 * relative.At(2 * i, 2 * j, k);
    }
  }
}

TEST(FindRegions, OutlinesALesionAtHalfItsExcess) {
  Knee knee = MakeKnee();
  AddLesion(knee.skeleton.maps, 84, 60, 4, 10, 3.0F, 0.9F);
  const auto regions = FindRegions(knee.skeleton.maps, 0.4F);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].unit, Id("femur_distal_left"));
  EXPECT_NEAR(regions[0].marrow, 0.4, 1e-6);
  EXPECT_GT(regions[0].core, 2.0);
  const double ml = static_cast<double>(regions[0].voxels.size()) * 2 * 2 * 6 / 1000;
  EXPECT_NEAR(ml, 4.0 / 3.0 * M_PI, 1.2);
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
  const double ml = static_cast<double>(regions[0].voxels.size()) * 2 * 2 * 6 / 1000;
  EXPECT_NEAR(ml, 4.0 / 3.0 * M_PI, 1.2);
}

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
