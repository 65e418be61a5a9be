// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "pipelines/selection/slice_order.h"

namespace osteon {
namespace {

// Direction cosines of packages agree as those of one stack do (StackRules::same_orientation).
constexpr double kSameCosine = 1e-3;
// Shift in plane, mm. Chosen: packages are one prescription and do not shift.
constexpr double kSamePlaceMm = 1;
// Pixels by which the far edge of the image may differ, as in a stack: rounding of spacing in
// files.
constexpr double kEdgePixels = 0.5;
// Axial volumes that share less than this part of the shorter one's length are stations. Chosen.
constexpr double kStationOverlap = 0.5;
// Relative difference of TR. Chosen: packages differ by their number of slices at most.
constexpr double kSameTr = 0.05;

bool NearTime(const std::optional<double>& a, const std::optional<double>& b, double share) {
  return !a || !b || std::abs(*a - *b) <= share * std::max(*a, *b);
}

bool ParallelAndAligned(const VolumeGeometry& a, const VolumeGeometry& b) {
  const Affine& x = a.patient_from_voxel;
  const Affine& y = b.patient_from_voxel;
  const Vec3 row = Unit(x.step_i);
  const Vec3 column = Unit(x.step_j);
  const Vec3 shift = y.origin - x.origin;
  return a.rows == b.rows && a.columns == b.columns &&
         a.frame_of_reference_uid == b.frame_of_reference_uid &&
         Norm(row - Unit(y.step_i)) < kSameCosine && Norm(column - Unit(y.step_j)) < kSameCosine &&
         Norm(x.step_i - y.step_i) * a.columns <=
             kEdgePixels * Norm(x.step_i) + kSameCosine * a.columns &&
         Norm(x.step_j - y.step_j) * a.rows <=
             kEdgePixels * Norm(x.step_j) + kSameCosine * a.rows &&
         std::abs(Dot(shift, row)) < kSamePlaceMm && std::abs(Dot(shift, column)) < kSamePlaceMm;
}

// Axial volumes one above the other are stations, each with its own gain.
bool AreStations(const VolumeGeometry& a, const VolumeGeometry& b) {
  if (PlaneOf(a) != Plane::kAxial) return false;
  const PatientBox box_a = BoundingBox(a);
  const PatientBox box_b = BoundingBox(b);
  const double both_mm = std::min(box_a.high.z, box_b.high.z) - std::max(box_a.low.z, box_b.low.z);
  return both_mm <
         kStationOverlap * std::min(box_a.high.z - box_a.low.z, box_b.high.z - box_b.low.z);
}

bool SamePrescription(const SeriesInfo& a, const SeriesInfo& b, const StackRules& rules) {
  return a.contrast == b.contrast && ParallelAndAligned(a.geometry, b.geometry) &&
         !AreStations(a.geometry, b.geometry) &&
         NearTime(a.physics.echo_time_ms, b.physics.echo_time_ms, rules.same_time_share) &&
         NearTime(a.physics.inversion_time_ms, b.physics.inversion_time_ms,
                  rules.same_time_share) &&
         NearTime(a.physics.repetition_time_ms, b.physics.repetition_time_ms, kSameTr) &&
         std::abs(a.physics.b_value_s_per_mm2.value_or(0) -
                  b.physics.b_value_s_per_mm2.value_or(0)) <= rules.same_b_s_per_mm2;
}

// Appends the slices of a volume as single frames.
void AppendFrames(const SeriesInfo& info, std::vector<FrameHeader>& frames) {
  const VolumeGeometry& g = info.geometry;
  for (std::size_t k = 0; k < info.frames.size(); ++k) {
    if (info.frames[k].missing()) continue;
    FrameHeader frame;
    frame.source = info.frames[k];
    frame.series_instance_uid = info.series_instance_uid;
    frame.series_number = info.series_number;
    frame.description = info.description;
    frame.rows = g.rows;
    frame.columns = g.columns;
    frame.position_mm = g.patient_from_voxel({0, 0, static_cast<double>(k)});
    frame.row_direction = Unit(g.patient_from_voxel.step_i);
    frame.column_direction = Unit(g.patient_from_voxel.step_j);
    frame.column_spacing_mm = Norm(g.patient_from_voxel.step_i);
    frame.row_spacing_mm = Norm(g.patient_from_voxel.step_j);
    frame.slice_thickness_mm = info.slice_thickness_mm;
    frames.push_back(std::move(frame));
  }
}

// The one volume that all frames make, or none.
std::optional<SliceStack> OneVolume(std::vector<FrameHeader> frames, const StackRules& rules,
                                    std::vector<Caveat>& caveats) {
  if (frames.empty()) return std::nullopt;
  SliceStacks ordered = OrderSlices(std::move(frames), rules);
  const bool repeats = std::any_of(ordered.caveats.begin(), ordered.caveats.end(),
                                   [](const Caveat& c) { return c.code == "duplicate_slice"; });
  if (repeats || ordered.stacks.size() != 1 || !ordered.left_out.empty()) return std::nullopt;
  std::move(ordered.caveats.begin(), ordered.caveats.end(), std::back_inserter(caveats));
  return std::move(ordered.stacks.front());
}

void Join(const std::vector<std::size_t>& members, SliceStack stack, Study& study,
          std::vector<Caveat>& caveats) {
  SeriesInfo& info = study.series[members.front()];
  std::set<int> numbers;
  for (const std::size_t m : members) numbers.insert(study.series[m].series_number);
  info.frames = std::move(stack.slices);
  info.geometry.slices = static_cast<int>(info.frames.size());
  info.geometry.patient_from_voxel.origin = stack.first.position_mm;
  info.geometry.patient_from_voxel.step_k = stack.step_mm;
  const std::string list = fmt::format("{}", fmt::join(numbers, ", "));
  if (numbers.size() > 1) info.contrast_reason += "; packages of series " + list + " joined";
  caveats.push_back(
      {"packages_joined",
       fmt::format("series {}: its slices were sent in {} packages and were joined to one volume",
                   list, members.size()),
       {list, std::to_string(members.size())}});
}

}  // namespace

void JoinPackages(const StackRules& rules, Study& study, std::vector<Caveat>& caveats) {
  std::set<std::size_t> joined;
  for (std::size_t first = 0; first < study.series.size(); ++first) {
    if (joined.contains(first) || study.series[first].contrast == Contrast::kOther) continue;
    std::vector<std::size_t> members = {first};
    for (std::size_t n = first + 1; n < study.series.size(); ++n) {
      if (!joined.contains(n) && SamePrescription(study.series[first], study.series[n], rules)) {
        members.push_back(n);
      }
    }
    if (members.size() < 2) continue;
    std::vector<FrameHeader> frames;
    for (const std::size_t m : members) AppendFrames(study.series[m], frames);
    auto stack = OneVolume(std::move(frames), rules, caveats);
    if (!stack) continue;
    Join(members, std::move(*stack), study, caveats);
    joined.insert(members.begin() + 1, members.end());
  }
  std::size_t n = 0;
  std::erase_if(study.series, [&](const SeriesInfo&) { return joined.contains(n++); });
}

}  // namespace osteon
