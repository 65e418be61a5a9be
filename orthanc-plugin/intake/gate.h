// SPDX-License-Identifier: GPL-3.0-or-later
// The completion gate: wait, analyse or skip. Pure, with the time as an argument. Orthanc's
// StableStudy is a timer and is not used: whole-body MRI arrives station by station with minutes
// between them.
#pragma once

#include <optional>
#include <string>

#include "orthanc-plugin/intake/selection.h"
#include "orthanc-plugin/ledger/job_store.h"

namespace osteon::plugin {

struct GateOptions {
  UnixMs quiet_ms = 600'000;    // No new instance for so long.
  UnixMs force_ms = 7'200'000;  // After the first instance: take what is there.
};

enum class GateVerdict { kWait, kAnalyse, kSkip };

struct GateDecision {
  GateVerdict verdict = GateVerdict::kWait;
  UnixMs look_again_ms = 0;  // Of kWait.
  std::string reason;        // For an administrator.
  Phrases why;               // The same with codes.
  std::string caveat;  // Of kAnalyse: what was missing at the force time; empty when complete.
};

// A person has said "now" of a job that collects.
bool IsWantedNow(const Job& job);
// Such a job waits only for images that are on their way: then it is taken as it is, as at the
// force time.
GateOptions GateFor(const Job& job, const StudyRow& row, GateOptions options);

GateDecision Decide(const Selection& selection, const StudyRow& row, const GateOptions& options,
                    UnixMs now_ms);

}  // namespace osteon::plugin
