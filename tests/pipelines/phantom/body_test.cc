// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipelines/phantom/lesions.h"
#include "pipelines/phantom/signal.h"

namespace osteon::phantom {
namespace {

constexpr double kCoarseMm = 3.0;

Body MakeBody(const PhantomOptions& options) {
  RunContext run;
  Result<Body> body = BuildBody(DrawPlan(options), options.seed, kCoarseMm, run);
  EXPECT_TRUE(body.ok());
  return std::move(*body);
}

std::map<UnitId, int> VoxelsOfUnits(const Body& body) {
  std::map<UnitId, int> count;
  for (UnitId unit : body.units.voxels()) ++count[unit];
  return count;
}

TEST(Body, HoldsEveryBoneUnitInMatchingSizeOnBothSides) {
  for (const auto& [seed, child] : {std::pair{1, false}, {2, true}, {9, false}}) {
    PhantomOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.child = child;
    const Body body = MakeBody(options);
    std::map<UnitId, int> count = VoxelsOfUnits(body);
    for (const BoneUnit& unit : BoneUnits()) {
      if (unit.unnamed()) continue;
      EXPECT_GT(count[unit.id], 20) << unit.key << ", seed " << seed;
      if (!unit.mirror) continue;
      const double ratio = static_cast<double>(count[unit.id]) / count[*unit.mirror];
      EXPECT_GT(ratio, 0.8) << unit.key << ", seed " << seed;
      EXPECT_LT(ratio, 1.25) << unit.key << ", seed " << seed;
    }
  }
}

TEST(Body, SidesAndHeightsAreThoseOfAPersonOnTheirBack) {
  PhantomOptions options;
  options.seed = 4;
  const Body body = MakeBody(options);
  std::map<UnitId, Vec3> sum;
  std::map<UnitId, int> count = VoxelsOfUnits(body);
  const VolumeGeometry& g = body.units.geometry();
  for (int k = 0; k < g.slices; ++k)
    for (int j = 0; j < g.rows; ++j)
      for (int i = 0; i < g.columns; ++i) {
        const UnitId unit = body.units.At(i, j, k);
        if (unit == 0) continue;
        sum[unit] = sum[unit] + g.patient_from_voxel({double(i), double(j), double(k)});
      }
  const auto centre = [&](const char* key) {
    const UnitId unit = *UnitByKey(key);
    return (1.0 / count[unit]) * sum[unit];
  };
  for (const BoneUnit& unit : BoneUnits()) {
    if (unit.side == Side::kNone || unit.unnamed()) continue;
    EXPECT_EQ(centre(unit.key.c_str()).x > 0, unit.side == Side::kLeft) << unit.key;
  }
  const char* head_to_foot[] = {"skull",
                                "mandible",
                                "clavicle_left",
                                "lumbar_spine",
                                "sacrum",
                                "femur_proximal_left",
                                "femur_distal_left",
                                "tibia_proximal_left",
                                "tibia_distal_left",
                                "foot_left"};
  for (std::size_t n = 0; n + 1 < std::size(head_to_foot); ++n) {
    EXPECT_GT(centre(head_to_foot[n]).z, centre(head_to_foot[n + 1]).z) << head_to_foot[n];
  }
  EXPECT_LT(centre("sternum").y, centre("thoracic_spine").y - 60) << "the front is at low y";
}

TEST(Body, StatureIsWhatWasAskedFor) {
  for (const double height_mm : {1000.0, 1300.0, 1800.0}) {
    PhantomOptions options;
    options.height_mm = height_mm;
    options.age_years = height_mm < 1500 ? 6 : 30;
    const Body body = MakeBody(options);
    int first = -1, last = -1;
    const VolumeGeometry& g = body.tissue.geometry();
    for (int j = 0; j < g.rows; ++j)
      for (int k = 0; k < g.slices; ++k)
        for (int i = 0; i < g.columns; ++i) {
          if (body.tissue.At(i, j, k) == Tissue::kAir) continue;
          if (first < 0) first = j;
          last = j;
        }
    // Lying with bent knees and stretched feet is not standing.
    EXPECT_NEAR((last - first) * kCoarseMm, height_mm, 0.07 * height_mm);
  }
}

TEST(Body, OnlyChildrenHaveGrowthPlates) {
  const auto plates = [](double age_years) {
    PhantomOptions options;
    options.age_years = age_years;
    const Body body = MakeBody(options);
    return std::count(body.tissue.voxels().begin(), body.tissue.voxels().end(), Tissue::kPhysis);
  };
  EXPECT_GT(plates(9), 300);
  EXPECT_EQ(plates(30), 0);
}

TEST(Lesions, AreAsManyAsAskedForAndMatchTheirVoxels) {
  for (const int asked : {0, 1, 7, 20}) {
    PhantomOptions options;
    options.seed = 3;
    options.lesions = asked;
    Body body = MakeBody(options);
    const std::vector<PhantomLesion> rows = DrawLesions(options, body);
    ASSERT_EQ(rows.size(), static_cast<std::size_t>(asked));
    std::map<int, int> voxels;
    for (std::size_t n = 0; n < body.lesion_id.size(); ++n) {
      if (body.lesion_id[n] == 0) continue;
      ++voxels[body.lesion_id[n]];
      EXPECT_TRUE(body.tissue[n] == Tissue::kMarrow || body.tissue[n] == Tissue::kPhysis);
    }
    for (const PhantomLesion& row : rows) {
      EXPECT_NEAR(row.volume_ml, voxels[row.id] * std::pow(kCoarseMm, 3) / 1000, 1e-9);
      EXPECT_GT(row.volume_ml, 0) << UnitOf(row.unit).key;
    }
  }
}

TEST(Lesions, AFollowUpChangesThemAsSaid) {
  PhantomOptions options;
  options.seed = 8;
  options.lesions = 8;
  const auto rows_of = [&](PhantomCourse course) {
    options.course = course;
    Body body = MakeBody(options);
    return DrawLesions(options, body);
  };
  const auto before = rows_of(PhantomCourse::kBaseline), grown = rows_of(PhantomCourse::kGrow);
  const auto shrunk = rows_of(PhantomCourse::kShrink), same = rows_of(PhantomCourse::kUnchanged);
  for (std::size_t n = 0; n < before.size(); ++n) {
    EXPECT_GT(grown[n].volume_ml, 1.15 * before[n].volume_ml) << UnitOf(before[n].unit).key;
    EXPECT_LT(shrunk[n].volume_ml, 0.75 * before[n].volume_ml) << UnitOf(before[n].unit).key;
    EXPECT_DOUBLE_EQ(same[n].volume_ml, before[n].volume_ml);
  }
  for (const PhantomLesion& row : rows_of(PhantomCourse::kResolve)) EXPECT_EQ(row.volume_ml, 0);
}

TEST(Signal, ContrastIsThatOfStirAndT1) {
  for (const double tesla : {1.5, 3.0}) {
    const SignalTable stir(StirSequence(tesla), 0), t1(T1Sequence(tesla), 0);
    const auto of = [](const SignalTable& table, Tissue tissue, int red = 0, int oedema = 0) {
      const WaterFat s =
          table.Of(tissue, static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(oedema));
      return std::abs(s.water + s.fat);
    };
    const float muscle = stir.muscle();
    EXPECT_LT(of(stir, Tissue::kFat), 0.1f * muscle) << "fat is nulled";
    EXPECT_GT(of(stir, Tissue::kMarrow, 0, 255), 3.0f * muscle) << "florid oedema";
    EXPECT_LT(of(stir, Tissue::kMarrow, 0, 255), 9.0f * muscle);
    EXPECT_LT(of(stir, Tissue::kMarrow, 128), 1.7f * muscle) << "red marrow";
    EXPECT_GT(of(stir, Tissue::kCsf), of(stir, Tissue::kMarrow, 0, 255));
    EXPECT_GT(of(t1, Tissue::kMarrow), 1.5f * t1.muscle()) << "yellow marrow is bright on T1";
    EXPECT_LT(of(t1, Tissue::kMarrow, 0, 255), 1.2f * t1.muscle());
  }
}

}  // namespace
}  // namespace osteon::phantom
