// SPDX-License-Identifier: GPL-3.0-or-later
// Which series belong together as stations of one image of the patient, and how much of the body
// they cover. A part of choose.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/study.h"
#include "pipelines/selection/choose.h"

namespace osteon {

// Head-foot interval, to the outer faces of the voxels, LPS z in mm.
struct Interval {
  double low_mm = 0, high_mm = 0;
  double length_mm() const { return high_mm - low_mm; }
};
Interval HeadFootExtent(const VolumeGeometry& geometry);

// The length of `interval` that none of `others` covers.
double UncoveredMm(const Interval& interval, const std::vector<Interval>& others);

// Series that together are one image of the patient: one composed series, or the stations head
// first.
struct StationGroup {
  std::vector<std::size_t> series;  // By index into Study::series.
  bool composed = false;
  Plane plane = Plane::kCoronal;
  double coverage_mm = 0;  // Head-foot length of the union.
  double width_mm = 0;     // Right-left extent of the union.
  // Series that another one of the group replaces: {replaced, by}.
  std::vector<std::pair<std::size_t, std::size_t>> repeats;
  // Of `series`: those of another acquisition (TE, TR, pixel or slice size) than the first, and
  // those in another frame of reference.
  std::vector<std::size_t> completing, other_frame;

  std::vector<Interval> Intervals(const Study& study) const;
};

// Groups the given series. A group starts as one acquisition in one frame of reference. Series of
// other acquisitions, and stations in other frames of reference whose positions continue the group,
// complete it where they add length, so a series may be in several groups. Largest coverage first;
// ties in the order of the study. REQUIRES: the series are of one contrast.
std::vector<StationGroup> GroupStations(const Study& study, const std::vector<std::size_t>& series,
                                        const ChooseOptions& options);

}  // namespace osteon
