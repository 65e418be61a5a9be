// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/canonical.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipelines/stages/skeleton/network_maps.h"

namespace osteon {
namespace {

VolumeGeometry Grid(int columns, int rows, int slices, double pixel_mm, double slice_mm) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  g.patient_from_voxel = {{pixel_mm, 0, 0}, {0, 0, -pixel_mm}, {0, slice_mm, 0}, {-100, 20, 900}};
  return g;
}

nlohmann::json Golden() {
  const char* root = std::getenv("OSTEON_SOURCE_DIR");
  std::ifstream in(std::string(root == nullptr ? "." : root) +
                   "/tests/pipelines/stages/skeleton/canonical_golden.json");
  return nlohmann::json::parse(in, nullptr, false);
}

// The array of canonical_golden.py, `volume()`.
Volume<float> GoldenVolume(int columns, int rows, int slices) {
  Volume<float> v(Grid(columns, rows, slices, 2, 6));
  for (int k = 0; k < slices; ++k) {
    for (int j = 0; j < rows; ++j) {
      for (int i = 0; i < columns; ++i) {
        float value = static_cast<float>((i * 7 + j * 13 + k * 29) % 17 + 3);
        if (i >= 8 && i < 36 && j >= 5 && j < 55 && k >= 1 && k < 8) {
          value += static_cast<float>(100 + j % 5 * 4);
          if (i >= 20 && i < 30 && j >= 20 && j < 32) value *= 6;
        }
        v.At(i, j, k) = value;
      }
    }
  }
  return v;
}

TEST(Canonical, NormalisesAsTheTrainingCodeDoes) {
  const nlohmann::json golden = Golden();
  ASSERT_TRUE(golden.is_object()) << "tests/pipelines/stages/skeleton/canonical_golden.json";
  const Volume<float> fine =
      GoldenVolume(golden["shape"][2], golden["shape"][1], golden["shape"][0]);
  const Volume<float> coarse = HalveInPlane(fine);
  const double g = GlobalReference(coarse);
  EXPECT_NEAR(g, golden["global_reference"].get<double>(), 1e-4);
  const Volume<float> reference = LocalReference(coarse, g);
  for (std::size_t n = 0; n < golden["places"].size(); ++n) {
    const int k = golden["places"][n][0], j = golden["places"][n][1], i = golden["places"][n][2];
    const float local = reference.At(i / 2, j / 2, k);
    EXPECT_NEAR(local, golden["local_reference"][n].get<float>(), 2e-3) << n;
    EXPECT_NEAR(std::log1p(2 * fine.At(i, j, k) / local) - 1, golden["compressed"][n].get<float>(),
                2e-5)
        << n;
  }
}

// A body of muscle with a brighter trunk, in air: 0.5 m tall, on any grid.
Volume<float> Body(double pixel_mm, double slice_mm, float gain) {
  const auto count = [](double extent_mm, double mm) { return static_cast<int>(extent_mm / mm); };
  Volume<float> v(
      Grid(count(300, pixel_mm), count(600, pixel_mm), count(150, slice_mm), pixel_mm, slice_mm));
  const VolumeGeometry& g = v.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const double x = (i + 0.5) * pixel_mm, z = (j + 0.5) * pixel_mm, y = (k + 0.5) * slice_mm;
        if (x < 60 || x > 240 || z < 50 || z > 550 || y < 20 || y > 130) continue;
        v.At(i, j, k) = gain * (z < 200 ? 140.0F : 100.0F);
      }
    }
  }
  return v;
}

TEST(Canonical, MeasuresTheBodysHeightOnAnyGrid) {
  for (const auto& [pixel_mm, slice_mm] :
       {std::pair{0.9, 3.0}, std::pair{1.5, 6.0}, std::pair{2.2, 9.0}}) {
    EXPECT_NEAR(BodyHeightMm(Body(pixel_mm, slice_mm, 1)), 500, 9) << pixel_mm;
  }
}

TEST(Canonical, IsTheSameForAnyGainAndNearlyForAnyGrid) {
  const auto reference = ToCanonical(Body(1.5, 6.0, 1));
  ASSERT_TRUE(reference);
  EXPECT_NEAR(reference->scale, 0.4, 1e-9) << "clamped: 500 mm is no whole body";
  const auto louder = ToCanonical(Body(1.5, 6.0, 7.5F));
  ASSERT_TRUE(louder);
  ASSERT_EQ(louder->relative.size(), reference->relative.size());
  for (std::size_t n = 0; n < louder->relative.size(); n += 101) {
    EXPECT_NEAR(louder->relative[n], reference->relative[n], 1e-4);
  }
  const auto finer = ToCanonical(Body(1.0, 3.0, 1));
  ASSERT_TRUE(finer);
  const VolumeGeometry& a = reference->relative.geometry();
  const VolumeGeometry& b = finer->relative.geometry();
  EXPECT_NEAR(a.spacing_mm().x, b.spacing_mm().x, 1e-9);
  const float here = reference->relative.At(a.columns / 2, a.rows / 2, a.slices / 2);
  EXPECT_NEAR(here, finer->relative.At(b.columns / 2, b.rows / 2, b.slices / 2), 0.05 * here);
}

TEST(Canonical, KeepsPlacesInThePatient) {
  const Volume<float> body = Body(1.5, 6.0, 1);
  const auto canonical = ToCanonical(body);
  ASSERT_TRUE(canonical);
  const PatientBox from = BoundingBox(body.geometry()),
                   to = BoundingBox(canonical->relative.geometry());
  EXPECT_NEAR(from.low.x, to.low.x, 2);
  EXPECT_NEAR(from.high.z, to.high.z, 2);
  EXPECT_NEAR(from.low.y, to.low.y, 6);
}

TEST(Canonical, RefusesAnEmptyOrBlankVolume) {
  EXPECT_FALSE(ToCanonical(Volume<float>()));
  const auto blank = ToCanonical(Volume<float>(Grid(100, 200, 10, 2, 6)));
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().code(), ErrorCode::kUnsupported);
}

TEST(NetworkInput, HasSubPixelsNeighboursAndPlacesPaddedToSixteen) {
  const auto canonical = ToCanonical(Body(1.5, 6.0, 1));
  ASSERT_TRUE(canonical);
  const VolumeGeometry& fine = canonical->relative.geometry();
  const int slice = fine.slices / 2;
  const Planes in = NetworkInput(*canonical, slice, WholeSlice(*canonical));
  EXPECT_EQ(in.channels, 10);
  EXPECT_EQ(in.rows % 16, 0);
  EXPECT_GE(in.rows, fine.rows / 2);
  const int i = fine.columns / 4, j = fine.rows / 4;
  const auto at = static_cast<std::size_t>(j) * static_cast<std::size_t>(in.columns) +
                  static_cast<std::size_t>(i);
  const auto compressed = [](float v) { return std::log1p(2 * v) - 1; };
  EXPECT_FLOAT_EQ(in.Plane(0)[at], compressed(canonical->relative.At(2 * i, 2 * j, slice)));
  EXPECT_FLOAT_EQ(in.Plane(3)[at], compressed(canonical->relative.At(2 * i + 1, 2 * j + 1, slice)));
  EXPECT_NEAR(in.Plane(8)[at], (i - canonical->middle_column) / 64.0, 1e-6);
  EXPECT_NEAR(in.Plane(9)[at], (slice - canonical->middle_slice) / 16.0, 1e-6);
  EXPECT_FLOAT_EQ(in.Plane(0)[in.PlaneSize() - 1], -1.0F) << "the padding is air";
}

TEST(NetworkInput, OfAWindowIsThatPartOfTheWholeSlice) {
  const auto canonical = ToCanonical(Body(1.5, 6.0, 1));
  ASSERT_TRUE(canonical);
  const int slice = canonical->relative.geometry().slices / 2;
  const SliceWindow window = {16, 8, 32, 16};
  const Planes whole = NetworkInput(*canonical, slice, WholeSlice(*canonical));
  const Planes part = NetworkInput(*canonical, slice, window);
  for (int c = 0; c < part.channels; ++c) {
    for (int j = 0; j < part.rows; ++j) {
      for (int i = 0; i < part.columns; ++i) {
        ASSERT_EQ(part.Plane(c)[j * part.columns + i],
                  whole.Plane(c)[(j + window.first_row) * whole.columns + i + window.first_column]);
      }
    }
  }
}

TEST(BodyWindow, HoldsAllTissueOfTheSliceAndNothingOfAnEmptyOne) {
  auto canonical = ToCanonical(Body(1.5, 6.0, 1));
  ASSERT_TRUE(canonical);
  const VolumeGeometry& fine = canonical->relative.geometry();
  const int slice = fine.slices / 2;
  const SliceWindow window = BodyWindow(*canonical, slice);
  EXPECT_EQ(window.rows % 16, 0);
  EXPECT_EQ(window.columns % 16, 0);
  for (int j = 0; j < fine.rows; ++j) {
    for (int i = 0; i < fine.columns; ++i) {
      if (canonical->relative.At(i, j, slice) < 0.8F) continue;
      ASSERT_TRUE(j / 2 >= window.first_row && j / 2 < window.first_row + window.rows &&
                  i / 2 >= window.first_column && i / 2 < window.first_column + window.columns);
    }
  }
  canonical->relative = Volume<float>(fine);
  EXPECT_EQ(BodyWindow(*canonical, slice).rows, 0);
}

}  // namespace
}  // namespace osteon
