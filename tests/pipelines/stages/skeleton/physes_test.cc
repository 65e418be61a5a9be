// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/physes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/unit_frames.h"

namespace osteon {
namespace {

// Fine grid: a femur from row 10 to 100, 24 columns wide, 6 slices of 6 mm deep; its plate is
// around row 60. Rows are 2 mm, head first.
constexpr int kColumns = 80, kRows = 120, kSlices = 8, kPlateRow = 60;
constexpr float kMarrow = 0.4F, kPlate = 2.0F;

VolumeGeometry Grid(int shrink) {
  VolumeGeometry g{kColumns / shrink, kRows / shrink, kSlices, {}, ""};
  const double mm = 2.0 * shrink;
  g.patient_from_voxel = {{mm, 0, 0}, {0, 0, -mm}, {0, 6, 0}, {}};
  return g;
}

struct Femur {
  TissueMaps maps;
  std::vector<UnitFrame> frames;
};

// `signal` gives that of column i, row j, slice k within the bone.
Femur MakeFemur(const std::function<float(int, int, int)>& signal) {
  Femur femur;
  TissueMaps& maps = femur.maps;
  maps.bone = Volume<float>(Grid(2));
  maps.near_units = Volume<UnitId>(Grid(2));
  maps.relative = Volume<float>(Grid(1), 1.0F);
  ForEachVoxel(Grid(1), [&](int i, int j, int k) {
    if (i < 28 || i >= 52 || j < 10 || j >= 100 || k < 1 || k >= 7) return;
    maps.relative.At(i, j, k) = signal(i, j, k);
    maps.bone.At(i / 2, j / 2, k) = 0.95F;
    maps.near_units.At(i / 2, j / 2, k) = *UnitByKey("femur_distal_left");
  });
  femur.frames = MeasureUnits(maps.near_units, maps.bone);
  return femur;
}

bool InPlate(double row, int j) { return j == std::lround(row) || j == std::lround(row) + 1; }

TEST(FindPhyses, FindsAPlateAtAnyTiltButNoLesionAndNoNoise) {
  struct Case {
    const char* what;
    std::function<float(int, int, int)> signal;
    bool found;
    double tilt_degrees;  // Of the plate, in the coronal plane.
  };
  const auto tilted = [](double degrees) {
    return [slope = std::tan(degrees * M_PI / 180)](int i, int j, int) {
      return InPlate(kPlateRow + slope * (i - 40), j) ? kPlate : kMarrow;
    };
  };
  const auto wavy = [](int i, int j, int k) {
    return InPlate(kPlateRow + 2 * std::sin(0.4 * i + k), j) ? kPlate : kMarrow;
  };
  const auto half_under_a_lesion = [](int i, int j, int) {
    if (i < 38 && std::abs(j - kPlateRow) < 12) return 3.0F;
    return InPlate(kPlateRow, j) ? kPlate : kMarrow;
  };
  const auto lesion = [](int i, int j, int k) {
    return std::hypot(i - 40, j - kPlateRow, 3 * (k - 4)) < 5 ? 3.0F : kMarrow;
  };
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same noise each time.
  std::lognormal_distribution<float> grain(std::log(kMarrow), 0.35F);
  const auto noise = [&](int, int, int) { return grain(random); };
  const auto faint = [](int, int j, int) { return InPlate(kPlateRow, j) ? 0.5F : kMarrow; };
  for (const Case& c : {
           Case{"level", tilted(0), true, 0},
           Case{"tilted", tilted(20), true, 20},
           Case{"tilted the other way", tilted(-25), true, -25},
           Case{"undulating", wavy, true, 0},
           Case{"half of it under a lesion", half_under_a_lesion, true, 0},
           Case{"a lesion alone", lesion, false, 0},
           Case{"noise", noise, false, 0},
           Case{"closed: hardly brighter than marrow", faint, false, 0},
       }) {
    const Femur femur = MakeFemur(c.signal);
    const auto physes = FindPhyses(femur.maps, femur.frames);
    ASSERT_EQ(physes.size(), c.found ? 1U : 0U) << c.what;
    if (!c.found) continue;
    const Physis& p = physes[0];
    EXPECT_EQ(p.unit, *UnitByKey("femur_distal_left")) << c.what;
    EXPECT_LT(p.normal.z, -0.85) << c.what << ": to the epiphysis, which is below";
    EXPECT_NEAR(std::asin(p.normal.x) * 180 / M_PI, -c.tilt_degrees, 5) << c.what;
    // Of the bone's middle column, at the plate.
    const Vec3 middle = PointOf(Grid(1), {40, kPlateRow, 4});
    EXPECT_LT(std::abs(Dot(middle - p.point, p.normal)), 4) << c.what;
  }
}

TEST(FindPhyses, LeavesOutBonesWithoutAPlateSite) {
  Femur femur = MakeFemur([](int, int j, int) { return InPlate(kPlateRow, j) ? kPlate : kMarrow; });
  femur.frames[0].unit = *UnitByKey("femur_diaphysis_left");
  EXPECT_TRUE(FindPhyses(femur.maps, femur.frames).empty());
}

}  // namespace
}  // namespace osteon
