// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_size.h"

#include <gtest/gtest.h>

#include <numbers>

#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using testing::Grid;
using testing::Scene;

// Axes of a frame turned about z, then about x.
std::array<Vec3, 3> Turned(double z_degrees, double x_degrees) {
  const double a = z_degrees * std::numbers::pi / 180, b = x_degrees * std::numbers::pi / 180;
  const Vec3 x{std::cos(a), std::sin(a), 0}, y0{-std::sin(a), std::cos(a), 0}, z0{0, 0, 1};
  return {x, std::cos(b) * y0 + std::sin(b) * z0, std::cos(b) * z0 - std::sin(b) * y0};
}

TEST(LesionSize, EllipsoidsHaveTheirVolumeAndDiameters) {
  struct Case {
    Vec3 half_mm;
    double z_degrees, x_degrees;
    Vec3 spacing_mm;
  };
  const Case cases[] = {
      {{20, 12, 7}, 0, 0, {1, 1, 1}},      {{20, 12, 7}, 30, 50, {1, 1, 1}},
      {{9, 9, 9}, 0, 0, {1, 1, 1}},        {{30, 15, 10}, 75, 20, {1.5, 1.5, 1.5}},
      {{22, 14, 12}, 0, 0, {1.2, 1.2, 4}}, {{12, 25, 14}, 40, 10, {1.5, 1.5, 5}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(::testing::Message()
                 << c.half_mm.x << " x " << c.half_mm.y << " x " << c.half_mm.z << " turned "
                 << c.z_degrees << ", " << c.x_degrees << " at " << c.spacing_mm.z);
    const double reach = 70;
    Scene scene(Grid(int(reach / c.spacing_mm.x) + 1, int(reach / c.spacing_mm.y) + 1,
                     int(reach / c.spacing_mm.z) + 1, c.spacing_mm));
    const auto axes = Turned(c.z_degrees, c.x_degrees);
    const Vec3 centre{1.3, -0.7, 2.1};
    const int label = scene.AddLesion("femur_distal_left", [&](Vec3 p) {
      const Vec3 d = p - centre;
      return std::pow(Dot(d, axes[0]) / c.half_mm.x, 2) +
                 std::pow(Dot(d, axes[1]) / c.half_mm.y, 2) +
                 std::pow(Dot(d, axes[2]) / c.half_mm.z, 2) <=
             1;
    });
    const auto voxels = VoxelsByLabel(scene.map.labels)[static_cast<std::size_t>(label)];
    const Lesion lesion = WithSize(Lesion{}, voxels, scene.volume.stir.geometry(), scene.skeleton);

    const double ml = 4.0 / 3 * std::numbers::pi * c.half_mm.x * c.half_mm.y * c.half_mm.z / 1000;
    EXPECT_NEAR(lesion.volume_ml, ml, 0.05 * ml);
    std::array<double, 3> want = {2 * c.half_mm.x, 2 * c.half_mm.y, 2 * c.half_mm.z};
    std::sort(want.rbegin(), want.rend());
    const double voxel = std::max({c.spacing_mm.x, c.spacing_mm.y, c.spacing_mm.z});
    EXPECT_NEAR(lesion.length_mm, want[0], voxel);
    EXPECT_NEAR(lesion.width_mm, want[1], voxel);
    EXPECT_NEAR(lesion.depth_mm, want[2], voxel);
    EXPECT_NEAR(Norm(lesion.centroid_mm - centre), 0, 0.5 * voxel);
    EXPECT_NEAR(Norm(lesion.long_axis_start_mm - lesion.long_axis_end_mm), want[0], 1.5 * voxel);
    EXPECT_GE(lesion.long_axis_start_mm.z, lesion.long_axis_end_mm.z);
  }
}

TEST(LesionSize, OneVoxelIsAsLargeAsAVoxel) {
  Scene scene(Grid(5, 5, 5, {1.5, 1.5, 6}));
  scene.map.labels.At(2, 3, 1) = 1;
  const auto voxels = VoxelsByLabel(scene.map.labels)[1];
  const Lesion lesion = WithSize(Lesion{}, voxels, scene.volume.stir.geometry(), scene.skeleton);
  EXPECT_DOUBLE_EQ(lesion.volume_ml, 0.0135);
  EXPECT_NEAR(lesion.length_mm, 6, 1e-6);
  EXPECT_NEAR(lesion.width_mm, 1.5, 1e-6);
  EXPECT_EQ(lesion.key_slice, 1);
  EXPECT_FALSE(lesion.share_of_unit_percent.value);
  EXPECT_FALSE(lesion.share_of_unit_percent.not_assessed.empty());
}

TEST(LesionSize, ShareIsOfTheLesionsOwnUnit) {
  Scene scene(Grid(60, 100, 60, {1, 1, 1}));
  scene.AddBone("tibia_proximal_left", testing::Rod({0, 0, 0}, 15, 40, -40), 40, -40, {0, 0, 0});
  scene.AddLesion("tibia_proximal_left", testing::Rod({0, 0, 0}, 15, 40, 20));
  const Findings findings = scene.Characterised();
  ASSERT_EQ(findings.lesions.size(), 1u);
  EXPECT_NEAR(*findings.lesions[0].share_of_unit_percent.value, 25, 1.5);
  EXPECT_NEAR(*findings.lesions[0].along_bone.value, 0.125, 0.02);
}

}  // namespace
}  // namespace osteon
