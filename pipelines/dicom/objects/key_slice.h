// SPDX-License-Identifier: GPL-3.0-or-later
// Which source slice shows a lesion best, and where on it a point of the patient lies. Pure: no
// DICOM.
#pragma once

#include <array>
#include <optional>

#include "pipelines/model/report.h"

namespace osteon {

// The series that the voxel (column i, row j, slice k of the composed grid) came from. Where
// ComposedVolume::sources names none (sources of another plane have no rows of their own), the
// first STIR series whose volume holds its centre.
std::optional<std::size_t> SourceSeriesOf(const AnalysedStudy& analysed, int i, int j, int k);

struct KeySlice {
  std::size_t series = 0,
              frame = 0;  // Indices into Study::series and its frames; the frame is not missing.
};

// The slice of the series that the composed grid was made from there, nearest to the lesion's
// centroid. nullopt when no source slice lies there.
std::optional<KeySlice> KeySliceOf(const AnalysedStudy& analysed, const Lesion& lesion);

// Column and row of `point` on the slices of the series, projected along the slice normal, as
// SCOORD counts them: the centre of the first pixel is (0.5, 0.5) (PS3.3 C.18.6.1.2), clamped to
// the image.
std::array<double, 2> ImageCoordinates(const SeriesInfo& series, Vec3 point);

}  // namespace osteon
