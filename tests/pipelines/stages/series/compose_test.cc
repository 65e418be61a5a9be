// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/series/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/pipelines/selection/made_study.h"

namespace osteon {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::LoadPattern;
using testing::MadeSeries;
using ::testing::Not;
using testing::Pattern;
using ::testing::SizeIs;
using testing::StudyOf;

// Coil correction has tests of its own; here voxels must stay what they were.
ComposeOptions WithoutBias() {
  ComposeOptions options;
  options.bias.max_gain = 1;
  return options;
}

SeriesChoice ChoiceOf(const Study& study) {
  SeriesChoice choice;
  for (std::size_t s = 0; s < study.series.size(); ++s) choice.stir.push_back(s);
  choice.stations = study.series.size() > 1;
  return choice;
}

Vec3 PlaceOf(const VolumeGeometry& g, int i, int j, int k) {
  return g.patient_from_voxel(
      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
}

void ExpectCanonicalAxes(const VolumeGeometry& g) {
  EXPECT_GT(Unit(g.patient_from_voxel.step_i).x, 0.85);
  EXPECT_LT(Unit(g.patient_from_voxel.step_j).z, -0.85);
  EXPECT_GT(Unit(g.patient_from_voxel.step_k).y, 0.85);
}

// Largest departure of the voxels from the pattern, up to one common factor.
double WorstShare(const ComposedVolume& body, int margin) {
  const VolumeGeometry& g = body.stir.geometry();
  const int mid_i = g.columns / 2;
  const int mid_j = g.rows / 2;
  const int mid_k = g.slices / 2;
  const double factor =
      body.stir.At(mid_i, mid_j, mid_k) / Pattern(PlaceOf(g, mid_i, mid_j, mid_k));
  double worst = 0;
  for (int k = margin; k < g.slices - margin; ++k) {
    for (int j = margin; j < g.rows - margin; ++j) {
      for (int i = margin; i < g.columns - margin; ++i) {
        const double expected = factor * Pattern(PlaceOf(g, i, j, k));
        worst = std::max(worst, std::abs(body.stir.At(i, j, k) / expected - 1));
      }
    }
  }
  return worst;
}

TEST(ComposeBody, KeepsTheVoxelsOfACoronalSeriesExactly) {
  const Study study = StudyOf({MadeSeries{.rows = 400}});
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  EXPECT_TRUE(SameGrid(body->stir.geometry(), study.series[0].geometry));
  const auto original = LoadPattern(study.series[0], run);
  EXPECT_TRUE(std::ranges::equal(body->stir.voxels(), original->voxels.voxels()));
  EXPECT_THAT(body->sources, SizeIs(12));
  ASSERT_THAT(body->sources[7], SizeIs(1));
  EXPECT_EQ(body->sources[7][0].frame, 7U);
  EXPECT_EQ(body->sources[7][0].end_row, 400);
  EXPECT_THAT(run.caveats(), IsEmpty());
  EXPECT_TRUE(body->t1.empty());
}

TEST(ComposeBody, TurnsAnyCoronalOrderIntoTheCanonicalOne) {
  // Slices from back to front, rows from feet to head, columns from left to right, tilted by ten
  // degrees.
  Study study = StudyOf({MadeSeries{.rows = 60, .columns = 50}});
  const double c = std::cos(0.175);
  const double s = std::sin(0.175);
  study.series[0].geometry.patient_from_voxel = {
      {-1.5, 0, 0}, {0, 1.5 * s, 1.5 * c}, {0, -6 * c, 6 * s}, {40, 30, -20}};
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  ExpectCanonicalAxes(body->stir.geometry());
  EXPECT_LT(WorstShare(*body, 0), 1e-5);
  ASSERT_THAT(body->sources[0], SizeIs(1));
  EXPECT_EQ(body->sources[0][0].frame, 11U);  // The front slice is the last one of the series.
}

TEST(ComposeBody, EvensAndBlendsStationsAndTracesTheirRows) {
  std::vector<MadeSeries> made(3);
  for (std::size_t n = 0; n < 3; ++n) made[n].top_mm = 900 - 381.0 * static_cast<double>(n);
  const Study study = StudyOf(made);
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  const VolumeGeometry& g = body->stir.geometry();
  EXPECT_EQ(g.rows, 2 * 254 + 287);
  EXPECT_LT(WorstShare(*body, 0), 1e-3);
  EXPECT_THAT(run.caveats(), IsEmpty());
  EXPECT_EQ(std::ranges::count(body->inside.voxels(), 1), static_cast<long>(body->inside.size()));
  ASSERT_THAT(body->sources[5], SizeIs(3));
  int row = 0;
  for (std::size_t n = 0; n < 3; ++n) {
    const auto& range = body->sources[5][n];
    EXPECT_EQ(range.first_row, row);
    EXPECT_EQ(range.series, n);
    EXPECT_EQ(range.frame, 5U);
    row = range.end_row;
    // Every traced row is in its station, at the same place.
    const VolumeGeometry& station = study.series[n].geometry;
    const double z = PlaceOf(g, 0, range.first_row, 5).z;
    EXPECT_LE(z, station.patient_from_voxel.origin.z + 1e-6);
  }
  EXPECT_EQ(row, g.rows);
}

TEST(ComposeBody, PutsStationsOffTheLatticeWhereTheyAre) {
  std::vector<MadeSeries> made(2);
  made[1].top_mm = 519.4;    // 0.4 mm off in plane ...
  made[1].first_y_mm = -32;  // ... and slices 1 mm further back.
  const Study study = StudyOf(made);
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  EXPECT_LT(WorstShare(*body, 1), 0.03);  // One millimetre of the pattern along y.
  EXPECT_EQ(body->sources[5].back().frame, 5U);
  EXPECT_THAT(run.caveats(), Not(Contains(Field(&Caveat::code, "station_slices_moved"))));
}

TEST(ComposeBody, ResamplesSagittalSeries) {
  Study study;
  study.series.push_back(testing::MakeSagittal(MadeSeries{.rows = 200, .slice_mm = 3}, 1));
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  ExpectCanonicalAxes(body->stir.geometry());
  EXPECT_NEAR(body->stir.geometry().spacing_mm().x, 1.5, 1e-9);
  EXPECT_LT(WorstShare(*body, 3), 0.05);
  EXPECT_THAT(body->sources[3], IsEmpty());
  EXPECT_THAT(run.caveats(), Contains(Field(&Caveat::code, "oblique_input")));
}

TEST(ComposeBody, AveragesTheThinSlicesOf3dAcquisitions) {
  const Study study = StudyOf({MadeSeries{.rows = 120, .slices = 48, .slice_mm = 1.25}});
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->stir.geometry().slices, 16);
  EXPECT_NEAR(body->stir.geometry().spacing_mm().z, 3.75, 1e-9);
  EXPECT_LT(WorstShare(*body, 0), 0.01);
  ASSERT_THAT(body->sources[2], SizeIs(1));
  EXPECT_EQ(body->sources[2][0].frame, 7U) << "the middle of slices 6, 7, 8";
}

TEST(ComposeBody, MarksAMissingSliceAsNotImaged) {
  for (const std::size_t stations : {1U, 2U}) {
    std::vector<MadeSeries> made(stations);
    if (stations == 2) made[1].top_mm = 519;
    Study study = StudyOf(made);
    for (SeriesInfo& s : study.series) s.frames[4] = {};
    RunContext run;
    const auto body = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
    ASSERT_TRUE(body);
    EXPECT_EQ(std::ranges::count(body->inside.Slice(4), 1), 0) << stations;
    EXPECT_EQ(std::ranges::count(body->inside.Slice(5), 0), 0) << stations;
    EXPECT_GT(body->stir.At(20, 20, 4), 0) << "interpolated, not black";
    EXPECT_THAT(body->sources[4], IsEmpty()) << stations;
  }
}

TEST(ComposeBody, SaysWhenStationsDoNotMeetOrDisagree) {
  std::vector<MadeSeries> apart(2);
  apart[1].top_mm = 300;
  const Study gap = StudyOf(apart);
  RunContext gap_run;
  const auto body = ComposeBody(gap, ChoiceOf(gap), LoadPattern, WithoutBias(), gap_run);
  ASSERT_TRUE(body);
  EXPECT_THAT(gap_run.caveats(), Contains(Field(&Caveat::code, "station_gap")));
  EXPECT_EQ(body->inside.At(10, 330, 5), 0);
  EXPECT_EQ(body->stir.At(10, 330, 5), 0);

  std::vector<MadeSeries> made(2);
  made[1].top_mm = 519;
  const Study moved = StudyOf(made);
  const VolumeLoader moving = [](const SeriesInfo& info, RunContext& run) {
    SeriesInfo elsewhere = info;
    if (info.series_number == 2) elsewhere.geometry.patient_from_voxel.origin.z += 10.5;
    auto image = LoadPattern(elsewhere, run);
    return Result<ImageVolume>(ImageVolume{info, std::move(image->voxels).MovedTo(info.geometry)});
  };
  RunContext moved_run;
  ASSERT_TRUE(ComposeBody(moved, ChoiceOf(moved), moving, WithoutBias(), moved_run));
  EXPECT_THAT(moved_run.caveats(), Contains(Field(&Caveat::code, "station_mismatch")));
}

TEST(ComposeBody, BringsOtherContrastsOntoTheGridAndKeepsTheirUnits) {
  Study study = StudyOf({MadeSeries{.rows = 300},
                         MadeSeries{.contrast = Contrast::kAdc, .rows = 100, .in_plane_mm = 3}});
  SeriesChoice choice;
  choice.stir = {0};
  choice.adc = {1};
  RunContext run;
  const auto body = ComposeBody(study, choice, LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body);
  ASSERT_EQ(body->adc.voxels.size(), body->stir.size());
  const Vec3 at = PlaceOf(body->stir.geometry(), 60, 100, 6);
  EXPECT_NEAR(body->adc.voxels.At(60, 100, 6), 1.5 * Pattern(at), 0.03 * Pattern(at));
  EXPECT_EQ(body->adc.imaged.At(60, 100, 6), 1);
  EXPECT_EQ(body->adc.imaged.At(60, 290, 6), 0) << "below the last row of the ADC map";
}

// Not-a-number from the loader is padding.
TEST(ComposeBody, TakesPaddingForNotImagedInEveryContrast) {
  const auto padded = [](const SeriesInfo& info, RunContext& run) {
    auto image = LoadPattern(info, run);
    for (int k = 0; k < info.geometry.slices; ++k) {
      for (int j = 0; j < info.geometry.rows; ++j) {
        for (int i = 0; i < 10; ++i) image->voxels.At(i, j, k) = std::nanf("");
      }
    }
    return image;
  };
  const Study study = StudyOf({MadeSeries{}, MadeSeries{.contrast = Contrast::kT1}});
  SeriesChoice choice;
  choice.stir = {0};
  choice.t1 = {1};
  RunContext run;
  const auto body = ComposeBody(study, choice, padded, WithoutBias(), run);
  ASSERT_TRUE(body);
  const VolumeGeometry& g = body->stir.geometry();
  const auto whole = ComposeBody(study, choice, LoadPattern, WithoutBias(), run);
  for (int i = 0; i < g.columns; ++i) {
    EXPECT_EQ(body->inside.At(i, 50, 3), i < 10 ? 0 : 1) << i;
    EXPECT_EQ(body->t1.imaged.At(i, 50, 3), i < 10 ? 0 : 1) << i;
    EXPECT_EQ(body->stir.At(i, 50, 3), i < 10 ? 0 : whole->stir.At(i, 50, 3)) << i;
  }
}

// A station whose overlap is half padding gets the gain it had without.
TEST(ComposeBody, PaddingChangesNoGain) {
  std::vector<MadeSeries> made(2);
  made[1].top_mm = 900 - 381.0;
  const Study study = StudyOf(made);
  const auto padded = [](const SeriesInfo& info, RunContext& run) {
    auto image = LoadPattern(info, run);
    for (int k = 0; k < info.geometry.slices; ++k) {
      for (int j = 0; j < info.geometry.rows; ++j) {
        for (int i = 0; i < 60 && info.series_number == 2; ++i)
          image->voxels.At(i, j, k) = std::nanf("");
      }
    }
    return image;
  };
  RunContext run;
  const auto body = ComposeBody(study, ChoiceOf(study), padded, WithoutBias(), run);
  const auto whole = ComposeBody(study, ChoiceOf(study), LoadPattern, WithoutBias(), run);
  ASSERT_TRUE(body && whole);
  EXPECT_THAT(run.caveats(), IsEmpty());
  const VolumeGeometry& g = body->stir.geometry();
  for (int j = 0; j < g.rows; j += 7) {
    EXPECT_NEAR(body->stir.At(90, j, 5) / whole->stir.At(90, j, 5), 1, 2e-3) << j;
  }
}

TEST(ComposeBody, PassesOnWhatTheLoaderSays) {
  const Study study = StudyOf({MadeSeries{}});
  RunContext run;
  const auto body = ComposeBody(
      study, ChoiceOf(study),
      [](const SeriesInfo&, RunContext&) {
        return Result<ImageVolume>(InvalidInput("a.dcm: bad"));
      },
      {}, run);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(body.error().message(), ::testing::HasSubstr("a.dcm: bad"));
}

}  // namespace
}  // namespace osteon
