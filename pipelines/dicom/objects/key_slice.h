// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the source slice that shows a lesion best, and projects points of the patient onto slices.
// Pure: no DICOM.
#pragma once

#include <array>
#include <optional>

#include "pipelines/model/report.h"

namespace osteon {

// The series from which the voxel (column i, row j, slice k of the composed grid) came. Where
// ComposedVolume::sources names none (series of another plane have no rows there), the first STIR
// series whose volume contains the voxel's centre.
std::optional<std::size_t> SourceSeriesOf(const AnalysedStudy& analysed, int i, int j, int k);

struct KeySlice {
  std::size_t series = 0,
              frame = 0;  // Indices into Study::series and its frames; the frame is not missing.
};

// The slice nearest to the lesion's centroid, of the series from which the composed grid was made
// there. nullopt when there is no source slice.
std::optional<KeySlice> KeySliceOf(const AnalysedStudy& analysed, const Lesion& lesion);

// Column and row of `point`, projected along the slice normal of the series and clamped to the
// image. As in SCOORD, the centre of the first pixel is (0.5, 0.5) (PS3.3 C.18.6.1.2).
std::array<double, 2> ImageCoordinates(const SeriesInfo& series, Vec3 point);

}  // namespace osteon
