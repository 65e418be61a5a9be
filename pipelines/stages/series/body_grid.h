// SPDX-License-Identifier: GPL-3.0-or-later
// The grid of the composed volume: coronal slices, rows head to foot, columns from the patient's
// right to left, slices front to back (ComposedVolume). A part of compose.
#pragma once

#include <vector>

#include "pipelines/model/geometry.h"

namespace osteon {

struct BodyGridOptions {
  // For series that are not coronal and so have to be resampled.
  double min_in_plane_mm = 1.0, max_in_plane_mm = 2.0;
  double slice_spacing_mm = 5.0;
  // Coronal slices nearer than this are averaged to about slab_spacing_mm.
  double thin_slice_mm = 2.5;
  double slab_spacing_mm = 4.0;
};

// How many slices of a coronal series are averaged into one of the grid: 3-D acquisitions (SPACE,
// CUBE, VISTA) have slices of 1 to 2 mm, five times as many as what detection was made for, each
// with a fifth of the signal. 1 for all others.
int SlabFactor(const VolumeGeometry& station, const BodyGridOptions& options);

// A grid that covers all `stations`. When the first is coronal (tilted by up to 30 degrees) its own
// lattice, with axes swapped and reversed as needed, so that its voxels can be copied; else one
// along the patient's axes. REQUIRES: at least one station; all in one frame of reference.
VolumeGeometry BodyGrid(const std::vector<VolumeGeometry>& stations,
                        const BodyGridOptions& options);

// The part of the grid that a station reaches: [first, end) along i, j, k.
struct GridBox {
  int first[3] = {0, 0, 0};
  int end[3] = {0, 0, 0};
};
GridBox BoxOf(const VolumeGeometry& grid, const VolumeGeometry& station);
VolumeGeometry SubGrid(const VolumeGeometry& grid, const GridBox& box);

// Moves a station that is parallel to the grid along the slice normal by less than half a slice, so
// that its slices coincide with the grid's: a slice 5 mm thick keeps its voxels instead of being
// mixed with its neighbour. `moved_mm` is how far; 0 and an unchanged geometry for stations that
// are not parallel or already fit.
struct Snapped {
  VolumeGeometry geometry;
  double moved_mm = 0;
};
Snapped SnapSlices(const VolumeGeometry& grid, const VolumeGeometry& station);

}  // namespace osteon
