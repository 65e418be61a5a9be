// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/station_groups.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace osteon {
namespace {

bool Near(double a, double b, double share) {
  return std::abs(a - b) <= share * std::max(std::abs(a), std::abs(b));
}

// Times that neither file tells agree; one that only one tells does not.
bool Near(const std::optional<double>& a, const std::optional<double>& b, double share) {
  if (!a || !b) return a.has_value() == b.has_value();
  return Near(*a, *b, share);
}

bool SameDirections(const VolumeGeometry& a, const VolumeGeometry& b) {
  constexpr double kCos15Degrees = 0.966;  // Stations are angled to follow the body, by a little.
  return Dot(Unit(a.patient_from_voxel.step_i), Unit(b.patient_from_voxel.step_i)) >
             kCos15Degrees &&
         Dot(Unit(a.patient_from_voxel.step_j), Unit(b.patient_from_voxel.step_j)) > kCos15Degrees;
}

bool SameAcquisition(const SeriesInfo& a, const SeriesInfo& b, const ChooseOptions& options) {
  const Vec3 spacing_a = a.geometry.spacing_mm();
  const Vec3 spacing_b = b.geometry.spacing_mm();
  const double share = options.same_spacing_share;
  return a.geometry.frame_of_reference_uid == b.geometry.frame_of_reference_uid &&
         SameDirections(a.geometry, b.geometry) && Near(spacing_a.x, spacing_b.x, share) &&
         Near(spacing_a.y, spacing_b.y, share) && Near(spacing_a.z, spacing_b.z, share) &&
         Near(a.physics.echo_time_ms, b.physics.echo_time_ms, options.same_te_ti_share) &&
         Near(a.physics.inversion_time_ms, b.physics.inversion_time_ms, options.same_te_ti_share) &&
         Near(a.physics.repetition_time_ms, b.physics.repetition_time_ms, options.same_tr_share) &&
         a.physics.b_value_s_per_mm2 == b.physics.b_value_s_per_mm2;
}

bool IsComposed(const SeriesInfo& info, const ChooseOptions& options) {
  if (HeadFootExtent(info.geometry).length_mm() > options.composed_min_extent_mm) return true;
  std::string text = info.description + "\\" + info.physics.image_type;
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(options.composed_words.begin(), options.composed_words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

// The share of the shorter interval that both have.
double Overlap(const Interval& a, const Interval& b) {
  const double both_mm = std::min(a.high_mm, b.high_mm) - std::max(a.low_mm, b.low_mm);
  return both_mm / std::min(a.length_mm(), b.length_mm());
}

// The same place seen twice, in every direction.
bool SamePlace(const VolumeGeometry& a, const VolumeGeometry& b, double share) {
  const PatientBox box_a = BoundingBox(a);
  const PatientBox box_b = BoundingBox(b);
  const auto overlaps = [&](double low_a, double high_a, double low_b, double high_b) {
    if (high_a <= low_a || high_b <= low_b) return true;  // A single slice.
    return Overlap({low_a, high_a}, {low_b, high_b}) > share;
  };
  return overlaps(box_a.low.x, box_a.high.x, box_b.low.x, box_b.high.x) &&
         overlaps(box_a.low.y, box_a.high.y, box_b.low.y, box_b.high.y) &&
         overlaps(box_a.low.z, box_a.high.z, box_b.low.z, box_b.high.z);
}

// Later series replace earlier ones of the same place: a repeat is made because the first was bad.
void DropRepeats(const Study& study, const ChooseOptions& options, StationGroup& group) {
  std::vector<std::size_t> kept;
  for (std::size_t n = group.series.size(); n-- > 0;) {
    const std::size_t candidate = group.series[n];
    const auto later = std::find_if(kept.begin(), kept.end(), [&](std::size_t other) {
      return SamePlace(study.series[candidate].geometry, study.series[other].geometry,
                       options.repeat_share);
    });
    if (later == kept.end()) {
      kept.push_back(candidate);
    } else {
      group.repeats.push_back({candidate, *later});
    }
  }
  group.series = std::move(kept);
}

void Measure(const Study& study, StationGroup& group) {
  std::vector<Interval> intervals;
  double left_mm = -1e9;
  double right_mm = 1e9;
  for (const std::size_t s : group.series) {
    const VolumeGeometry& g = study.series[s].geometry;
    intervals.push_back(HeadFootExtent(g));
    const PatientBox box = BoundingBox(g);
    right_mm = std::min(right_mm, box.low.x);
    left_mm = std::max(left_mm, box.high.x);
  }
  group.width_mm = left_mm - right_mm;
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.low_mm < b.low_mm; });
  double reached_mm = -1e9;
  for (const Interval& i : intervals) {
    const double from_mm = std::max(i.low_mm, reached_mm);
    group.coverage_mm += std::max(0.0, i.high_mm - from_mm);
    reached_mm = std::max(reached_mm, i.high_mm);
  }
}

}  // namespace

Interval HeadFootExtent(const VolumeGeometry& geometry) {
  const PatientBox box = BoundingBox(geometry);
  const Affine& a = geometry.patient_from_voxel;
  // Half a voxel beyond the outermost centres, along whichever index runs head to foot.
  const double half_mm =
      0.5 * std::max({std::abs(a.step_i.z), std::abs(a.step_j.z), std::abs(a.step_k.z)});
  return {box.low.z - half_mm, box.high.z + half_mm};
}

std::vector<StationGroup> GroupStations(const Study& study, const std::vector<std::size_t>& series,
                                        const ChooseOptions& options) {
  std::vector<StationGroup> groups;
  for (const std::size_t s : series) {
    const SeriesInfo& info = study.series[s];
    const bool composed = IsComposed(info, options);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const StationGroup& g) {
      return !composed && !g.composed &&
             SameAcquisition(study.series[g.series.front()], info, options);
    });
    if (same == groups.end()) {
      groups.push_back({{s}, composed, PlaneOf(info.geometry), 0, 0, {}});
    } else {
      same->series.push_back(s);
    }
  }
  for (StationGroup& group : groups) {
    DropRepeats(study, options, group);
    std::stable_sort(group.series.begin(), group.series.end(), [&](std::size_t a, std::size_t b) {
      return HeadFootExtent(study.series[a].geometry).high_mm >
             HeadFootExtent(study.series[b].geometry).high_mm;
    });
    Measure(study, group);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const StationGroup& a, const StationGroup& b) {
    return a.coverage_mm > b.coverage_mm;
  });
  return groups;
}

}  // namespace osteon
