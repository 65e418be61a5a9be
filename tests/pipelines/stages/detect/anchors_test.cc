// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/anchors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// A body of 60 x 40 x 10 voxels of 1 x 1 x 5 mm, the same grid for all volumes: muscle, with air in
// the outermost columns. Tests add bone and fluid.
struct Body {
  ComposedVolume volume;
  Skeleton skeleton;

  Body() {
    VolumeGeometry g;
    g.columns = 60;
    g.rows = 40;
    g.slices = 10;
    g.patient_from_voxel = {{1, 0, 0}, {0, 0, -1}, {0, 5, 0}, {}};
    volume.stir = Volume<float>(g, 100);
    volume.inside = Volume<std::uint8_t>(g, 1);
    skeleton.units = Volume<UnitId>(g);
    skeleton.maps.bone = Volume<float>(g, 1);
    skeleton.maps.relative = Volume<float>(g, 1);
    skeleton.maps.lesion = Volume<float>(g, 0);
    skeleton.maps.tissue = Volume<std::uint8_t>(g);
  }

  // `count` voxels of row `j`, slice after slice, from column 10 on.
  void Paint(int j, int count, float signal, TissueClass tissue, UnitId unit = 0,
             float lesion = 0) {
    for (int n = 0; n < count; ++n) {
      const int i = 10 + n % 40, k = n / 40;
      volume.stir.At(i, j, k) = signal;
      skeleton.maps.tissue.At(i, j, k) = static_cast<std::uint8_t>(tissue);
      skeleton.units.At(i, j, k) = unit;
      skeleton.maps.lesion.At(i, j, k) = lesion;
    }
  }
};

TEST(Anchors, FluidNeedsTwoMillilitresOfCanalOrFluid) {
  const struct {
    const char* what;
    int voxels;  // Of 5 mm3.
    TissueClass tissue;
    std::optional<double> fluid;
  } cases[] = {{"2 ml of canal", 400, TissueClass::kSpinalCanal, 800},
               {"2 ml of fluid", 400, TissueClass::kFluid, 800},
               {"less than 2 ml", 399, TissueClass::kFluid, std::nullopt},
               {"an organ", 400, TissueClass::kSpleen, std::nullopt}};
  for (const auto& c : cases) {
    Body body;
    body.Paint(20, c.voxels, 800, c.tissue);
    EXPECT_EQ(MeasureAnchors(body.volume, body.skeleton).fluid, c.fluid) << c.what;
  }
}

TEST(Anchors, MarrowIsThatOfBoneCoresWithoutLesions) {
  const UnitId unit = *UnitByKey("femur_distal_left");
  const struct {
    const char* what;
    int voxels;
    float lesion, bone;
    bool there;
  } cases[] = {{"half a millilitre", 100, 0, 1, true},
               {"less", 99, 0, 1, false},
               {"looks like a lesion", 100, 0.2F, 1, false},
               {"the rim of a bone", 100, 0, 0.7F, false}};
  for (const auto& c : cases) {
    Body body;
    body.Paint(20, c.voxels, 60, TissueClass::kFemur, unit, c.lesion);
    for (float& v : body.skeleton.maps.bone.voxels()) v = c.bone;
    const Anchors anchors = MeasureAnchors(body.volume, body.skeleton);
    EXPECT_EQ(anchors.marrow.contains(unit), c.there) << c.what;
    if (c.there) {
      EXPECT_EQ(anchors.marrow.at(unit), 60) << c.what;
    }
    EXPECT_EQ(anchors.muscle, 100) << c.what;
  }
}

TEST(Anchors, MuscleIsNoFatNoOrganAndOnlyWhereItWasImaged) {
  Body body;
  for (int k = 0; k < 10; ++k) {
    for (int j = 0; j < 40; ++j) {
      for (int i = 0; i < 60; ++i) {
        const bool even = (i + j + k) % 2 == 0;
        body.volume.stir.At(i, j, k) = even ? 90.0F : 110.0F;
        if (j < 12) body.skeleton.maps.relative.At(i, j, k) = 0.3F;  // Fat.
        if (j >= 12 && j < 20) body.skeleton.maps.relative.At(i, j, k) = 2.0F;
        if (j < 20) body.volume.stir.At(i, j, k) = 1000;
        if (j < 24) body.volume.inside.At(i, j, k) = j < 20 ? 1 : 0;
        if (j >= 20 && j < 24) body.volume.stir.At(i, j, k) = 5000;  // Padding.
      }
    }
  }
  const Anchors anchors = MeasureAnchors(body.volume, body.skeleton);
  EXPECT_NEAR(anchors.muscle, 100, 10);
  EXPECT_NEAR(anchors.muscle_spread, 10, 10);
  EXPECT_FALSE(anchors.fluid);
}

TEST(Anchors, NoiseIsTheSigmaOfTheAirAtTheSides) {
  Body body;
  for (int k = 0; k < 10; ++k) {
    for (int j = 0; j < 40; ++j) {
      for (const int i : {0, 59}) {
        body.volume.stir.At(i, j, k) = 11.774F;
        body.skeleton.maps.relative.At(i, j, k) = 0.1F;
      }
    }
  }
  EXPECT_NEAR(MeasureAnchors(body.volume, body.skeleton).noise, 10, 1e-3);
  EXPECT_EQ(MeasureAnchors(Body().volume, Body().skeleton).noise, 0) << "no air";
}

TEST(Anchors, PositionLiesBetweenMarrowAndFluid) {
  const UnitId left = *UnitByKey("femur_distal_left"), right = *UnitByKey("femur_distal_right"),
               sternum = *UnitByKey("sternum");
  Anchors anchors;
  anchors.fluid = 500;
  anchors.marrow = {{right, 100}};
  const struct {
    double signal, coil_share;
    UnitId unit;
    std::optional<double> position;
  } cases[] = {{100, 1, right, 0},
               {300, 1, right, 0.5},
               {500, 1, right, 1},
               {60, 1, right, -0.1},
               {200, 0.6, right, 0.5},  // Fluid would have 300 there.
               {300, 0.6, right, 1},
               {100, 0.6, right, 0},
               {200, 0.2, right, std::nullopt},  // Fluid would be as dark as marrow.
               {300, 1, left, 0.5},              // Of the other side.
               {300, 1, sternum, std::nullopt}};
  for (const auto& c : cases)
    EXPECT_EQ(PositionOf(c.signal, c.coil_share, anchors, c.unit), c.position)
        << c.signal << " x " << c.coil_share;
  anchors.fluid = 100;
  EXPECT_FALSE(PositionOf(300, 1, anchors, right)) << "fluid as dark as marrow";
  anchors.fluid.reset();
  EXPECT_FALSE(PositionOf(300, 1, anchors, right)) << "no fluid";
}

TEST(Anchors, TheShareOfTheCoilsIsThatOfMuscleAtMostAndHalfOfItAtLeast) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const struct {
    const char* what;
    float stir, relative;
    double muscle, share;
  } cases[] = {{"as bright as what is around it", 100, 1, 100, 1},
               {"a bright lesion where the coils see all", 400, 4, 100, 1},
               {"the same where they see 0.7 of it", 280, 4, 100, 0.7},
               {"organs around", 300, 1, 100, 1},
               {"hardly any tissue around", 10, 1, 100, 0.5},
               {"no muscle found", 280, 4, 0, 1},
               {"no relative signal", 280, 0, 100, 1},
               {"not a number", kNone, 4, 100, 1}};
  const std::vector<VoxelIndex> voxels = {{20, 20, 3}, {21, 20, 3}, {20, 21, 3}};
  Anchors anchors;
  for (const auto& c : cases) {
    Body body;
    for (const VoxelIndex& v : voxels) {
      body.volume.stir.At(v.i, v.j, v.k) = c.stir;
      body.skeleton.maps.relative.At(v.i, v.j, v.k) = c.relative;
    }
    anchors.muscle = c.muscle;
    EXPECT_NEAR(CoilShareAt(voxels, body.volume.stir, body.skeleton.maps.relative, anchors),
                c.share, 1e-6)
        << c.what;
  }
  EXPECT_EQ(CoilShareAt(voxels, Body().volume.stir, {}, anchors), 1) << "no map";
}

TEST(Anchors, SayWhetherMuscleStandsOutOfTheNoise) {
  const struct {
    double muscle, noise;
    bool too_noisy;
  } cases[] = {{300, 30, false}, {300, 50, false}, {100, 30, true}, {300, 0, false}};
  for (const auto& c : cases) {
    Anchors anchors;
    anchors.muscle = c.muscle;
    anchors.noise = c.noise;
    EXPECT_EQ(IsTooNoisy(anchors), c.too_noisy) << c.muscle << " over " << c.noise;
  }
}

}  // namespace
}  // namespace osteon
