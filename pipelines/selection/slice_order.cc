// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/slice_order.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

using Frames = std::vector<FrameHeader>;
// The frames at one place.
using Slot = std::vector<FrameHeader>;

// Spacing, mm, where a file states neither spacing nor thickness of a slice. Chosen.
constexpr double kUnknownSpacingMm = 1.0;
// The most steps between two slices that are counted; the rest is left out. Chosen.
constexpr double kMostSteps = 1e6;

Vec3 Normal(const FrameHeader& f) { return Cross(f.row_direction, f.column_direction); }

std::string Millimetres(double mm) { return fmt::format("{:.1f} mm", mm); }

std::string SeriesName(const FrameHeader& f) {
  return fmt::format("series {} ({}, {})", f.series_number, f.description, f.series_instance_uid);
}

std::string SeriesNumber(const FrameHeader& f) { return std::to_string(f.series_number); }

// Places along the normal in ascending order, each with its frames in instance order.
std::vector<Slot> Slots(Frames frames, const StackRules& rules) {
  const Vec3 normal = Normal(frames.front());
  const auto depth = [&](const FrameHeader& f) { return Dot(f.position_mm, normal); };
  std::stable_sort(frames.begin(), frames.end(),
                   [&](const FrameHeader& a, const FrameHeader& b) { return depth(a) < depth(b); });
  const FrameHeader& any = frames.front();
  const double nominal_mm = any.spacing_between_slices_mm > 0 ? any.spacing_between_slices_mm
                            : any.slice_thickness_mm > 0      ? any.slice_thickness_mm
                                                              : kUnknownSpacingMm;
  const double same_mm = rules.same_place_share * nominal_mm;
  std::vector<Slot> slots;
  for (FrameHeader& frame : frames) {
    if (slots.empty() || depth(frame) - depth(slots.back().front()) > same_mm) slots.emplace_back();
    slots.back().push_back(std::move(frame));
  }
  return slots;
}

std::size_t Fullest(const std::vector<Slot>& slots) {
  std::size_t fullest = 0;
  for (const Slot& slot : slots) fullest = std::max(fullest, slot.size());
  return fullest;
}

// By acquisition number, when that leaves one frame a place; empty when it does not.
std::vector<std::vector<Slot>> ByAcquisition(const std::vector<Slot>& slots,
                                             const StackRules& rules) {
  std::map<int, Frames> acquisitions;
  for (const Slot& slot : slots) {
    for (const FrameHeader& f : slot) acquisitions[f.acquisition_number].push_back(f);
  }
  if (acquisitions.size() < 2) return {};
  std::vector<std::vector<Slot>> parts;
  for (auto& [number, frames] : acquisitions) {
    parts.push_back(Slots(std::move(frames), rules));
    if (Fullest(parts.back()) > 1) return {};
  }
  return parts;
}

// The n-th frame of every place is the n-th stack; only when every place has equally many.
std::vector<std::vector<Slot>> ByOccurrence(const std::vector<Slot>& slots) {
  const std::size_t count = slots.front().size();
  for (const Slot& slot : slots) {
    if (slot.size() != count) return {};
  }
  std::vector<std::vector<Slot>> parts(count);
  for (const Slot& slot : slots) {
    for (std::size_t n = 0; n < count; ++n) parts[n].push_back({slot[n]});
  }
  return parts;
}

// Keeps the first frame of every place and reports the others.
std::vector<Slot> DropRepeats(std::vector<Slot> slots, SliceStacks& result) {
  std::size_t dropped = 0;
  for (Slot& slot : slots) {
    for (std::size_t n = 1; n < slot.size(); ++n) {
      result.left_out.push_back(
          {slot[n].file_name, "a second slice at the place of " + slot.front().file_name});
      ++dropped;
    }
    slot.resize(1);
  }
  result.caveats.push_back({"duplicate_slice",
                            fmt::format("{}: {} slice(s) at places already taken were left out",
                                        SeriesName(slots.front().front()), dropped),
                            {SeriesNumber(slots.front().front()), std::to_string(dropped)}});
  return slots;
}

// The step from slice to slice and the index of each frame in the regular stack, or why there is
// none.
struct Regular {
  Vec3 step_mm;
  std::vector<int> index;
  double worst_share = 0;  // Largest distance of a slice from its place, as a share of the spacing.
  std::string problem;
};

Regular FitRegular(const std::vector<Slot>& slots, const StackRules& rules) {
  const Vec3 normal = Normal(slots.front().front());
  std::vector<double> gaps_mm;
  for (std::size_t n = 1; n < slots.size(); ++n) {
    gaps_mm.push_back(Dot(slots[n].front().position_mm - slots[n - 1].front().position_mm, normal));
  }
  // The lower median, so that of two steps the larger one shows as a gap.
  const double spacing_mm = LowerQuantile(std::vector(gaps_mm), 0.5);
  Regular fit;
  fit.index.push_back(0);
  for (const double gap_mm : gaps_mm) {
    fit.index.push_back(fit.index.back() + std::max(1, static_cast<int>(std::lround(std::min(
                                                           gap_mm / spacing_mm, kMostSteps)))));
  }
  const Vec3 span = slots.back().front().position_mm - slots.front().front().position_mm;
  fit.step_mm = (1.0 / fit.index.back()) * span;
  for (std::size_t n = 0; n < slots.size(); ++n) {
    const Vec3 place =
        slots.front().front().position_mm + static_cast<double>(fit.index[n]) * fit.step_mm;
    const double share = Norm(slots[n].front().position_mm - place) / spacing_mm;
    fit.worst_share = std::max(fit.worst_share, share);
    if (share > rules.irregular_share && fit.problem.empty()) {
      fit.problem = "slices are not evenly spaced: " + slots[n].front().file_name + " is " +
                    Millimetres(share * spacing_mm) + " off its place in steps of " +
                    Millimetres(spacing_mm);
    }
  }
  return fit;
}

// Says that too many slices are missing; empty when the rules allow it.
std::string MissingProblem(const Regular& fit, const StackRules& rules) {
  const int missing = fit.index.back() + 1 - static_cast<int>(fit.index.size());
  int in_a_row = 0;
  for (std::size_t n = 1; n < fit.index.size(); ++n) {
    in_a_row = std::max(in_a_row, fit.index[n] - fit.index[n - 1] - 1);
  }
  const double share = static_cast<double>(missing) / (fit.index.back() + 1);
  if (in_a_row <= rules.max_missing_in_a_row && share <= rules.max_missing_share) return {};
  return fmt::format("{} slices are missing, {} of them in a row; send the series again", missing,
                     in_a_row);
}

SliceStack SingleSlice(const FrameHeader& frame) {
  double spacing_mm = frame.spacing_between_slices_mm;
  if (spacing_mm <= 0) spacing_mm = frame.slice_thickness_mm;
  if (spacing_mm <= 0) spacing_mm = kUnknownSpacingMm;
  return {frame, {frame.source}, spacing_mm * Normal(frame)};
}

void AddStack(std::vector<Slot> slots, const StackRules& rules, SliceStacks& result) {
  const FrameHeader& first = slots.front().front();
  if (slots.size() == 1) {
    result.stacks.push_back(SingleSlice(first));
    return;
  }
  const Regular fit = FitRegular(slots, rules);
  const std::string problem = !fit.problem.empty() ? fit.problem : MissingProblem(fit, rules);
  if (!problem.empty()) {
    result.left_out.push_back({SeriesName(first), problem, /*damaged=*/true});
    return;
  }
  SliceStack stack{first, {}, fit.step_mm};
  stack.slices.resize(static_cast<std::size_t>(fit.index.back()) + 1);
  for (std::size_t n = 0; n < slots.size(); ++n) {
    stack.slices[static_cast<std::size_t>(fit.index[n])] = slots[n].front().source;
  }
  for (std::size_t k = 0; k < stack.slices.size(); ++k) {
    if (!stack.slices[k].missing()) continue;
    result.caveats.push_back(
        {"missing_slice",
         fmt::format("{}: slice {} of {} is missing; that plane was not assessed",
                     SeriesName(first), k + 1, stack.slices.size()),
         {SeriesNumber(first), std::to_string(k + 1), std::to_string(stack.slices.size())}});
  }
  if (fit.worst_share > rules.irregular_caveat_share) {
    const std::string uneven = Millimetres(fit.worst_share * Norm(fit.step_mm));
    result.caveats.push_back({"irregular_spacing",
                              SeriesName(first) + ": slice positions are uneven by up to " +
                                  uneven + "; even steps were assumed",
                              {SeriesNumber(first), uneven}});
  }
  result.stacks.push_back(std::move(stack));
}

}  // namespace

SliceStacks OrderSlices(Frames frames, const StackRules& rules) {
  SliceStacks result;
  std::vector<Slot> slots = Slots(std::move(frames), rules);
  std::vector<std::vector<Slot>> parts;
  if (Fullest(slots) == 1) {
    parts.push_back(std::move(slots));
  } else {
    parts = ByAcquisition(slots, rules);
    if (parts.empty()) parts = ByOccurrence(slots);
    if (parts.empty()) parts.push_back(DropRepeats(std::move(slots), result));
  }
  for (std::vector<Slot>& part : parts) AddStack(std::move(part), rules, result);
  return result;
}

}  // namespace osteon
