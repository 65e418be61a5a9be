// SPDX-License-Identifier: GPL-3.0-or-later
// When the queue will be empty, from how long analyses took and the slots that are there. Pure. It
// says nothing where there is no ground for a number.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "orthanc-plugin/dispatch/windows.h"
#include "orthanc-plugin/ledger/rows.h"

namespace osteon::plugin {

struct QueueLoad {
  std::array<std::int64_t, kPriorities.size()> waiting = {};  // Jobs, by Priority.
  std::vector<UnixMs> running_since_ms;                       // Of those that workers have.
  std::vector<UnixMs> took_ms;                                // Measured, of earlier analyses.
  std::int64_t slots = 0;                                     // Of all workers that are here.
  std::string held;  // Why nothing is handed out; empty when it is.
};

struct Estimate {
  UnixMs empty_ms = 0;  // 0: unknown.
  std::string unknown;  // Why; empty when it is known.
  UnixMs mean_ms = 0;   // Of one analysis, by which it was counted; 0 for an empty queue.
  std::size_t measured = 0;
};

// The mean, not the median: what counts is how long all of them take together. Waiting jobs of a
// priority count only while its window is open. Nothing is said beyond a week.
Estimate EstimateEmpty(const QueueLoad& load, const PriorityWindows& windows, UnixMs now_ms);

}  // namespace osteon::plugin
