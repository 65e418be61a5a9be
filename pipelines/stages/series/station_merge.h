// SPDX-License-Identifier: GPL-3.0-or-later
// Several stations into one volume: gains are matched where stations overlap, overlaps are blended,
// and each row of voxels is traced to its source frame. A part of compose.
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
  kMatch,  // Stations of one contrast in arbitrary units.
  kKeep,   // Values with a unit, such as ADC.
};

struct MergeOptions {
  GainPolicy gains = GainPolicy::kMatch;
  // Two stations get a caveat when their overlap correlates best after a shift in plane of more
  // than this. Chosen: two to three pixels; the patient moved, or positions are wrong.
  double max_displacement_mm = 3;
  // The largest shift that is tried. Chosen: four times the above; the search grows with its
  // square.
  double displacement_reach_mm = 12;
  // The shift must raise the correlation coefficient of the overlap by at least this. Chosen: above
  // what noise does to it, not measured.
  double displacement_gain = 0.02;
};

// Multiplies each patch by a gain, so that the median ratio of overlapping neighbours is 1 and the
// geometric mean of all gains is 1. Neighbours that do not overlap get the same mean of their
// brighter voxels (caveat "station_gap").
void MatchGains(std::vector<StationPatch>& patches, const VolumeGeometry& grid, RunContext& run);

// Adds the caveat "station_mismatch" for neighbours whose overlap fits better after a shift.
// Nothing is moved: findings must lie where the images are.
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
