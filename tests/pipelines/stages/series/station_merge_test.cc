// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/series/station_merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace osteon {
namespace {

using ::testing::ElementsAre;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

VolumeGeometry Grid(int columns, int rows, int slices) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  g.patient_from_voxel = {{1.5, 0, 0}, {0, 0, -2}, {0, 5, 0}, {}};
  return g;
}

// Positive, and different everywhere.
float Pattern(int i, int j, int k) {
  return 100 + 40 * std::sin(0.7F * static_cast<float>(i) + 0.3F * static_cast<float>(k)) +
         30 * std::cos(0.41F * static_cast<float>(j)) + static_cast<float>((7 * i + 3 * j) % 5);
}

// Rows [first, end) of all columns and slices, showing the pattern times `gain`, `moved` rows down.
StationPatch Station(const VolumeGeometry& grid, std::size_t series, int first, int end,
                     float gain = 1, int moved = 0) {
  StationPatch patch;
  patch.series = series;
  patch.box = {{0, first, 0}, {grid.columns, end, grid.slices}};
  patch.voxels = Volume<float>(SubGrid(grid, patch.box));
  for (int k = 0; k < grid.slices; ++k)
    for (int j = first; j < end; ++j)
      for (int i = 0; i < grid.columns; ++i)
        patch.voxels.At(i, j - first, k) = gain * Pattern(i, j - moved, k);
  for (int k = 0; k < grid.slices; ++k) {
    patch.frames.push_back(k);
    patch.imaged.push_back(1);
  }
  return patch;
}

std::vector<std::string> Codes(const RunContext& run) {
  std::vector<std::string> codes;
  for (const Caveat& caveat : run.caveats()) codes.push_back(caveat.code);
  return codes;
}

TEST(StationMerge, EvensGainsThroughOverlapsAndKeepsTheirMean) {
  const VolumeGeometry grid = Grid(40, 120, 4);
  const struct {
    const char* what;
    int second_first, third_first;
    float gains[3];
    std::vector<std::string> caveats;
  } cases[] = {{"even already", 30, 70, {1, 1, 1}, {}},
               {"other gains", 30, 70, {1, 2, 0.5F}, {}},
               {"scanner units of thousands", 30, 70, {3000, 5000, 2000}, {}}};
  for (const auto& c : cases) {
    std::vector<StationPatch> patches;
    patches.push_back(Station(grid, 0, 0, 45, c.gains[0]));
    patches.push_back(Station(grid, 1, c.second_first, 85, c.gains[1]));
    patches.push_back(Station(grid, 2, c.third_first, 120, c.gains[2]));
    RunContext run;
    MatchGains(patches, grid, run);
    EXPECT_EQ(Codes(run), c.caveats) << c.what;
    const double mean =
        std::cbrt(static_cast<double>(c.gains[0]) * static_cast<double>(c.gains[1]) *
                  static_cast<double>(c.gains[2]));
    for (const StationPatch& patch : patches) {
      EXPECT_NEAR(patch.voxels.At(3, 2, 1) / Pattern(3, patch.box.first[1] + 2, 1), mean,
                  1e-3 * mean)
          << c.what << ", station " << patch.series;
    }
  }
}

TEST(StationMerge, SaysThatStationsDoNotOverlap) {
  const VolumeGeometry grid = Grid(40, 120, 4);
  std::vector<StationPatch> patches;
  patches.push_back(Station(grid, 0, 0, 50));
  patches.push_back(Station(grid, 1, 60, 120, 3));
  RunContext run;
  MatchGains(patches, grid, run);
  EXPECT_THAT(Codes(run), ElementsAre("station_gap"));
  const double ratio = static_cast<double>(patches[1].voxels.At(3, 2, 1) / Pattern(3, 62, 1)) /
                       static_cast<double>(patches[0].voxels.At(3, 2, 1) / Pattern(3, 2, 1));
  EXPECT_NEAR(ratio, 1, 0.05) << "the brighter voxels decide the gain";
}

TEST(StationMerge, SaysThatThePatientMoved) {
  const VolumeGeometry grid = Grid(40, 120, 4);  // Rows of 2 mm.
  const struct {
    int moved_rows;
    bool caveat;
  } cases[] = {{0, false}, {1, false}, {4, true}};
  for (const auto& c : cases) {
    std::vector<StationPatch> patches;
    patches.push_back(Station(grid, 0, 0, 80));
    patches.push_back(Station(grid, 1, 40, 120, 1, c.moved_rows));
    RunContext run;
    CheckOverlaps(patches, grid, {}, run);
    EXPECT_EQ(Codes(run).size(), c.caveat ? 1u : 0u) << c.moved_rows;
  }
}

TEST(StationMerge, TracesEachRowToTheStationThatWeighsMost) {
  const VolumeGeometry grid = Grid(8, 60, 3);
  std::vector<StationPatch> patches;
  patches.push_back(Station(grid, 5, 0, 40));
  patches.push_back(Station(grid, 6, 20, 60));
  patches[1].imaged[1] = 0;  // A missing slice, interpolated.
  patches[1].frames[1] = -1;
  const Merged merged = Merge(std::move(patches), grid);
  using Range = ComposedVolume::RowRange;
  const auto is = [](const Range& r, int first, int end, std::size_t series, std::size_t frame) {
    return r.first_row == first && r.end_row == end && r.series == series && r.frame == frame;
  };
  ASSERT_EQ(merged.sources.size(), 3u);
  ASSERT_EQ(merged.sources[0].size(), 2u);
  EXPECT_TRUE(is(merged.sources[0][0], 0, 30, 5, 0));
  EXPECT_TRUE(is(merged.sources[0][1], 30, 60, 6, 0));
  ASSERT_EQ(merged.sources[1].size(), 1u)
      << "the station with the missing slice is not a source of it";
  EXPECT_TRUE(is(merged.sources[1][0], 0, 40, 5, 1));
  EXPECT_EQ(merged.inside.At(0, 50, 0), 1);
  EXPECT_EQ(merged.inside.At(0, 50, 1), 0) << "interpolated is not imaged";
  EXPECT_GT(merged.voxels.At(0, 50, 1), 0) << "but is shown";
  for (int j = 0; j < 60; ++j)
    EXPECT_NEAR(merged.voxels.At(3, j, 0), Pattern(3, j, 0), 1e-3) << "blended, row " << j;
}

TEST(StationMerge, WhereAStationHasNoVoxelThereIsNone) {
  const VolumeGeometry grid = Grid(8, 60, 2);
  for (const bool two : {false, true}) {
    std::vector<StationPatch> patches;
    patches.push_back(Station(grid, 0, 0, two ? 40 : 60));
    if (two) patches.push_back(Station(grid, 1, 20, 60));
    patches[0].voxels.At(2, 5, 0) = kNaN;
    if (two) patches[0].voxels.At(2, 30, 0) = kNaN;
    const Merged merged = Merge(std::move(patches), grid);
    EXPECT_EQ(merged.inside.At(2, 5, 0), 0);
    EXPECT_EQ(merged.voxels.At(2, 5, 0), 0);
    EXPECT_EQ(merged.inside.At(2, 30, 0), 1);
    EXPECT_NEAR(merged.voxels.At(2, 30, 0), Pattern(2, 30, 0), 1e-3)
        << "the value of the other station";
  }
}

}  // namespace
}  // namespace osteon
