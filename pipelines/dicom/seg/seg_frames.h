// SPDX-License-Identifier: GPL-3.0-or-later
// Lesion labels from the composed grid onto the slices the scanner made, so that a viewer can lay
// each segment over the image it came from. Pure: no DICOM.
#pragma once

#include <cstdint>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"

namespace osteon {

// One lesion on one slice: of a source series, or of the composed grid (ComposedSegFrames).
struct SegFrame {
  int segment = 0;                 // From 1: position of the lesion in Findings::lesions.
  std::size_t series = 0;          // Index into Study::series.
  std::size_t slice = 0;           // Index into its frames; slice k of its geometry.
  std::vector<std::uint8_t> mask;  // rows x columns of that series, 0 or 1.
  // On the composed grid: all series that its pixels came from, `series` among them.
  std::vector<std::size_t> all_series = {};
};

// Ordered by segment, then series, then slice; no empty frame. A pixel of a source slice belongs to
// a lesion when the voxel of the composed grid at its centre does, and when the composed grid took
// that row from this series: where stations overlap, a lesion is drawn once. For a coronal series
// on the grid of the composed volume this is the identity; for other planes it is nearest
// neighbour, within half a voxel. A lesion too thin to hold any source pixel centre gets the pixels
// nearest to its voxels. Slices the files lack (FrameSource::missing) get nothing. Error
// kInvalidInput: a lesion without voxels, a source list that does not fit the grid, or frames of
// reference that differ.
Result<std::vector<SegFrame>> SegFrames(const AnalysedStudy& analysed);

// The same lesions on the slices of the composed grid: for stations, whose slices are not on one
// grid, and for thin-sliced 3-D series, where frames on source slices would be more than viewers
// bear. `series` is where the slice's first voxel came from, `slice` is one of the composed grid.
// REQUIRES: SegFrames(analysed) succeeded.
std::vector<SegFrame> ComposedSegFrames(const AnalysedStudy& analysed);

}  // namespace osteon
