// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gate.h"

#include <algorithm>
#include <cmath>

namespace osteon::plugin {
namespace {

GateDecision WaitUntil(UnixMs when_ms, std::string reason) {
  return {GateVerdict::kWait, when_ms, std::move(reason), ""};
}

std::string Millimetres(double mm) { return std::to_string(std::lround(mm)) + " mm"; }

}  // namespace

GateDecision Decide(const Selection& selection, const WholeBodyRule& rule, const StudyRow& row,
                    const GateOptions& options, UnixMs now_ms) {
  // Stamps from the future mean that the clock was set back: counted from now, at worst everything
  // waits once more.
  const UnixMs last_change_ms = std::min(row.last_change_ms, now_ms);
  const UnixMs first_seen_ms = std::min(row.first_seen_ms, now_ms);
  const UnixMs quiet_at_ms = last_change_ms + options.quiet_ms;
  const UnixMs force_at_ms = first_seen_ms + options.force_ms;
  const bool forced = now_ms >= force_at_ms;
  if (now_ms < quiet_at_ms && !forced)
    return WaitUntil(std::min(quiet_at_ms, force_at_ms), "instances are still coming");
  if (selection.extent_mm <= 0) return {GateVerdict::kSkip, 0, selection.summary, ""};
  if (selection.extent_mm >= selection.needed_mm)
    return {GateVerdict::kAnalyse, 0, selection.summary, ""};
  if (!forced) return WaitUntil(force_at_ms, "waits for more stations: " + selection.summary);
  if (selection.extent_mm < rule.min_extent_forced_mm)
    return {GateVerdict::kSkip, 0, "not a whole-body MRI: " + selection.summary, ""};
  return {GateVerdict::kAnalyse, 0, "force time is over: " + selection.summary,
          "incomplete: only " + Millimetres(selection.extent_mm) + " of " +
              Millimetres(selection.needed_mm) + " had arrived when the waiting time was over"};
}

}  // namespace osteon::plugin
