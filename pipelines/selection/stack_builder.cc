// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/stack_builder.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "pipelines/selection/slice_order.h"

namespace osteon {
namespace {

// Pixels by which the far edge of the image may differ. Chosen: rounding of the spacing in files.
constexpr double kEdgePixels = 0.5;

using Frames = std::vector<FrameHeader>;

bool SameOrientation(const FrameHeader& a, const FrameHeader& b, double tolerance) {
  const auto near = [&](Vec3 u, Vec3 v) {
    return std::abs(u.x - v.x) < tolerance && std::abs(u.y - v.y) < tolerance &&
           std::abs(u.z - v.z) < tolerance;
  };
  return near(a.row_direction, b.row_direction) && near(a.column_direction, b.column_direction);
}

bool SameSpacing(double a, double b, int count) {
  return std::abs(a - b) * count <= kEdgePixels * std::max(a, b);
}

// A time that one of the two does not state agrees.
bool SameTime(const std::optional<double>& a, const std::optional<double>& b, double share) {
  return !a || !b || std::abs(*a - *b) <= share * std::max(*a, *b);
}

bool SamePhysics(const Physics& a, const Physics& b, const StackRules& rules) {
  return SameTime(a.echo_time_ms, b.echo_time_ms, rules.same_time_share) &&
         SameTime(a.inversion_time_ms, b.inversion_time_ms, rules.same_time_share) &&
         std::abs(a.b_value_s_per_mm2.value_or(0) - b.b_value_s_per_mm2.value_or(0)) <=
             rules.same_b_s_per_mm2;
}

// What two frames of one volume have in common besides their orientation and times.
auto PlaceKey(const FrameHeader& f) {
  return std::tie(f.frame_of_reference_uid, f.rows, f.columns, f.stack_id, f.temporal_position,
                  f.kind);
}

bool SameStack(const FrameHeader& a, const FrameHeader& b, const StackRules& rules) {
  return PlaceKey(a) == PlaceKey(b) && SamePhysics(a.physics, b.physics, rules) &&
         SameOrientation(a, b, rules.same_orientation) &&
         SameSpacing(a.row_spacing_mm, b.row_spacing_mm, a.rows) &&
         SameSpacing(a.column_spacing_mm, b.column_spacing_mm, a.columns);
}

// Stops after max_stacks groups, since each frame is compared with every group.
std::vector<Frames> SplitByKind(Frames frames, const StackRules& rules) {
  std::vector<Frames> groups;
  for (FrameHeader& frame : frames) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Frames& g) {
      return SameStack(g.front(), frame, rules);
    });
    if (group == groups.end()) {
      if (groups.size() > rules.max_stacks) break;
      groups.emplace_back();
      groups.back().push_back(std::move(frame));
    } else {
      group->push_back(std::move(frame));
    }
  }
  return groups;
}

// Splits the frames, sorted by coordinate, where it jumps by more than `jump_mm`.
std::vector<Frames> SplitAtJumps(Frames frames, double jump_mm,
                                 const std::function<double(const FrameHeader&)>& coordinate_mm) {
  std::stable_sort(frames.begin(), frames.end(), [&](const FrameHeader& a, const FrameHeader& b) {
    return coordinate_mm(a) < coordinate_mm(b);
  });
  std::vector<Frames> parts(1);
  for (FrameHeader& frame : frames) {
    const Frames& last = parts.back();
    if (!last.empty() && coordinate_mm(frame) - coordinate_mm(last.back()) > jump_mm) {
      parts.emplace_back();
    }
    parts.back().push_back(std::move(frame));
  }
  return parts;
}

std::vector<Frames> SplitStations(Frames frames, const StackRules& rules) {
  const Vec3 row = frames.front().row_direction;
  const Vec3 column = frames.front().column_direction;
  std::vector<Frames> stations;
  for (Frames& part :
       SplitAtJumps(std::move(frames), rules.station_jump_mm,
                    [&](const FrameHeader& f) { return Dot(f.position_mm, column); })) {
    for (Frames& station :
         SplitAtJumps(std::move(part), rules.station_jump_mm,
                      [&](const FrameHeader& f) { return Dot(f.position_mm, row); })) {
      stations.push_back(std::move(station));
    }
  }
  return stations;
}

SeriesInfo InfoOf(const SliceStack& stack) {
  const FrameHeader& first = stack.first;
  SeriesInfo info;
  info.series_instance_uid = first.series_instance_uid;
  info.series_number = first.series_number;
  info.modality = "MR";
  info.description = first.description;
  info.patient_position = first.patient_position;
  info.physics = first.physics;
  info.slice_thickness_mm = first.slice_thickness_mm;
  info.frames = stack.slices;
  VolumeGeometry& g = info.geometry;
  g.columns = first.columns;
  g.rows = first.rows;
  g.slices = static_cast<int>(stack.slices.size());
  g.frame_of_reference_uid = first.frame_of_reference_uid;
  g.patient_from_voxel.step_i = first.column_spacing_mm * first.row_direction;
  g.patient_from_voxel.step_j = first.row_spacing_mm * first.column_direction;
  g.patient_from_voxel.step_k = stack.step_mm;
  g.patient_from_voxel.origin = first.position_mm;
  return info;
}

// So that the answer does not depend on the order in which files were found.
void SortFrames(Frames& frames) {
  std::sort(frames.begin(), frames.end(), [](const FrameHeader& a, const FrameHeader& b) {
    return std::tie(a.instance_number, a.source.sop_instance_uid, a.source.frame_number) <
           std::tie(b.instance_number, b.source.sop_instance_uid, b.source.frame_number);
  });
}

Stacks TooManyStacks(const std::string& series_uid, const StackRules& rules) {
  Stacks none;
  none.left_out.push_back({"series " + series_uid,
                           fmt::format("its slices fall apart into more than {} stacks; export the "
                                       "series again from the scanner or its archive",
                                       rules.max_stacks),
                           /*damaged=*/true});
  return none;
}

}  // namespace

Stacks BuildStacks(Frames frames, const StackRules& rules) {
  SortFrames(frames);
  const std::string series_uid = frames.front().series_instance_uid;
  std::vector<Frames> kinds = SplitByKind(std::move(frames), rules);
  if (kinds.size() > rules.max_stacks) return TooManyStacks(series_uid, rules);
  Stacks result;
  for (Frames& kind : kinds) {
    for (Frames& station : SplitStations(std::move(kind), rules)) {
      SortFrames(station);
      SliceStacks ordered = OrderSlices(std::move(station), rules);
      for (SliceStack& stack : ordered.stacks) result.series.push_back(InfoOf(stack));
      std::move(ordered.left_out.begin(), ordered.left_out.end(),
                std::back_inserter(result.left_out));
      std::move(ordered.caveats.begin(), ordered.caveats.end(), std::back_inserter(result.caveats));
      if (result.series.size() > rules.max_stacks) return TooManyStacks(series_uid, rules);
    }
  }
  for (std::size_t n = 0; n < result.series.size(); ++n) {
    result.series[n].stack = static_cast<int>(n);
  }
  return result;
}

}  // namespace osteon
