// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gate.h"

#include <gtest/gtest.h>

namespace osteon::plugin {
namespace {

constexpr UnixMs kMinute = 60'000;
constexpr UnixMs kStart = 1'790'000'000'000;

TEST(Gate, Decisions) {
  struct Case {
    const char* what;
    double extent_mm;
    UnixMs last_change_min;  // After the first instance.
    UnixMs now_min;
    GateVerdict verdict;
    UnixMs again_min;  // Of kWait.
    bool caveat;
  };
  const Case cases[] = {
      {"whole, but fresh", 900, 5, 6, GateVerdict::kWait, 15, false},
      {"whole and quiet", 900, 5, 15, GateVerdict::kAnalyse, 0, false},
      {"no body, but fresh", 0, 0, 1, GateVerdict::kWait, 10, false},
      {"no body and quiet", 0, 0, 10, GateVerdict::kSkip, 0, false},
      {"half and quiet", 400, 0, 10, GateVerdict::kWait, 120, false},
      {"half at the force time", 400, 0, 120, GateVerdict::kSkip, 0, false},
      {"most at the force time", 600, 0, 120, GateVerdict::kAnalyse, 0, true},
      {"whole at the force time, still coming", 900, 119, 120, GateVerdict::kAnalyse, 0, false},
      {"quiet time beyond the force time", 900, 115, 116, GateVerdict::kWait, 120, false},
      {"the clock was set back", 900, 30, 0, GateVerdict::kWait, 10, false},
  };
  const GateOptions options{10 * kMinute, 120 * kMinute};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Selection selection;
    selection.choice.coverage_mm = c.extent_mm;
    selection.choice.needed_mm = 800;
    selection.choice.may_grow = c.extent_mm > 0;
    selection.choice.eligibility =
        c.extent_mm >= 800 ? Eligibility::kWholeBody : Eligibility::kNotWholeBody;
    selection.enough_when_late = c.extent_mm >= 500;
    selection.why = {{"whole_body", "summary"}};
    const StudyRow row{"s", "", kStart, kStart + c.last_change_min * kMinute, {}};
    const GateDecision decision = Decide(selection, row, options, kStart + c.now_min * kMinute);
    EXPECT_EQ(decision.verdict, c.verdict) << decision.reason;
    if (c.verdict == GateVerdict::kWait) {
      EXPECT_EQ(decision.look_again_ms, kStart + c.again_min * kMinute);
    }
    EXPECT_EQ(!decision.caveat.empty(), c.caveat);
    EXPECT_FALSE(decision.reason.empty());
  }
}

TEST(Gate, WhatAPersonWantsNowWaitsForNothingButItsLastImages) {
  Job job;
  job.priority = Priority::kStat;
  job.actor = "operator alice";
  const StudyRow row{"s", "", kStart, kStart + 3 * kMinute, {}};
  Selection half;
  half.choice.coverage_mm = 600;
  half.choice.may_grow = half.enough_when_late = true;
  const auto verdict = [&](UnixMs now_ms) {
    const GateOptions options = GateFor(job, row, {10 * kMinute, 120 * kMinute});
    return Decide(half, row, options, now_ms).verdict;
  };
  EXPECT_EQ(verdict(row.last_change_ms + 4'999), GateVerdict::kWait);
  EXPECT_EQ(verdict(row.last_change_ms + 5'000), GateVerdict::kAnalyse);
  half.enough_when_late = false;
  EXPECT_EQ(verdict(row.last_change_ms + 5'000), GateVerdict::kSkip);
  job.actor = "intake";
  EXPECT_EQ(verdict(row.last_change_ms + 11 * kMinute), GateVerdict::kWait);
}

}  // namespace
}  // namespace osteon::plugin
