// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/resample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace osteon {
namespace {

VolumeGeometry Grid(int columns, int rows, int slices, Affine patient_from_voxel) {
  return {columns, rows, slices, patient_from_voxel, "1.2.3"};
}

// Every voxel its own number.
Volume<float> Numbered(VolumeGeometry geometry) {
  Volume<float> volume(std::move(geometry));
  for (std::size_t n = 0; n < volume.size(); ++n) volume[n] = static_cast<float>(n);
  return volume;
}

// A linear function of the place in the patient, which trilinear interpolation keeps exactly.
float Ramp(Vec3 p) { return static_cast<float>(100 + p.x + 2 * p.y - 3 * p.z); }

Volume<float> RampOn(VolumeGeometry geometry) {
  Volume<float> volume(std::move(geometry));
  const VolumeGeometry& g = volume.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        volume.At(i, j, k) = Ramp(g.patient_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)}));
      }
    }
  }
  return volume;
}

TEST(ExactMap, FindsSwappedAndReversedAxes) {
  const VolumeGeometry source = Grid(4, 5, 6, {{2, 0, 0}, {0, 3, 0}, {0, 0, 4}, {1, 1, 1}});
  // i runs along the source's -k, j along its +i, k along its +j; one slice further in.
  const VolumeGeometry target = Grid(5, 4, 5, {{0, 0, -4}, {2, 0, 0}, {0, 3, 0}, {1, 1, 17}});
  const auto map = ExactMap(source, target);
  ASSERT_TRUE(map.has_value());
  EXPECT_THAT(map->axis, testing::ElementsAre(1, 2, 0));
  EXPECT_THAT(map->sign, testing::ElementsAre(1, 1, -1));
  EXPECT_THAT(map->offset, testing::ElementsAre(0, 0, 4));
}

TEST(ExactMap, RefusesWhatNeedsInterpolation) {
  const VolumeGeometry source = Grid(40, 50, 6, {{1, 0, 0}, {0, 1, 0}, {0, 0, 5}, {0, 0, 0}});
  const struct {
    const char* name;
    Affine affine;
  } cases[] = {
      {"half a voxel off", {{1, 0, 0}, {0, 1, 0}, {0, 0, 5}, {0.5, 0, 0}}},
      {"other spacing", {{1.1, 0, 0}, {0, 1, 0}, {0, 0, 5}, {0, 0, 0}}},
      {"one degree tilted",
       {{std::cos(0.0175), std::sin(0.0175), 0},
        {-std::sin(0.0175), std::cos(0.0175), 0},
        {0, 0, 5},
        {0, 0, 0}}},
  };
  for (const auto& c : cases) {
    EXPECT_FALSE(ExactMap(source, Grid(40, 50, 6, c.affine)).has_value()) << c.name;
  }
}

TEST(Resample, CopiesExactlyWhereItCan) {
  const Volume<float> source =
      Numbered(Grid(4, 5, 6, {{2, 0, 0}, {0, 3, 0}, {0, 0, 4}, {1, 1, 1}}));
  const Volume<float> out =
      Resample(source, Grid(6, 4, 5, {{0, 0, -4}, {2, 0, 0}, {0, 3, 0}, {1, 1, 21}}), -1);
  EXPECT_EQ(out.At(0, 0, 0), source.At(0, 0, 5));
  EXPECT_EQ(out.At(5, 3, 4), source.At(3, 4, 0));
}

TEST(Resample, InterpolatesLinearly) {
  const Volume<float> source =
      RampOn(Grid(20, 20, 20, {{2, 0, 0}, {0, 2, 0}, {0, 0, 2}, {-20, -20, -20}}));
  const double c = std::cos(0.3);
  const double s = std::sin(0.3);
  const VolumeGeometry target =
      Grid(8, 8, 8, {{1.3 * c, 1.3 * s, 0}, {-1.3 * s, 1.3 * c, 0}, {0, 0, 1.7}, {-4, -4, -4}});
  const Volume<float> out = Resample(source, target, -1);
  const Volume<float> expected = RampOn(target);
  for (std::size_t n = 0; n < out.size(); ++n) EXPECT_NEAR(out[n], expected[n], 1e-3);
}

TEST(Resample, SaysWhatIsOutside) {
  const Volume<float> source =
      Numbered(Grid(4, 4, 4, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}}));
  const Volume<float> out =
      Resample(source, Grid(8, 1, 1, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1.6, 0, 0}}), -7);
  // Centres at -1.6 and -0.6 are beyond half a voxel; -0.4 is not, and takes the outermost value.
  EXPECT_EQ(out.At(0, 0, 0), -7);
  EXPECT_EQ(out.At(1, 0, 0), -7);
  EXPECT_NEAR(out.At(2, 0, 0), 0.4, 1e-6);
  EXPECT_NEAR(out.At(5, 0, 0), 3.0, 1e-6);
  EXPECT_EQ(out.At(6, 0, 0), -7);
}

TEST(ShrinkByMean, KeepsMeansAndPlaces) {
  const Volume<float> source =
      RampOn(Grid(12, 8, 6, {{1, 0, 0}, {0, 1.5, 0}, {0, 0, 4}, {5, 6, 7}}));
  const Volume<float> small = ShrinkByMean(source, {3, 2, 1});
  EXPECT_EQ(small.geometry().columns, 4);
  EXPECT_EQ(small.geometry().rows, 4);
  EXPECT_EQ(small.geometry().slices, 6);
  const Volume<float> expected = RampOn(small.geometry());
  for (std::size_t n = 0; n < small.size(); ++n) EXPECT_NEAR(small[n], expected[n], 1e-3);
}

}  // namespace
}  // namespace osteon
