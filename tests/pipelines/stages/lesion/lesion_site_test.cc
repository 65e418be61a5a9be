// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_site.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipelines/model/label_voxels.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Grid;
using testing::Rod;
using testing::Scene;

// A bone from z = 150 (proximal) to -150 mm in three parts, on anisotropic voxels; a growth plate
// at z = -110 faces the foot.
Scene LongBone(bool with_plate) {
  Scene scene(Grid(41, 161, 11, {1.5, 2, 5}));
  scene.AddBone("femur_proximal_left", Rod({0, 0, 0}, 15, 150, 80), 150, 80, {0, 0, 115});
  scene.AddBone("femur_diaphysis_left", Rod({0, 0, 0}, 15, 79, -80), 80, -80, {0, 0, 0});
  scene.AddBone("femur_distal_left", Rod({0, 0, 0}, 15, -81, -150), -80, -150, {0, 0, -115});
  if (with_plate)
    scene.skeleton.physes.push_back({*UnitByKey("femur_distal_left"), {0, 0, -110}, {0, 0, -1}});
  return scene;
}

Lesion Sited(Scene& scene, const char* unit, double top_mm, double bottom_mm,
             std::optional<double> age_years = 10) {
  const int label = scene.AddLesion(unit, Rod({0, 0, 0}, 8, top_mm, bottom_mm));
  Lesion lesion;
  lesion.unit = *UnitByKey(unit);
  lesion.centroid_mm = {0, 0, (top_mm + bottom_mm) / 2};
  StudyFacts facts;
  facts.age_years = age_years;
  return WithSite(lesion, VoxelsByLabel(scene.map.labels)[static_cast<std::size_t>(label)],
                  scene.volume.stir.geometry(), scene.skeleton, facts, {});
}

TEST(LesionSite, IsToldByTheGrowthPlateOfItsOwnBone) {
  const struct {
    const char* what;
    const char* unit;
    double top_mm, bottom_mm, distance_mm;
    PhysisRelation relation;
    Segment segment;
  } cases[] = {
      {"on the plate, above", "femur_distal_left", -90, -108, 2, PhysisRelation::kTouches,
       Segment::kMetaphysis},
      {"on the plate, below", "femur_distal_left", -112, -130, 2, PhysisRelation::kTouches,
       Segment::kEpiphysis},
      {"most of it above", "femur_distal_left", -84, -118, 0, PhysisRelation::kCrosses,
       Segment::kMetaphysis},
      {"most of it below", "femur_distal_left", -104, -140, 0, PhysisRelation::kCrosses,
       Segment::kEpiphysis},
      {"10 mm away", "femur_distal_left", -86, -100, 10, PhysisRelation::kNear,
       Segment::kMetaphysis},
      {"26 mm away", "femur_distal_left", -140, -148, 30, PhysisRelation::kRemote,
       Segment::kEpiphysis},
      {"in the shaft", "femur_diaphysis_left", 20, -20, 90, PhysisRelation::kRemote,
       Segment::kDiaphysis},
  };
  for (const auto& c : cases) {
    Scene scene = LongBone(true);
    const Lesion l = Sited(scene, c.unit, c.top_mm, c.bottom_mm);
    EXPECT_NEAR(l.physis_distance_mm.value.value_or(-1), c.distance_mm, 1e-9) << c.what;
    EXPECT_EQ(l.physis, c.relation) << c.what;
    EXPECT_EQ(l.segment, c.segment) << c.what;
  }
}

// A bone in the midline that leans: its middle moves with height.
TEST(LesionSite, IsLeftOrRightOfTheMiddleOfABoneInTheMidline) {
  const struct {
    const char* what;
    double x_mm, z_mm;
    Side side;
  } cases[] = {
      {"patient's left", 12, 0, Side::kLeft},
      {"patient's right", -12, 0, Side::kRight},
      {"in the middle", 3, 0, Side::kNone},
      {"left, where the bone leans left", 30, 60, Side::kLeft},
      {"middle of a leaning bone", 18, 60, Side::kNone},
      {"right of it", 6, 60, Side::kRight},
  };
  for (const auto& c : cases) {
    Scene scene(Grid(61, 101, 11, {1.5, 2, 5}));
    scene.AddBone(
        "lumbar_spine",
        [](Vec3 p) { return std::abs(p.x - (p.z > 30 ? 18 : 0)) < 24 && std::abs(p.z) < 90; }, 90,
        -90, {0, 0, 0});
    const int label = scene.AddLesion("lumbar_spine", [&](Vec3 p) {
      return std::abs(p.x - c.x_mm) < 4 && std::abs(p.z - c.z_mm) < 6;
    });
    Lesion lesion;
    lesion.unit = *UnitByKey("lumbar_spine");
    lesion.centroid_mm = {c.x_mm, 0, c.z_mm};
    const Lesion sited =
        WithSite(lesion, VoxelsByLabel(scene.map.labels)[static_cast<std::size_t>(label)],
                 scene.volume.stir.geometry(), scene.skeleton, {}, {});
    EXPECT_EQ(sited.midline_side, c.side) << c.what;
    EXPECT_EQ(SideOf(sited), c.side) << c.what;
  }
  Scene scene = LongBone(true);
  const Lesion paired = Sited(scene, "femur_distal_left", -90, -108);
  EXPECT_EQ(paired.midline_side, Side::kNone);
  EXPECT_EQ(SideOf(paired), Side::kLeft);
}

TEST(LesionSite, SaysWhyThereIsNoDistance) {
  const struct {
    const char* what;
    bool plate;
    const char* unit;
    double top_mm, bottom_mm;
    std::optional<double> age_years;
    const char* why;
    Segment segment;
  } cases[] = {
      {"the other end of the bone", true, "femur_proximal_left", 148, 132, 10,
       "the nearest growth plate of this bone was not located", Segment::kEpiphysis},
      {"beyond half the bone", true, "femur_diaphysis_left", 70, 50, 10,
       "the nearest growth plate of this bone was not located", Segment::kDiaphysis},
      {"a child without a plate", false, "femur_distal_left", -90, -100, 10,
       "no open growth plate seen in this bone", Segment::kMetaphysis},
      {"at 18 years", false, "femur_distal_left", -140, -148, 18,
       "growth plates closed at this age", Segment::kEpiphysis},
      {"age unknown", false, "femur_distal_left", -90, -100, std::nullopt,
       "no open growth plate seen in this bone", Segment::kMetaphysis},
      {"on both sides of where a plate is thought", false, "femur_distal_left", -118, -142, 10,
       "no open growth plate seen in this bone", Segment::kUnknown},
      {"most of it above", false, "femur_distal_left", -100, -139, 18,
       "growth plates closed at this age", Segment::kUnknown},
      {"beside it", false, "femur_distal_left", -110, -128, 10,
       "no open growth plate seen in this bone", Segment::kMetaphysis},
  };
  for (const auto& c : cases) {
    Scene scene = LongBone(c.plate);
    const Lesion l = Sited(scene, c.unit, c.top_mm, c.bottom_mm, c.age_years);
    EXPECT_FALSE(l.physis_distance_mm.value) << c.what;
    EXPECT_EQ(l.physis_distance_mm.not_assessed, c.why) << c.what;
    EXPECT_EQ(l.physis, PhysisRelation::kNotAssessed) << c.what;
    EXPECT_EQ(l.segment, c.segment) << c.what;
  }
}

// It leans by 60 degrees from the vertical, as an outline of thick slices may.
TEST(LesionSite, OfAClavicleIsTheEndThatADoctorNames) {
  const struct {
    Side side;
    bool medial_end_is_lower;
    double from_medial_mm;  // Of 140.
    Segment segment;
  } cases[] = {{Side::kLeft, true, 15, Segment::kMedialEnd},
               {Side::kLeft, true, 70, Segment::kDiaphysis},
               {Side::kLeft, true, 130, Segment::kLateralEnd},
               {Side::kLeft, false, 15, Segment::kMedialEnd},
               {Side::kLeft, false, 130, Segment::kLateralEnd},
               {Side::kRight, true, 15, Segment::kMedialEnd},
               {Side::kRight, false, 130, Segment::kLateralEnd}};
  for (const auto& c : cases) {
    const double outwards = c.side == Side::kLeft ? 1 : -1;
    const double down = c.medial_end_is_lower ? -1 : 1;
    const Vec3 from_medial{outwards * std::sqrt(0.75), 0, -0.5 * down};
    const Vec3 medial{outwards * 20, 0, 300};
    Skeleton skeleton;
    UnitFrame frame;
    frame.unit = *UnitByKey(c.side == Side::kLeft ? "clavicle_left" : "clavicle_right");
    frame.axis = -down * from_medial;
    if (frame.axis.z > 0) frame.axis = -1.0 * frame.axis;  // To the feet.
    frame.length_mm = 140;
    frame.centre = medial + 70.0 * from_medial;
    frame.proximal_end = frame.centre - 70.0 * frame.axis;
    skeleton.frames.push_back(frame);
    Lesion lesion;
    lesion.unit = frame.unit;
    lesion.centroid_mm = medial + c.from_medial_mm * from_medial;
    const Lesion sited = WithSite(lesion, {{0, 0, 0}}, Grid(1, 1, 1, {1, 1, 1}), skeleton, {}, {});
    EXPECT_EQ(sited.segment, c.segment)
        << Name(c.side) << (c.medial_end_is_lower ? " low, " : " high, ") << c.from_medial_mm;
  }
}

TEST(LesionSite, OfOtherBonesIsTheirs) {
  const struct {
    const char* unit;
    double top_mm, bottom_mm;
    Segment segment;
  } cases[] = {{"thoracic_spine", 10, -10, Segment::kVertebra},
               {"ilium_right", 10, -10, Segment::kFlatBone},
               {"sternum", 10, -10, Segment::kFlatBone},
               {"mandible", 10, -10, Segment::kFlatBone},
               {"foot_left", 10, -10, Segment::kUnknown}};
  for (const auto& c : cases) {
    Scene scene(Grid(41, 161, 11, {1.5, 2, 5}));
    scene.AddBone(c.unit, Rod({0, 0, 0}, 15, 150, -150), 150, -150, {});
    const Lesion l = Sited(scene, c.unit, c.top_mm, c.bottom_mm);
    EXPECT_EQ(l.segment, c.segment) << c.unit << " from " << c.top_mm;
    EXPECT_NEAR(l.along_bone.value.value_or(-1), (150 - (c.top_mm + c.bottom_mm) / 2) / 300, 1e-9);
  }
  Scene none(Grid(41, 161, 11, {1.5, 2, 5}));
  const Lesion l = Sited(none, "femur_distal_left", 10, -10);
  EXPECT_EQ(l.along_bone.not_assessed, "bone unit not outlined");
  EXPECT_EQ(l.segment, Segment::kUnknown);
}

// A tibia along the z axis; the shaft of the fibula 25 mm beside it, whose ends are outlined as
// tibia.
TEST(LesionSite, OnTheLineOfTheFibulaIsInTheFibula) {
  const struct {
    const char* what;
    const char* unit;
    Vec3 centre;
    const char* named;
  } cases[] = {
      {"the lateral malleolus", "tibia_distal_left", {27, 2, -145}, "fibula_distal_left"},
      {"the head of the fibula", "tibia_proximal_left", {24, 3, 115}, "fibula_proximal_left"},
      {"the shaft, where both are one",
       "tibia_diaphysis_left",
       {25, 0, 30},
       "fibula_diaphysis_left"},
      {"the tibia", "tibia_distal_left", {4, 0, -140}, "tibia_distal_left"},
      {"between both", "tibia_distal_left", {15, 0, -140}, "tibia_distal_left"},
      {"the lateral plateau, above the fibula",
       "tibia_proximal_left",
       {25, 0, 142},
       "tibia_proximal_left"},
      {"another bone", "femur_distal_left", {25, 0, 160}, "femur_distal_left"},
  };
  for (const bool outlined : {true, false})
    for (const auto& c : cases) {
      Scene scene(Grid(41, 161, 11, {1.5, 2, 5}));
      scene.AddBone("tibia_proximal_left", Rod({0, 0, 0}, 15, 150, 80), 150, 80, {0, 0, 115});
      scene.AddBone("tibia_diaphysis_left", Rod({0, 0, 0}, 15, 79, -80), 80, -80, {0, 0, 0});
      scene.AddBone("tibia_distal_left", Rod({0, 0, 0}, 15, -81, -150), -80, -150, {0, 0, -115});
      const double end_mm = outlined ? -60 : 40;
      scene.AddBone("fibula_diaphysis_left", Rod({25, 0, 0}, 5, 60, end_mm), 60, end_mm,
                    {25, 0, (60 + end_mm) / 2});
      Lesion lesion;
      lesion.unit = *UnitByKey(c.unit);
      lesion.centroid_mm = c.centre;
      lesion.along_bone = Measured::Of(c.centre.z > 130 ? 0.1 : 0.5);
      lesion.segment = Segment::kMetaphysis;
      lesion.physis = PhysisRelation::kCrosses;
      lesion.physis_distance_mm = lesion.share_of_unit_percent = Measured::Of(1);
      const Lesion named = InFibula(lesion, scene.skeleton);
      const bool changed = outlined && std::string(c.named) != c.unit;
      EXPECT_EQ(UnitOf(named.unit).key, changed ? c.named : c.unit) << c.what;
      EXPECT_EQ(named.physis == PhysisRelation::kNotAssessed, changed) << c.what;
      EXPECT_EQ(named.physis_distance_mm.value.has_value(), !changed) << c.what;
      EXPECT_EQ(named.share_of_unit_percent.value.has_value(), !changed) << c.what;
      EXPECT_EQ(named.segment == Segment::kMetaphysis, !changed) << c.what;
      EXPECT_EQ(named.reasons.size(), changed ? 1U : 0U) << c.what;
    }
}

}  // namespace
}  // namespace osteon
