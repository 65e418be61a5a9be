// SPDX-License-Identifier: GPL-3.0-or-later
// Several stations into one volume: gains evened from what overlaps, blended there, each voxel row
// traced to its source. A part of compose.
#pragma once

#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/series/body_grid.h"

namespace osteon {

// One station on its part of the grid. Not-a-number where it has no voxel.
struct StationPatch {
  std::size_t series = 0;  // Index into Study::series.
  GridBox box;
  Volume<float> voxels;  // On SubGrid(grid, box).
  // frames[k - box.first[2]] is the frame of grid slice k; -1 where there is none or slices are
  // mixed by resampling.
  std::vector<int> frames;
  // False for a slice that was missing and interpolated, same index.
  std::vector<char> imaged;
};

enum class GainPolicy {
  kEven,  // Stations of one contrast in arbitrary units.
  kKeep,  // Values with a unit, such as ADC.
};

struct MergeOptions {
  GainPolicy gains = GainPolicy::kEven;
  // Stations that disagree in their overlap by more than this were not taken in one position.
  double max_displacement_mm = 3;
  double displacement_reach_mm = 12;
  // Moving must make the overlap this much more alike to be believed.
  double displacement_gain = 0.02;
};

// Multiplies each patch by its gain: overlapping neighbours get the same median, the geometric mean
// of all gains is 1. Where neighbours do not overlap, their brighter voxels are made alike (caveat
// "station_gap").
void EvenGains(std::vector<StationPatch>& patches, const VolumeGeometry& grid, RunContext& run);

// Caveat "station_mismatch" for neighbours whose overlap fits better when moved. Nothing is moved:
// the result must stay where the images are, or findings would be drawn beside them.
void CheckOverlaps(const std::vector<StationPatch>& patches, const VolumeGeometry& grid,
                   const MergeOptions& options, RunContext& run);

struct Merged {
  Volume<float> voxels;  // 0 outside.
  Volume<std::uint8_t> inside;
  std::vector<std::vector<ComposedVolume::RowRange>> sources;  // By slice.
};
// Blends rows by their distance to the end of their station. One patch that is the whole grid is
// moved, not copied. REQUIRES: patches head first.
Merged Merge(std::vector<StationPatch> patches, const VolumeGeometry& grid);

}  // namespace osteon
