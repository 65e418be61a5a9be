// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace osteon::plugin {
namespace {

// Quiet time of a study that a person wants now. Chosen: nobody who is still sending pauses so long
// between two images of a series.
constexpr UnixMs kQuietWhenWantedMs = 5'000;

GateDecision Decision(GateVerdict verdict, Phrases why, UnixMs look_again_ms = 0) {
  return {verdict, look_again_ms, osteon::Text(why), std::move(why), ""};
}

Phrases Before(Phrase first, const Phrases& rest) {
  Phrases all = {std::move(first)};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

std::string Millimetres(double mm) { return fmt::format("{} mm", std::lround(mm)); }

}  // namespace

bool IsWantedNow(const Job& job) {
  return job.state == JobState::kCollecting && job.priority == Priority::kStat &&
         job.actor.starts_with("operator");
}

GateOptions GateFor(const Job& job, const StudyRow& row, GateOptions options) {
  if (!IsWantedNow(job)) return options;
  options.quiet_ms = std::min(options.quiet_ms, kQuietWhenWantedMs);
  const UnixMs arrived_ms = std::max<UnixMs>(row.last_change_ms - row.first_seen_ms, 0);
  options.force_ms = std::min(options.force_ms, arrived_ms + options.quiet_ms);
  return options;
}

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
    return Decision(GateVerdict::kWait, {{"still_coming", "instances are still coming"}},
                    std::min(quiet_at_ms, force_at_ms));
  const osteon::Selection& choice = selection.choice;
  if (choice.eligibility == Eligibility::kWholeBody)
    return Decision(GateVerdict::kAnalyse, selection.why);
  // A study with unreadable images goes to a worker, which reports why, after the waiting time.
  const bool damaged = choice.eligibility == Eligibility::kDamaged;
  if (!choice.may_grow && !damaged) return Decision(GateVerdict::kSkip, selection.why);
  if (!forced && !(damaged && !choice.may_grow))
    return Decision(GateVerdict::kWait,
                    Before({"more_stations", "waits for more stations: "}, selection.why),
                    force_at_ms);
  if (damaged) return Decision(GateVerdict::kAnalyse, selection.why);
  if (!selection.enough_when_late) return Decision(GateVerdict::kSkip, selection.why);
  GateDecision late =
      Decision(GateVerdict::kAnalyse,
               Before({"force_time", "no more stations are waited for: "}, selection.why));
  late.caveat = "incomplete: only " + Millimetres(choice.coverage_mm) + " of " +
                Millimetres(choice.needed_mm) + " had arrived when the wait was over";
  return late;
}

}  // namespace osteon::plugin
