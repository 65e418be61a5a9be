// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_signal.h"

#include <gtest/gtest.h>

#include "pipelines/model/label_voxels.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Ball;
using testing::Grid;
using testing::kMarrow;
using testing::kMuscle;
using testing::OtherEverywhere;
using testing::Rod;
using testing::Scene;

// One thigh bone with a lesion of `signal`, on voxels of 1.2 x 1.2 x 4 mm.
Scene Thigh(float signal = 380) {
  Scene scene(Grid(60, 100, 20, {1.2, 1.2, 4}));
  scene.AddBone("femur_distal_left", Rod({0, 0, 0}, 15, 60, -60), 60, -60, {});
  scene.AddLesion("femur_distal_left", Ball({0, 0, 0}, 10), signal);
  return scene;
}

Lesion Measure(const Scene& scene) {
  Lesion lesion;
  lesion.label = 1;
  lesion.unit = *UnitByKey("femur_distal_left");
  return WithSignal(lesion, VoxelsByLabel(scene.map.labels)[1], scene.volume, scene.skeleton,
                    scene.map, {});
}

TEST(LesionSignal, SaysWhatItLacks) {
  const UnitId left = *UnitByKey("femur_distal_left"), right = *UnitByKey("femur_distal_right");
  const struct {
    const char* what;
    void (*change)(Anchors&, UnitId left, UnitId right);
    std::optional<double> ratio, position;
    const char* why;
  } cases[] = {
      {"all there", [](Anchors&, UnitId, UnitId) {}, 3.8, 0.5, ""},
      {"no muscle", [](Anchors& a, UnitId, UnitId) { a.muscle = 0; }, std::nullopt, 0.5, ""},
      {"no fluid", [](Anchors& a, UnitId, UnitId) { a.fluid.reset(); }, 3.8, std::nullopt,
       "no fluid found in the study"},
      {"no marrow", [](Anchors& a, UnitId l, UnitId) { a.marrow.erase(l); }, 3.8, std::nullopt,
       "no normal marrow left in this bone unit"},
      {"marrow of the other side",
       [](Anchors& a, UnitId l, UnitId r) {
         a.marrow.erase(l);
         a.marrow[r] = 220;
       },
       3.8, (380.0 - 220) / (700 - 220), ""},
      {"fluid as dark as marrow", [](Anchors& a, UnitId, UnitId) { a.fluid = kMarrow; }, 3.8,
       std::nullopt, "fluid is not brighter than marrow"},
  };
  for (const auto& c : cases) {
    Scene scene = Thigh();
    c.change(scene.map.anchors, left, right);
    const Lesion l = Measure(scene);
    EXPECT_EQ(l.stir_to_muscle.value.has_value(), c.ratio.has_value()) << c.what;
    if (c.ratio) {
      EXPECT_NEAR(l.stir_to_muscle.value.value_or(0), *c.ratio, 1e-6) << c.what;
    }
    EXPECT_EQ(l.stir_position.value.has_value(), c.position.has_value()) << c.what;
    if (c.position) {
      EXPECT_NEAR(l.stir_position.value.value_or(0), *c.position, 1e-6) << c.what;
    }
    EXPECT_EQ(l.signal_grade.value.has_value(), c.position.has_value()) << c.what;
    EXPECT_EQ(l.stir_position.not_assessed, c.why) << c.what;
    EXPECT_EQ(l.t1_to_muscle.not_assessed, "no T1 series");
    EXPECT_EQ(l.adc_mean_um2_per_s.not_assessed, "no ADC series");
    EXPECT_EQ(l.enhancement_ratio.not_assessed, "no contrast-enhanced series");
  }
}

// Its edge is half marrow in every study; only what varies within is patchy.
TEST(LesionSignal, VariationIsThatOfTheInside) {
  const struct {
    const char* what;
    float inner_a, inner_b, edge;
    double least, most;
  } cases[] = {{"even, with an edge that is half marrow", 380, 380, 100, 0, 0.01},
               {"patchy within", 700, 100, 380, 0.7, 0.8},
               {"no signal", 0, 0, 0, 0, 0}};
  for (const auto& c : cases) {
    Scene scene = Thigh();
    const auto voxels = VoxelsByLabel(scene.map.labels)[1];
    for (const VoxelIndex& v : voxels) {
      const Vec3 p = PointOf(scene.volume.stir.geometry(), v);
      scene.volume.stir.At(v.i, v.j, v.k) = Norm(p) > 8.5     ? c.edge
                                            : (v.i + v.j) % 2 ? c.inner_a
                                                              : c.inner_b;
    }
    const Measured variation = SignalVariation(voxels, scene.map.labels, scene.volume.stir);
    EXPECT_GE(variation.value.value_or(-1), c.least) << c.what;
    EXPECT_LE(variation.value.value_or(99), c.most) << c.what;
  }
}

TEST(LesionSignal, AThinLesionHasNoVariation) {
  Scene scene(Grid(60, 100, 20, {1.2, 1.2, 4}));
  scene.AddBone("femur_distal_left", Rod({0, 0, 0}, 15, 60, -60), 60, -60, {});
  scene.AddLesion("femur_distal_left", Ball({0, 0, 0}, 4), 380);
  const auto voxels = VoxelsByLabel(scene.map.labels)[1];
  EXPECT_EQ(SignalVariation(voxels, scene.map.labels, scene.volume.stir).not_assessed,
            "lesion too thin");
}

TEST(LesionSignal, GradesChangeAtTheirLimits) {
  const struct {
    double q;
    double grade;
  } cases[] = {{-0.05, 0}, {0, 0}, {0.149, 0}, {0.151, 1}, {0.599, 1}, {0.601, 2}, {1.2, 2}};
  for (const auto& c : cases) {
    const auto signal = static_cast<float>(kMarrow + c.q * (700 - kMarrow));
    EXPECT_EQ(Measure(Thigh(signal)).signal_grade.value.value_or(-1), c.grade) << c.q;
  }
}

// At the feet and shoulders the coils see less, of the lesion and its marrow alike.
TEST(LesionSignal, GradesDoNotFallWhereTheCoilsSeeLess) {
  for (const float share : {1.0F, 0.8F, 0.6F}) {
    Scene scene = Thigh();
    for (float& v : scene.volume.stir.voxels()) v *= share;
    scene.map.anchors.marrow.begin()->second *= static_cast<double>(share);
    scene.map.candidates.front().coil_share = static_cast<double>(share);
    const Lesion l = Measure(scene);
    EXPECT_NEAR(l.stir_position.value.value_or(0), 0.5, 1e-3) << share;
    EXPECT_NEAR(l.stir_to_muscle.value.value_or(0), 3.8 * static_cast<double>(share), 1e-3)
        << share << ": a ratio as it was measured";
  }
}

// T1 was imaged over the upper `share` of the lesion only, in other units than STIR; what lies
// outside is 0 and must not be read.
TEST(LesionSignal, OfASeriesThatCoversAPartIsThatOfThePart) {
  const struct {
    double from_z_mm;
    std::optional<double> ratio;
    const char* why;
  } cases[] = {{-100, 0.5, ""},
               {-3, 0.5, ""},
               {4, std::nullopt, "series does not cover the lesion"},
               {100, std::nullopt, "series does not cover the lesion"}};
  for (const auto& c : cases) {
    Scene scene = Thigh();
    scene.volume.t1 = OtherEverywhere(scene.volume.stir.geometry(), 30'000);
    scene.volume.adc = OtherEverywhere(scene.volume.stir.geometry(), 900);
    scene.ForInside(Ball({0, 0, 0}, 10), [&](std::size_t n) {
      scene.volume.t1.voxels[n] = 15'000;
      scene.volume.adc.voxels[n] = 1300;
    });
    for (OtherContrast* other : {&scene.volume.t1, &scene.volume.adc})
      scene.ForInside([&](Vec3 p) { return p.z < c.from_z_mm; },
                      [&](std::size_t n) { other->voxels[n] = other->imaged[n] = 0; });
    const Lesion l = Measure(scene);
    EXPECT_EQ(l.t1_to_muscle.value.has_value(), c.ratio.has_value()) << c.from_z_mm;
    EXPECT_NEAR(l.t1_to_muscle.value.value_or(0.5), 0.5, 1e-6) << c.from_z_mm;
    EXPECT_NEAR(l.adc_mean_um2_per_s.value.value_or(1300), 1300, 1e-3) << c.from_z_mm;
    EXPECT_EQ(l.t1_to_muscle.not_assessed, c.why) << c.from_z_mm;
  }
}

TEST(LesionSignal, WithoutMuscleBesideItHasNoRatioOfAnotherSeries) {
  Scene scene = Thigh();
  scene.volume.t1 = OtherEverywhere(scene.volume.stir.geometry(), 100);
  scene.ForInside([](Vec3) { return true; },
                  [&](std::size_t n) {
                    if (scene.skeleton.units[n] == 0) scene.volume.stir[n] = 3 * kMuscle;
                  });
  EXPECT_EQ(Measure(scene).t1_to_muscle.not_assessed, "too little muscle beside the lesion");
}

TEST(LesionSignal, ARingIsToldFromABall) {
  const struct {
    const char* what;
    double core_mm;
    float core;
    std::optional<double> ratio;
  } cases[] = {{"even", 0, 0, 1.0}, {"dark centre", 4, 190, 0.5}, {"bright centre", 4, 570, 1.5}};
  for (const auto& c : cases) {
    Scene scene = Thigh();
    scene.ForInside(Rod({0, 0, 0}, c.core_mm, 4.2, -4.2), [&](std::size_t n) {
      if (c.core > 0) scene.volume.stir[n] = c.core;
    });
    EXPECT_NEAR(Measure(scene).centre_to_rim.value.value_or(0), *c.ratio, 0.02) << c.what;
  }
  Scene thin(Grid(60, 100, 20, {1.2, 1.2, 4}));
  thin.AddBone("femur_distal_left", Rod({0, 0, 0}, 15, 60, -60), 60, -60, {});
  thin.AddLesion("femur_distal_left", Rod({0, 0, 0}, 2.5, 20, -20));
  EXPECT_EQ(Measure(thin).centre_to_rim.not_assessed, "lesion too thin");
}

}  // namespace
}  // namespace osteon
