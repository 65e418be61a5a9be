// SPDX-License-Identifier: GPL-3.0-or-later
// Segments of any grid on one common lattice, so that they can be compared: cubes of 1 mm along the
// patient's axes. A cell belongs to a segment when its centre lies in one of the segment's voxels
// (pixel spacing x slice extent).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/seg/seg_reader.h"

namespace osteon {

// Chosen: as fine as the pixels of whole-body MRI.
inline constexpr double kCellMm = 1.0;

// Cell {x, y, z} has its centre at {x, y, z} * kCellMm, LPS.
struct Cell {
  int x = 0, y = 0, z = 0;
  friend auto operator<=>(const Cell&, const Cell&) = default;
};

// Sorted, each once.
using CellSet = std::vector<Cell>;

// A segment with pixels has at least one cell: one smaller than the lattice gets the cell of its
// first pixel. Its frames may overlap. kInvalidInput when it has more than `max_ml` (5000 is
// chosen: more than any lesion, and a limit for memory).
Result<CellSet> CellsOf(const SegSegment& segment, double max_ml = 5000);

std::size_t CommonCells(const CellSet& a, const CellSet& b);
CellSet UnionOf(const CellSet& a, const CellSet& b);
// 2 |A and B| / (|A| + |B|). REQUIRES: not both empty.
double Dice(const CellSet& a, const CellSet& b);

}  // namespace osteon
