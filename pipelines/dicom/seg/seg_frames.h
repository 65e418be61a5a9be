// SPDX-License-Identifier: GPL-3.0-or-later
// Maps lesion labels from the composed grid onto the slices of the scanner, so that a viewer can
// overlay each segment on its source image. Pure: no DICOM.
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
  // On the composed grid: all series from which its pixels came, including `series`.
  std::vector<std::size_t> all_series = {};
};

// Ordered by segment, then series, then slice; no empty frame. A pixel of a source slice belongs to
// a lesion when the voxel of the composed grid at its centre does, and when the composed grid took
// that row from this series, so that a lesion is drawn once where stations overlap. For a coronal
// series on the grid of the composed volume this is the identity; for other planes it is
// nearest-neighbour sampling, within half a voxel. A lesion so thin that it contains no source
// pixel centre gets the pixels nearest to its voxels. Missing slices (FrameSource::missing) get no
// frame. Error kInvalidInput: a lesion without voxels, a source list that does not fit the grid, or
// different frames of reference.
Result<std::vector<SegFrame>> SegFrames(const AnalysedStudy& analysed);

// The same lesions on the slices of the composed grid: for stations, whose slices are not on one
// grid, and for thin-sliced 3-D series, which would need more frames on source slices than viewers
// can handle. `series` is the one from which the slice's first voxel came, `slice` a slice of the
// composed grid. REQUIRES: SegFrames(analysed) succeeded.
std::vector<SegFrame> ComposedSegFrames(const AnalysedStudy& analysed);

}  // namespace osteon
