// SPDX-License-Identifier: GPL-3.0-or-later
// The grid of the composed volume: coronal slices, rows head to foot, columns from the patient's
// right to left, slices front to back (ComposedVolume). A part of compose.
#pragma once

#include <vector>

#include "pipelines/model/geometry.h"

namespace osteon {

struct BodyGridOptions {
  // Pixel size, mm, of series that are not coronal and so are resampled: their finest spacing,
  // within these limits. Chosen: whole-body STIR has pixels of 1 to 2 mm; finer ones cost memory
  // only.
  double min_in_plane_mm = 1.0, max_in_plane_mm = 2.0;
  // Their slice spacing. Chosen: in the range of coronal whole-body STIR.
  double slice_spacing_mm = 5.0;
  // Coronal slices with a smaller spacing are averaged to about slab_spacing_mm. Chosen: between
  // the 1 to 2 mm of 3-D acquisitions and the 3 mm and more of 2-D ones; the slab is as thin as the
  // latter.
  double thin_slice_mm = 2.5;
  double slab_spacing_mm = 4.0;
};

// How many slices of a coronal series are averaged into one slice of the grid. More than 1 only for
// 3-D acquisitions (SPACE, CUBE, VISTA): their slices of 1 to 2 mm are thinner and noisier than
// what detection was made for.
int SlabFactor(const VolumeGeometry& station, const BodyGridOptions& options);

// A grid that covers all `stations`. When the first is coronal (PlaneOf: tilted by up to 30
// degrees), the grid is its own lattice with axes swapped and reversed as needed, so that its
// voxels can be copied; else the grid lies along the patient's axes. REQUIRES: at least one
// station; all in one frame of reference.
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
// mixed with its neighbour. `moved_mm` is the distance, at least 0. A station that is not parallel
// keeps its geometry and gets 0.
struct Snapped {
  VolumeGeometry geometry;
  double moved_mm = 0;
};
Snapped SnapSlices(const VolumeGeometry& grid, const VolumeGeometry& station);

}  // namespace osteon
