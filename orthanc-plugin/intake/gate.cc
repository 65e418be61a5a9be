// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace osteon::plugin {
namespace {

GateDecision WaitUntil(UnixMs when_ms, std::string reason) {
  return {GateVerdict::kWait, when_ms, std::move(reason), ""};
}

std::string Millimetres(double mm) { return fmt::format("{} mm", std::lround(mm)); }

}  // namespace

GateDecision Decide(const Selection& selection, const StudyRow& row, const GateOptions& options,
                    UnixMs now_ms) {
  // A stamp in the future means that the clock was set back: counted from now, so the study waits
  // once more at worst.
  const UnixMs last_change_ms = std::min(row.last_change_ms, now_ms);
  const UnixMs first_seen_ms = std::min(row.first_seen_ms, now_ms);
  const UnixMs quiet_at_ms = last_change_ms + options.quiet_ms;
  const UnixMs force_at_ms = first_seen_ms + options.force_ms;
  const bool forced = now_ms >= force_at_ms;
  if (now_ms < quiet_at_ms && !forced)
    return WaitUntil(std::min(quiet_at_ms, force_at_ms), "instances are still coming");
  const osteon::Selection& choice = selection.choice;
  if (choice.eligibility == Eligibility::kWholeBody)
    return {GateVerdict::kAnalyse, 0, selection.summary, ""};
  // A study with unreadable images goes to a worker, which reports why, after the waiting time.
  const bool damaged = choice.eligibility == Eligibility::kDamaged;
  if (!choice.may_grow && !damaged) return {GateVerdict::kSkip, 0, selection.summary, ""};
  if (!forced && !(damaged && !choice.may_grow))
    return WaitUntil(force_at_ms, "waits for more stations: " + selection.summary);
  if (damaged) return {GateVerdict::kAnalyse, 0, selection.summary, ""};
  if (!selection.enough_when_late) return {GateVerdict::kSkip, 0, selection.summary, ""};
  return {GateVerdict::kAnalyse, 0, "force time is over: " + selection.summary,
          "incomplete: only " + Millimetres(choice.coverage_mm) + " of " +
              Millimetres(choice.needed_mm) + " had arrived when the waiting time was over"};
}

}  // namespace osteon::plugin
