// SPDX-License-Identifier: GPL-3.0-or-later
// Estimates when the queue will be empty, from the time that earlier analyses took and the slots of
// the connected workers. No I/O. Where there is no basis for a number it says why.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "orthanc-plugin/dispatch/windows.h"
#include "orthanc-plugin/ledger/rows.h"

namespace osteon::plugin {

struct QueueLoad {
  std::array<std::int64_t, kPriorities.size()> waiting = {};  // Number of jobs, by Priority.
  std::vector<UnixMs> running_since_ms;  // When each job that a worker has was leased.
  std::vector<UnixMs> took_ms;           // How long each of the newest analyses took.
  std::int64_t slots = 0;                // Jobs that the connected workers can run at a time.
  std::string held;  // Why no job is handed out, such as a pause; empty when jobs are.
};

struct Estimate {
  UnixMs empty_ms = 0;       // When the queue will be empty; 0: unknown.
  std::string unknown;       // Why it is unknown; empty when it is known.
  UnixMs mean_ms = 0;        // Mean time of an analysis; 0 where it was not needed or is unknown.
  std::size_t measured = 0;  // How many analyses it is the mean of.
};

// Plays the queue minute by minute for a week: running jobs go on, and those of a priority are
// handed out while its window is open (local time of this machine). Each job takes the mean time,
// not the median, because the sum over all jobs is what counts. Unknown: jobs wait and are held, no
// slots, no earlier analysis, or not empty within the week.
Estimate EstimateEmpty(const QueueLoad& load, const PriorityWindows& windows, UnixMs now_ms);

}  // namespace osteon::plugin
