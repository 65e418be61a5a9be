// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/geometry.h"

#include <gtest/gtest.h>

#include <cmath>

namespace osteon {
namespace {

VolumeGeometry Coronal() {
  VolumeGeometry g;
  g.columns = 4, g.rows = 6, g.slices = 3;
  g.patient_from_voxel = {{1.5, 0, 0}, {0, 0, -2}, {0, 6, 0}, {-10, -20, 30}};
  g.frame_of_reference_uid = "1.2.3";
  return g;
}

TEST(Affine, InverseUndoesAnObliqueOne) {
  const double c = std::cos(0.4), s = std::sin(0.4);
  const Affine a{{1.2 * c, 1.2 * s, 0}, {0, 0.3, -2}, {5 * s, -5 * c, 0.4}, {7, -8, 9}};
  const Affine back = Inverse(a);
  for (const Vec3 p : {Vec3{0, 0, 0}, Vec3{3, 4, 5}, Vec3{-2, 7, 1}}) {
    EXPECT_LT(Norm(back(a(p)) - p), 1e-9);
  }
}

TEST(VolumeGeometry, SpacingAndVoxelVolume) {
  const VolumeGeometry g = Coronal();
  EXPECT_EQ(g.spacing_mm(), (Vec3{1.5, 2, 6}));
  EXPECT_DOUBLE_EQ(g.voxel_ml(), 0.018);
}

TEST(VolumeGeometry, BoxCoversEveryCorner) {
  const PatientBox box = BoundingBox(Coronal());
  EXPECT_EQ(box.low, (Vec3{-10, -20, 20}));
  EXPECT_EQ(box.high, (Vec3{-5.5, -8, 30}));
}

TEST(SameGrid, SeesAShiftASizeAndAnotherFrameOfReference) {
  const VolumeGeometry a = Coronal();
  EXPECT_TRUE(SameGrid(a, a));
  VolumeGeometry shifted = a, bigger = a, other = a;
  shifted.patient_from_voxel.origin.x += 0.02;
  bigger.rows = 7;
  other.frame_of_reference_uid = "1.2.4";
  EXPECT_FALSE(SameGrid(a, shifted));
  EXPECT_TRUE(SameGrid(a, shifted, 0.05));
  EXPECT_FALSE(SameGrid(a, bigger));
  EXPECT_FALSE(SameGrid(a, other));
}

TEST(PlaneOf, TakesATiltUpTo30Degrees) {
  struct Case {
    double tilt_deg;
    Plane plane;
  };
  for (const Case& c : {Case{0, Plane::kCoronal}, Case{29, Plane::kCoronal},
                        Case{45, Plane::kOblique}, Case{61, Plane::kAxial}}) {
    const double t = c.tilt_deg * M_PI / 180;
    VolumeGeometry g = Coronal();
    g.patient_from_voxel.step_j = {0, 2 * std::sin(t), -2 * std::cos(t)};
    g.patient_from_voxel.step_k = {0, 6 * std::cos(t), 6 * std::sin(t)};
    EXPECT_EQ(PlaneOf(g), c.plane) << c.tilt_deg;
  }
}

}  // namespace
}  // namespace osteon
