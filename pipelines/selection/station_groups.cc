// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/station_groups.h"

#include <algorithm>
#include <cmath>

#include "pipelines/selection/name_words.h"

namespace osteon {
namespace {

// Cosine of 15 degrees. Chosen: stations are angled a little to follow the body.
constexpr double kCos15Degrees = 0.966;
// A series adds nothing when this share of it lies within another. Chosen: all but rounding.
constexpr double kAllOfIt = 0.95;
// Outside of every patient coordinate, mm.
constexpr double kFarMm = 1e9;

bool Near(double a, double b, double share) {
  return std::abs(a - b) <= share * std::max(std::abs(a), std::abs(b));
}

// A value that one file does not state agrees.
bool Near(const std::optional<double>& a, const std::optional<double>& b, double share) {
  return !a || !b || Near(*a, *b, share);
}

bool SameDirections(const VolumeGeometry& a, const VolumeGeometry& b) {
  return Dot(Unit(a.patient_from_voxel.step_i), Unit(b.patient_from_voxel.step_i)) >
             kCos15Degrees &&
         Dot(Unit(a.patient_from_voxel.step_j), Unit(b.patient_from_voxel.step_j)) > kCos15Degrees;
}

bool SameFrame(const SeriesInfo& a, const SeriesInfo& b) {
  return a.geometry.frame_of_reference_uid == b.geometry.frame_of_reference_uid;
}

bool SameAcquisition(const SeriesInfo& a, const SeriesInfo& b, const ChooseOptions& options) {
  const Vec3 spacing_a = a.geometry.spacing_mm();
  const Vec3 spacing_b = b.geometry.spacing_mm();
  const double share = options.same_spacing_share;
  return SameDirections(a.geometry, b.geometry) && Near(spacing_a.x, spacing_b.x, share) &&
         Near(spacing_a.y, spacing_b.y, share) && Near(spacing_a.z, spacing_b.z, share) &&
         Near(a.physics.echo_time_ms, b.physics.echo_time_ms, options.same_te_ti_share) &&
         Near(a.physics.inversion_time_ms, b.physics.inversion_time_ms, options.same_te_ti_share) &&
         Near(a.physics.repetition_time_ms, b.physics.repetition_time_ms, options.same_tr_share) &&
         Near(a.physics.b_value_s_per_mm2, b.physics.b_value_s_per_mm2, options.same_te_ti_share);
}

bool IsComposed(const SeriesInfo& info, const ChooseOptions& options) {
  return HeadFootExtent(info.geometry).length_mm() > options.composed_min_extent_mm ||
         HasAny(WordsOf(info.description + " " + info.physics.image_type), options.composed_words);
}

double Shared(const Interval& a, const Interval& b) {
  return std::min(a.high_mm, b.high_mm) - std::max(a.low_mm, b.low_mm);
}

// How much of b lies in a along each axis, as the smallest share of the three.
double ShareWithin(const PatientBox& a, const PatientBox& b) {
  const auto share = [](double low_a, double high_a, double low_b, double high_b) {
    if (high_b <= low_b) return low_b >= low_a && low_b <= high_a ? 1.0 : 0.0;  // A single slice.
    return Shared({low_a, high_a}, {low_b, high_b}) / (high_b - low_b);
  };
  return std::min({share(a.low.x, a.high.x, b.low.x, b.high.x),
                   share(a.low.y, a.high.y, b.low.y, b.high.y),
                   share(a.low.z, a.high.z, b.low.z, b.high.z)});
}

// Drops the earlier of two series of the same place (a repeat is made because the first was bad)
// and a series that lies within a larger one. Places in two frames of reference are not compared.
void DropRepeats(const Study& study, const ChooseOptions& options, StationGroup& group) {
  const auto replaces = [&](std::size_t by, std::size_t s, bool later) {
    if (by == s || !SameFrame(study.series[by], study.series[s])) return false;
    const PatientBox box = BoundingBox(study.series[s].geometry);
    const PatientBox box_by = BoundingBox(study.series[by].geometry);
    const double within = ShareWithin(box_by, box);
    const double around = ShareWithin(box, box_by);
    if (within > options.repeat_share && around > options.repeat_share) return later;
    return within > kAllOfIt;
  };
  std::vector<std::size_t> kept;
  for (std::size_t n = 0; n < group.series.size(); ++n) {
    const std::size_t s = group.series[n];
    const auto by = std::find_if(group.series.begin(), group.series.end(), [&](std::size_t other) {
      const auto at = static_cast<std::size_t>(
          std::find(group.series.begin(), group.series.end(), other) - group.series.begin());
      return replaces(other, s, at > n);
    });
    if (by == group.series.end()) {
      kept.push_back(s);
    } else {
      group.repeats.push_back({s, *by});
    }
  }
  group.series = std::move(kept);
}

double UnionLengthMm(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.low_mm < b.low_mm; });
  double length_mm = 0;
  double reached_mm = -kFarMm;
  for (const Interval& i : intervals) {
    length_mm += std::max(0.0, i.high_mm - std::max(i.low_mm, reached_mm));
    reached_mm = std::max(reached_mm, i.high_mm);
  }
  return length_mm;
}

void Measure(const Study& study, StationGroup& group) {
  double left_mm = -kFarMm;
  double right_mm = kFarMm;
  for (const std::size_t s : group.series) {
    const PatientBox box = BoundingBox(study.series[s].geometry);
    right_mm = std::min(right_mm, box.low.x);
    left_mm = std::max(left_mm, box.high.x);
  }
  group.width_mm = left_mm - right_mm;
  group.coverage_mm = UnionLengthMm(group.Intervals(study));
}

void SortHeadFirst(const Study& study, StationGroup& group) {
  std::stable_sort(group.series.begin(), group.series.end(), [&](std::size_t a, std::size_t b) {
    return HeadFootExtent(study.series[a].geometry).high_mm >
           HeadFootExtent(study.series[b].geometry).high_mm;
  });
}

// Whether a series of another frame of reference is taken as the next station: the gap to a station
// and the shift against it are within the limits.
bool Continues(const Study& study, const StationGroup& group, const SeriesInfo& info,
               const ChooseOptions& options) {
  const Interval own = HeadFootExtent(info.geometry);
  const PatientBox box = BoundingBox(info.geometry);
  return std::any_of(group.series.begin(), group.series.end(), [&](std::size_t s) {
    const VolumeGeometry& g = study.series[s].geometry;
    const PatientBox other = BoundingBox(g);
    const double shift_mm =
        std::max(std::abs(box.low.x + box.high.x - other.low.x - other.high.x),
                 std::abs(box.low.y + box.high.y - other.low.y - other.high.y)) /
        2;
    return Shared(own, HeadFootExtent(g)) > -options.max_frame_gap_mm &&
           shift_mm < options.max_frame_shift_mm;
  });
}

// Adds series of the same contrast and plane that add length, the one that adds most first.
void Complete(const Study& study, const std::vector<std::size_t>& series,
              const ChooseOptions& options, StationGroup& group) {
  const SeriesInfo& first = study.series[group.series.front()];
  while (true) {
    const std::vector<Interval> covered = group.Intervals(study);
    std::size_t best = study.series.size();
    double most_mm = 0;
    for (const std::size_t s : series) {
      const SeriesInfo& info = study.series[s];
      if (std::find(group.series.begin(), group.series.end(), s) != group.series.end()) continue;
      if (PlaneOf(info.geometry) != group.plane || !SameDirections(info.geometry, first.geometry)) {
        continue;
      }
      const Interval own = HeadFootExtent(info.geometry);
      const double added_mm = UncoveredMm(own, covered);
      if (added_mm < options.min_added_mm || added_mm < options.min_added_share * own.length_mm() ||
          added_mm <= most_mm) {
        continue;
      }
      if (!SameFrame(info, first) && !Continues(study, group, info, options)) continue;
      best = s;
      most_mm = added_mm;
    }
    if (best == study.series.size()) return;
    const SeriesInfo& added = study.series[best];
    group.series.push_back(best);
    if (!SameFrame(added, first)) group.other_frame.push_back(best);
    if (!SameAcquisition(added, first, options)) group.completing.push_back(best);
  }
}

}  // namespace

std::vector<Interval> StationGroup::Intervals(const Study& study) const {
  std::vector<Interval> intervals;
  for (const std::size_t s : series) intervals.push_back(HeadFootExtent(study.series[s].geometry));
  return intervals;
}

Interval HeadFootExtent(const VolumeGeometry& geometry) {
  const PatientBox box = BoundingBox(geometry);
  const Affine& a = geometry.patient_from_voxel;
  // Half a voxel beyond the outermost centres, along the index that runs head to foot.
  const double half_mm =
      0.5 * std::max({std::abs(a.step_i.z), std::abs(a.step_j.z), std::abs(a.step_k.z)});
  return {box.low.z - half_mm, box.high.z + half_mm};
}

double UncoveredMm(const Interval& interval, const std::vector<Interval>& others) {
  std::vector<Interval> within;
  for (const Interval& other : others) {
    const Interval both{std::max(interval.low_mm, other.low_mm),
                        std::min(interval.high_mm, other.high_mm)};
    if (both.length_mm() > 0) within.push_back(both);
  }
  return interval.length_mm() - UnionLengthMm(std::move(within));
}

std::vector<StationGroup> GroupStations(const Study& study, const std::vector<std::size_t>& series,
                                        const ChooseOptions& options) {
  std::vector<StationGroup> groups;
  for (const std::size_t s : series) {
    const SeriesInfo& info = study.series[s];
    const bool composed = IsComposed(info, options);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const StationGroup& g) {
      const SeriesInfo& first = study.series[g.series.front()];
      return !composed && !g.composed && SameFrame(first, info) &&
             SameAcquisition(first, info, options);
    });
    if (same == groups.end()) {
      groups.push_back({{s}, composed, PlaneOf(info.geometry), 0, 0, {}, {}, {}});
    } else {
      same->series.push_back(s);
    }
  }
  for (StationGroup& group : groups) {
    DropRepeats(study, options, group);
    std::vector<std::size_t> others;
    for (const std::size_t s : series) {
      const bool replaced = std::any_of(group.repeats.begin(), group.repeats.end(),
                                        [&](const auto& repeat) { return repeat.first == s; });
      if (!replaced) others.push_back(s);
    }
    Complete(study, others, options, group);
    SortHeadFirst(study, group);
    Measure(study, group);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const StationGroup& a, const StationGroup& b) {
    return a.coverage_mm > b.coverage_mm;
  });
  return groups;
}

}  // namespace osteon
