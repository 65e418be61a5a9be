// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_surroundings.h"

#include <gtest/gtest.h>

#include "pipelines/model/label_voxels.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Ball;
using testing::Grid;
using testing::kFluid;
using testing::Rod;
using testing::Scene;

constexpr float kBright = 300;  // Three times muscle.

// A right and a left thigh bone with a lesion in the left one, on voxels of `in_plane` mm.
Scene Thighs(double in_plane_mm = 1, double left_radius_mm = 12) {
  Scene scene(Grid(static_cast<int>(140 / in_plane_mm), static_cast<int>(120 / in_plane_mm), 14,
                   {in_plane_mm, in_plane_mm, 4}));
  scene.AddBone("femur_distal_right", Rod({-35, 0, 0}, 12, 50, -50), 50, -50, {-35, 0, 0});
  scene.AddBone("femur_distal_left", Rod({35, 0, 0}, left_radius_mm, 50, -50), 50, -50, {35, 0, 0});
  scene.AddLesion("femur_distal_left", Ball({35, 0, 0}, 9));
  return scene;
}

Lesion Measure(const Scene& scene, double along = 0.5) {
  Lesion lesion;
  lesion.unit = *UnitByKey("femur_distal_left");
  lesion.along_bone = Measured::Of(along);
  return WithSurroundings(lesion, VoxelsByLabel(scene.map.labels)[1], scene.volume, scene.skeleton,
                          scene.map, {});
}

// A plate of signal along the bone, from 1.5 to 3.5 mm outside of it.
void AddRim(Scene& scene, double length_mm, float signal = kBright) {
  scene.ForInside(
      [&](Vec3 p) {
        return p.x - 35 > 13.5 && p.x - 35 <= 15.5 && std::abs(p.y) < 3 &&
               std::abs(p.z) <= length_mm / 2;
      },
      [&](std::size_t n) { scene.volume.stir[n] = signal; });
}

TEST(Surroundings, ARimCountsFromTenMillimetres) {
  const struct {
    const char* what;
    double length_mm;
    float signal;
    double expected_mm;
  } cases[] = {{"none", 0, kBright, 0},
               {"short", 7, kBright, 0},
               {"long", 16, kBright, 16},
               {"long, but not bright", 16, 190, 0},
               {"fluid", 16, kFluid, 0}};
  for (const auto& c : cases) {
    Scene scene = Thighs();
    if (c.length_mm > 0) AddRim(scene, c.length_mm, c.signal);
    EXPECT_NEAR(Measure(scene).periosteal_mm.value.value_or(-1), c.expected_mm, 1.5) << c.what;
  }
  Scene coarse = Thighs(2.5);
  EXPECT_EQ(Measure(coarse).periosteal_mm.not_assessed,
            "pixels too large for a rim of a few millimetres");
}

TEST(Surroundings, SoftTissueIsBrightConnectedAndAMillilitreAtLeast) {
  const struct {
    const char* what;
    Vec3 centre;
    double radius_mm;
    float signal;
    bool counts;
  } cases[] = {{"beside the lesion", {52, 0, 0}, 8, kBright, true},
               {"as bright as fluid", {52, 0, 0}, 8, kFluid, false},
               {"no brighter than muscle", {52, 0, 0}, 8, 150, false},
               {"too small", {48, 0, 0}, 3, kBright, false},
               {"not connected", {64, 0, 40}, 6, kBright, false}};
  for (const auto& c : cases) {
    Scene scene = Thighs();
    double ml = 0;
    scene.ForInside(Ball(c.centre, c.radius_mm), [&](std::size_t n) {
      if (scene.skeleton.units[n] != 0) return;
      scene.volume.stir[n] = c.signal;
      ml += scene.volume.stir.geometry().voxel_ml();
    });
    EXPECT_NEAR(Measure(scene).soft_tissue_ml.value.value_or(-1), c.counts ? ml : 0, 0.3) << c.what;
  }
}

TEST(Surroundings, WithoutMuscleNothingIsBright) {
  Scene scene = Thighs();
  scene.map.anchors.muscle = 0;
  const Lesion l = Measure(scene);
  EXPECT_EQ(l.periosteal_mm.not_assessed, "no muscle anchor");
  EXPECT_EQ(l.soft_tissue_ml.not_assessed, "no muscle anchor");
}

TEST(Surroundings, ExpansionComparesTheTwoSidesWhereTheyCanBe) {
  const UnitId left = *UnitByKey("femur_distal_left"), right = *UnitByKey("femur_distal_right");
  const struct {
    const char* what;
    double left_radius_mm;
    void (*change)(Skeleton&, UnitId left, UnitId right);
    std::optional<double> ratio;
    const char* why;
  } cases[] = {
      {"alike", 12, [](Skeleton&, UnitId, UnitId) {}, 1.0, ""},
      {"wider", 15, [](Skeleton&, UnitId, UnitId) {}, 225.0 / 144, ""},
      {"twice as large", 18, [](Skeleton&, UnitId, UnitId) {}, std::nullopt,
       "the two sides are outlined too differently"},
      {"outlined three times as wide", 12,
       [](Skeleton& s, UnitId, UnitId r) {
         int count = 0;
         for (UnitId& unit : s.units.voxels()) {
           if (unit == r && ++count % 3 != 0) unit = 0;
         }
       },
       std::nullopt, "the two sides are outlined too differently"},
      {"as wide as the other side a little higher", 12,
       [](Skeleton& s, UnitId, UnitId r) {
         const VolumeGeometry& g = s.units.geometry();
         int count = 0;
         for (int k = 0; k < g.slices; ++k)
           for (int j = 0; j < g.rows; ++j)
             for (int i = 0; i < g.columns; ++i) {
               const Vec3 p = g.patient_from_voxel({double(i), double(j), double(k)});
               if (p.z < 4 && s.units.At(i, j, k) == r && ++count % 2) s.units.At(i, j, k) = 0;
             }
       },
       1.0, ""},
      {"other side cut", 12, [](Skeleton& s, UnitId, UnitId r) { s.partly_imaged = {r}; },
       std::nullopt, "one side is cut by the field of view"},
      {"own side cut", 12, [](Skeleton& s, UnitId l, UnitId) { s.partly_imaged = {l}; },
       std::nullopt, "one side is cut by the field of view"},
      {"other side outlined by its place", 12,
       [](Skeleton& s, UnitId, UnitId r) { s.by_place = {r}; }, std::nullopt,
       "one side is outlined by its place only"},
      {"other side not found", 12,
       [](Skeleton& s, UnitId, UnitId r) {
         std::erase_if(s.frames, [&](const UnitFrame& f) { return f.unit == r; });
       },
       std::nullopt, "other side not outlined"},
  };
  for (const auto& c : cases) {
    Scene scene = Thighs(1, c.left_radius_mm);
    c.change(scene.skeleton, left, right);
    const Measured ratio = Measure(scene).expansion_ratio;
    ASSERT_EQ(ratio.value.has_value(), c.ratio.has_value()) << c.what;
    if (c.ratio) {
      EXPECT_NEAR(*ratio.value, *c.ratio, 0.06) << c.what;
    }
    EXPECT_EQ(ratio.not_assessed, c.why) << c.what;
  }
  Lesion spine;
  Scene scene = Thighs();
  spine.unit = *UnitByKey("thoracic_spine");
  spine.along_bone = Measured::Of(0.5);
  const auto voxels = VoxelsByLabel(scene.map.labels)[1];
  EXPECT_EQ(WithSurroundings(spine, voxels, scene.volume, scene.skeleton, scene.map, {})
                .expansion_ratio.not_assessed,
            "no other side to compare with");
}

}  // namespace
}  // namespace osteon
