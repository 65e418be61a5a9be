// SPDX-License-Identifier: GPL-3.0-or-later
// Which series belong together as stations of one acquisition, and how much of the body they cover.
// A part of choose.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/study.h"
#include "pipelines/stages/choose.h"

namespace osteon {

// Series that together are one image of the patient: one composed series, or the stations head
// first.
struct StationGroup {
  std::vector<std::size_t> series;  // By index into Study::series.
  bool composed = false;
  Plane plane = Plane::kCoronal;
  double coverage_mm = 0;  // Head-foot length of the union.
  double width_mm = 0;     // Right-left extent of the union.
  // Repeats that a later series replaces: {replaced, by}.
  std::vector<std::pair<std::size_t, std::size_t>> repeats;
};

// Groups the given series. The largest coverage comes first; ties in the order of the study.
std::vector<StationGroup> GroupStations(const Study& study, const std::vector<std::size_t>& series,
                                        const ChooseOptions& options);

// Head-foot interval of a series, to the outer faces of its voxels, LPS z in mm.
struct Interval {
  double low_mm = 0, high_mm = 0;
  double length_mm() const { return high_mm - low_mm; }
};
Interval HeadFootExtent(const VolumeGeometry& geometry);

}  // namespace osteon
