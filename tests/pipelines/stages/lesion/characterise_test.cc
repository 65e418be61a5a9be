// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/characterise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipelines/base/uid.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Ball;
using testing::Grid;
using testing::kFluid;
using testing::OtherEverywhere;
using testing::Rod;
using testing::Scene;

// A right and a left thigh bone side by side.
Scene TwoFemora(double left_radius_mm = 15) {
  Scene scene(Grid(140, 110, 60, {1.2, 1.2, 1.2}));
  scene.AddBone("femur_distal_right", Rod({-40, 0, 0}, 15, 60, -60), 60, -60, {-40, 0, 0});
  scene.AddBone("femur_distal_left", Rod({40, 0, 0}, left_radius_mm, 60, -60), 60, -60, {40, 0, 0});
  return scene;
}

TEST(Signal, IsMeasuredAgainstTheStudysOwnAnchors) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 8), 380);
  const VolumeGeometry g = scene.volume.stir.geometry();
  scene.volume.t1 = OtherEverywhere(g, 250);
  scene.volume.t1_post_contrast = OtherEverywhere(g, 50);
  scene.volume.adc = OtherEverywhere(g, 1400);
  scene.ForInside(Ball({40, 0, 0}, 8), [&](std::size_t n) {
    scene.volume.t1.voxels[n] = 200;
    scene.volume.t1_post_contrast.voxels[n] = 125;
    scene.volume.adc.voxels[n] = 1283;
  });
  const Lesion l = scene.Characterised().lesions.at(0);
  EXPECT_NEAR(*l.stir_to_muscle.value, 3.8, 1e-6);
  EXPECT_NEAR(*l.stir_position.value, 0.5, 1e-6) << "(380 - 60) / (700 - 60)";
  EXPECT_EQ(*l.signal_grade.value, 1);
  EXPECT_NEAR(*l.t1_to_muscle.value, 0.8, 1e-6);
  EXPECT_NEAR(*l.enhancement_ratio.value, 2.5, 1e-6);
  EXPECT_NEAR(*l.adc_mean_um2_per_s.value, 1283, 1e-3);
  EXPECT_NEAR(*l.centre_to_rim.value, 1, 1e-6);
}

// Outside of what another series imaged its voxels are 0: no signal, no evidence, no part of a
// median.
TEST(Signal, ReadsOtherSeriesOnlyWhereTheyImaged) {
  const struct {
    const char* what;
    double share;  // Of the lesion that they imaged.
    bool assessed;
  } cases[] = {{"all of it", 1, true},
               {"most of it", 0.7, true},
               {"less than half", 0.3, false},
               {"none of it", 0, false}};
  for (const auto& c : cases) {
    Scene scene = TwoFemora();
    scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 8), 380);
    const VolumeGeometry g = scene.volume.stir.geometry();
    for (OtherContrast* other : {&scene.volume.t1, &scene.volume.t1_post_contrast,
                                 &scene.volume.b_high, &scene.volume.adc}) {
      *other = OtherEverywhere(g, 1000);
      std::vector<std::size_t> inside;
      scene.ForInside(Ball({40, 0, 0}, 8), [&](std::size_t n) { inside.push_back(n); });
      const auto covered = static_cast<std::size_t>(c.share * static_cast<double>(inside.size()));
      for (std::size_t n = 0; n < inside.size(); ++n) {
        other->voxels[inside[n]] = n < covered ? 1000.0F : 0.0F;
        other->imaged[inside[n]] = n < covered ? 1 : 0;
      }
    }
    const Lesion l = scene.Characterised().lesions.at(0);
    for (const Measured& m : {l.t1_to_muscle, l.enhancement_ratio}) {
      ASSERT_EQ(m.value.has_value(), c.assessed) << c.what;
      EXPECT_NEAR(m.value.value_or(1), 1, 1e-6) << c.what;
      EXPECT_EQ(m.not_assessed, c.assessed ? "" : "series does not cover the lesion") << c.what;
    }
    ASSERT_EQ(l.adc_mean_um2_per_s.value.has_value(), c.assessed) << c.what;
    EXPECT_NEAR(l.adc_mean_um2_per_s.value.value_or(1000), 1000, 1e-3) << c.what;
    EXPECT_EQ(l.adc_mean_um2_per_s.not_assessed,
              c.assessed ? "" : "ADC series does not cover the lesion");
  }
}

// ADC 600 and a high b-value over muscle; what T1 says decides, and a T1 that is not there decides
// nothing.
TEST(Signal, RestrictedDiffusionNeedsAT1ToBeAFlag) {
  const struct {
    const char* what;
    float t1;  // Of the lesion; muscle has 100. 0: not imaged.
    bool flag, caveat;
  } cases[] = {{"darker than muscle", 60, true, false},
               {"fat: red marrow", 180, false, false},
               {"not imaged there", 0, false, true}};
  for (const auto& c : cases) {
    Scene scene = TwoFemora();
    scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 8), 380);
    const VolumeGeometry g = scene.volume.stir.geometry();
    scene.volume.t1 = OtherEverywhere(g, 100);
    scene.volume.b_high = OtherEverywhere(g, 100);
    scene.volume.adc = OtherEverywhere(g, 1500);
    scene.ForInside(Ball({40, 0, 0}, 8), [&](std::size_t n) {
      scene.volume.t1.voxels[n] = c.t1;
      scene.volume.t1.imaged[n] = c.t1 > 0 ? 1 : 0;
      scene.volume.b_high.voxels[n] = 400;
      scene.volume.adc.voxels[n] = 600;
    });
    const Findings findings = scene.Characterised();
    EXPECT_EQ(
        std::ranges::count(findings.patient.red_flags, "restricted_diffusion", &RedFlag::code),
        c.flag ? 1 : 0)
        << c.what;
    EXPECT_EQ(std::ranges::count(findings.caveats, "restricted_without_t1", &Caveat::code),
              c.caveat ? 1 : 0)
        << c.what;
  }
}

TEST(Signal, SaysWhyItWasNotAssessed) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 3));
  scene.map.anchors.fluid.reset();
  const Lesion l = scene.Characterised().lesions.at(0);
  EXPECT_THAT(l.stir_position.not_assessed, ::testing::HasSubstr("fluid"));
  EXPECT_THAT(l.height_loss_percent.not_assessed, ::testing::HasSubstr("vertebra"));
  EXPECT_THAT(l.prior_volume_ml.not_assessed, ::testing::HasSubstr("prior"));
  EXPECT_THAT(l.physis_distance_mm.not_assessed, ::testing::HasSubstr("growth plate"));
}

TEST(Signal, ARingHasADarkCentre) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 9));
  scene.ForInside(Ball({40, 0, 0}, 4), [&](std::size_t n) { scene.volume.stir[n] = 150; });
  const Findings findings = scene.Characterised();
  EXPECT_LT(*findings.lesions.at(0).centre_to_rim.value, 0.7);
  ASSERT_EQ(findings.patient.red_flags.size(), 1u);
  EXPECT_EQ(findings.patient.red_flags[0].code, "ring_like_lesion");
}

TEST(Site, ReadsTheRelationToTheGrowthPlate) {
  struct Case {
    double centre_z_mm, radius_mm;
    PhysisRelation relation;
    Segment segment;
  };
  // The plate is at z = -30, the epiphysis below it.
  const Case cases[] = {
      {-16, 8, PhysisRelation::kNear, Segment::kMetaphysis},
      {-19, 9, PhysisRelation::kTouches, Segment::kMetaphysis},
      {-26, 10, PhysisRelation::kCrosses, Segment::kMetaphysis},
      {-34, 10, PhysisRelation::kCrosses, Segment::kEpiphysis},
      {-45, 8, PhysisRelation::kNear, Segment::kEpiphysis},
      {20, 8, PhysisRelation::kRemote, Segment::kMetaphysis},
  };
  for (const Case& c : cases) {
    Scene scene = TwoFemora();
    scene.skeleton.physes.push_back({*UnitByKey("femur_distal_left"), {40, 0, -30}, {0, 0, -1}});
    scene.AddLesion("femur_distal_left", Ball({40, 0, c.centre_z_mm}, c.radius_mm));
    const Lesion l = scene.Characterised().lesions.at(0);
    EXPECT_EQ(l.physis, c.relation) << c.centre_z_mm << ": " << Name(l.physis);
    EXPECT_EQ(l.segment, c.segment) << c.centre_z_mm << ": " << Name(l.segment);
    const double gap = std::max(0.0, std::abs(c.centre_z_mm + 30) - c.radius_mm);
    EXPECT_NEAR(*l.physis_distance_mm.value, gap, 1.3) << c.centre_z_mm;
  }
}

TEST(Site, TheOtherSidesGrowthPlateSaysNothing) {
  Scene scene = TwoFemora();
  scene.skeleton.physes.push_back({*UnitByKey("femur_distal_right"), {-40, 0, -30}, {0, 0, -1}});
  scene.AddLesion("femur_distal_left", Ball({40, 0, -25}, 8));
  const Lesion l =
      scene.Characterised({.age_years = 35, .technique = {}, .fingerprint = "a"}).lesions.at(0);
  EXPECT_EQ(l.physis, PhysisRelation::kNotAssessed);
  EXPECT_THAT(l.physis_distance_mm.not_assessed, ::testing::HasSubstr("closed"));
}

// A femur of 400 mm in three parts; growth plates are looked for at its knee end alone.
TEST(Site, AGrowthPlateOfTheOtherEndOfTheBoneSaysNothing) {
  struct Case {
    const char* unit;
    double centre_z_mm;
    std::optional<double> distance_mm;
    Segment segment;
  };
  // From 200 down to -200; the plate is at -180.
  const Case cases[] = {
      {"femur_proximal_left", 185, {}, Segment::kEpiphysis},
      {"femur_proximal_left", 120, {}, Segment::kMetaphysis},
      {"femur_diaphysis_left", 60, {}, Segment::kDiaphysis},
      {"femur_diaphysis_left", -60, 112, Segment::kDiaphysis},
      {"femur_distal_left", -140, 32, Segment::kMetaphysis},
  };
  for (const Case& c : cases) {
    Scene scene(Grid(30, 110, 8, {4, 4, 6}));
    const auto part = [&](const char* key, double top_mm, double bottom_mm) {
      scene.AddBone(key, Rod({0, 0, 0}, 15, top_mm, bottom_mm), top_mm, bottom_mm,
                    {0, 0, (top_mm + bottom_mm) / 2});
    };
    part("femur_proximal_left", 200, 100);
    part("femur_diaphysis_left", 100, -100);
    part("femur_distal_left", -100, -200);
    scene.skeleton.physes.push_back({*UnitByKey("femur_distal_left"), {0, 0, -180}, {0, 0, -1}});
    scene.AddLesion(c.unit, Ball({0, 0, c.centre_z_mm}, 8));
    const Lesion l = scene.Characterised().lesions.at(0);
    EXPECT_EQ(l.segment, c.segment) << c.centre_z_mm << ": " << Name(l.segment);
    EXPECT_EQ(l.physis == PhysisRelation::kNotAssessed, !c.distance_mm) << c.centre_z_mm;
    EXPECT_EQ(l.physis_distance_mm.value.has_value(), c.distance_mm.has_value()) << c.centre_z_mm;
    if (c.distance_mm && l.physis_distance_mm.value)
      EXPECT_NEAR(*l.physis_distance_mm.value, *c.distance_mm, 3) << c.centre_z_mm;
    else
      EXPECT_EQ(l.physis_distance_mm.not_assessed,
                "the nearest growth plate of this bone was not located");
  }
}

TEST(Surroundings, AreQuietAroundALesionInsideItsBone) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 10));
  const Lesion l = scene.Characterised().lesions.at(0);
  EXPECT_EQ(*l.periosteal_mm.value, 0);
  EXPECT_EQ(*l.soft_tissue_ml.value, 0);
  EXPECT_NEAR(*l.expansion_ratio.value, 1, 0.05);
}

TEST(Surroundings, FindABrightRimAndItsLength) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Rod({40, 0, 0}, 14, 15, -15));
  // A sleeve from 1.5 to 4 mm outside the bone, 24 mm long.
  const auto sleeve = [](Vec3 p) {
    const double r = std::hypot(p.x - 40, p.y);
    return r > 16.5 && r < 19 && std::abs(p.z) <= 12;
  };
  scene.ForInside(sleeve, [&](std::size_t n) { scene.volume.stir[n] = 350; });
  EXPECT_NEAR(*scene.Characterised().lesions.at(0).periosteal_mm.value, 24, 3);
}

TEST(Surroundings, MeasureSoftTissueSignalButNotFluidOrWhatIsElsewhere) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 12));
  const auto mass = [](Vec3 p) {
    return Norm(p - Vec3{60, 0, 0}) <= 10 && std::hypot(p.x - 40, p.y) > 15;
  };
  scene.ForInside(mass, [&](std::size_t n) { scene.volume.stir[n] = 300; });
  scene.ForInside(Ball({40, 0, 45}, 6), [&](std::size_t n) { scene.volume.stir[n] = kFluid; });
  scene.ForInside(Ball({0, 0, 0}, 8), [&](std::size_t n) { scene.volume.stir[n] = 300; });
  double want_ml = 0;
  scene.ForInside(mass, [&](std::size_t) { want_ml += scene.volume.stir.geometry().voxel_ml(); });
  EXPECT_NEAR(*scene.Characterised().lesions.at(0).soft_tissue_ml.value, want_ml, 0.1 * want_ml);
}

TEST(Surroundings, CompareTheCrossSectionWithTheOtherSide) {
  Scene scene = TwoFemora(19);
  scene.AddLesion("femur_distal_left", Ball({40, 0, 0}, 10));
  scene.AddLesion("femur_distal_right", Ball({-40, 0, 0}, 10));
  const Findings f = scene.Characterised();
  const double ratio = 19.0 * 19 / (15 * 15);
  EXPECT_NEAR(*f.lesions.at(0).expansion_ratio.value, 1 / ratio, 0.05);
  EXPECT_NEAR(*f.lesions.at(1).expansion_ratio.value, ratio, 0.08);
  scene.skeleton.partly_imaged.push_back(*UnitByKey("femur_distal_right"));
  EXPECT_THAT(scene.Characterised().lesions.at(1).expansion_ratio.not_assessed,
              ::testing::HasSubstr("field of view"));
}

TEST(Characterise, NumbersHeadToFootAndDerivesTracking) {
  Scene scene = TwoFemora();
  scene.AddLesion("femur_distal_left", Ball({40, 0, -40}, 5));
  scene.AddLesion("femur_distal_left", Ball({40, 0, 30}, 5));
  scene.AddLesion("femur_distal_right", Ball({-40, 0, 0}, 5));
  scene.map.candidates.push_back(scene.map.candidates[0]);
  scene.map.candidates.back().label = 9;  // Has no voxel.
  scene.AddLesion("femur_distal_right", Ball({-40, 0, 40}, 5));
  scene.map.candidates.back().label = 4;
  scene.ForInside(Ball({-40, 0, 40}, 5), [&](std::size_t n) { scene.map.labels[n] = 4; });
  scene.map.candidates.back().judgement = LesionClass::kIndeterminate;
  const Findings f = scene.Characterised();
  ASSERT_EQ(f.lesions.size(), 3u);
  EXPECT_EQ(f.lesions[0].tracking_id, "right distal femur 1");
  EXPECT_EQ(f.lesions[1].tracking_id, "left distal femur 1");
  EXPECT_EQ(f.lesions[2].tracking_id, "left distal femur 2");
  EXPECT_GT(f.lesions[1].centroid_mm.z, f.lesions[2].centroid_mm.z);
  ASSERT_EQ(f.other_marks.size(), 1u);
  EXPECT_EQ(f.other_marks[0].number, 4);
  EXPECT_EQ(f.other_marks[0].tracking_id, "right distal femur 2")
      << "another ID than the lesion at that site";
  EXPECT_TRUE(IsUid(f.lesions[0].tracking_uid));
  EXPECT_NE(f.lesions[1].tracking_uid, f.lesions[2].tracking_uid);
  EXPECT_EQ(f.patient.indeterminate_count, 1);
  ASSERT_EQ(f.caveats.size(), 1u);
  EXPECT_EQ(f.caveats[0].code, "candidate_too_thin");

  EXPECT_EQ(scene.Characterised().lesions[2].tracking_uid, f.lesions[2].tracking_uid)
      << "the same again";
  const Findings other =
      scene.Characterised({.age_years = {}, .technique = {}, .fingerprint = "another"});
  EXPECT_NE(other.lesions[2].tracking_uid, f.lesions[2].tracking_uid);
}

TEST(Characterise, OfNothingIsNothing) {
  const Findings f = TwoFemora().Characterised();
  EXPECT_TRUE(f.lesions.empty());
  EXPECT_TRUE(f.evaluable);
  EXPECT_EQ(f.patient.burden, 0);
  EXPECT_FALSE(f.patient.multifocal);
  EXPECT_EQ(f.patient.pattern, "none");
  EXPECT_TRUE(f.patient.red_flags.empty());
}

}  // namespace
}  // namespace osteon
