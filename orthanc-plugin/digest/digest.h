// SPDX-License-Identifier: GPL-3.0-or-later
// The morning digest: what needs a person, what happened, what is still to come. Made of one look
// into the ledger and one at the workers; every number of the period can be counted again in the
// ledger. No patient data: jobs go by their number, and what operators wrote is left out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "orthanc-plugin/digest/estimate.h"
#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/ledger/rows.h"

namespace osteon::plugin {

struct StuckLine {
  JobId job = 0;
  UnixMs since_ms = 0;
  std::string cause;
  std::string hint;
};

struct NotEvaluableLine {
  JobId job = 0;
  UnixMs at_ms = 0;
  std::string reason;
};

// Jobs that were skipped for the same reason, but for its numbers.
struct SkippedLine {
  std::string reason;
  std::int64_t count = 0;
  JobId example = 0;  // The newest.
};

struct SlowLine {
  JobId job = 0;
  UnixMs took_ms = 0;
  std::string worker;
};

// What one worker did in the period, by attempts: one job may have had several.
struct WorkerLine {
  std::string name;
  bool here = false;        // Connected to this Orthanc now.
  std::uint32_t slots = 0;  // When it is here.
  int reports = 0;
  int skipped = 0;     // It found no whole-body MRI.
  int failed = 0;      // To be tried again, or stuck.
  int released = 0;    // Given back or taken away.
  UnixMs last_ms = 0;  // End of its last attempt in the period; 0: none.
};

struct MorningDigest {
  Period period;
  // Jobs whose last change of state is in the period, by the state they are in; all states.
  std::vector<std::pair<JobState, std::int64_t>> came_into;
  std::vector<StuckLine> stuck;                 // All that are stuck now, the newest first.
  std::vector<NotEvaluableLine> not_evaluable;  // Of the period, the newest first.
  std::vector<SkippedLine> skipped;             // Of the period, the most frequent first.
  std::vector<SlowLine> slowest;                // Of the reports of the period, at most 3.
  std::vector<WorkerLine> workers;              // By name.
  // Now, of the states that are open.
  std::vector<std::pair<JobState, std::int64_t>> queue;
  UnixMs oldest_ms =
      0;  // created_ms of the oldest that waits for a worker or is with one; 0: none.
  std::int64_t held_back = 0;  // Of those that wait: opened after a drain began.
  Estimate estimate;
  Hold hold;
  std::int64_t copies_failed = 0;
  std::vector<std::string> trouble;
};

// What the ledger does not hold: mode, windows, workers and troubles of this Orthanc now.
struct LiveState {
  DispatchMode mode = DispatchMode::kAssist;
  PriorityWindows windows;
  std::size_t max_in_flight = 64;
  std::vector<WorkerView> workers;
  std::vector<std::string> trouble;
};

// How many things need a person. The first of them is what the page shows on top.
std::size_t NeedsYou(const MorningDigest& digest);

// Pure. A period that begins before the ledger was born begins with it.
MorningDigest MakeDigest(const PeriodRows& rows, const Period& period, const LiveState& live,
                         UnixMs now_ms);

}  // namespace osteon::plugin
