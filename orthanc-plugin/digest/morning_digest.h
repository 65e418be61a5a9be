// SPDX-License-Identifier: GPL-3.0-or-later
// The morning digest: what needs a person, what happened in a period, and what is in the queue now.
// It is computed from the ledger's rows and the live state of this Orthanc, so each of its counts
// can be repeated from the ledger. It holds no patient data: jobs are named by number, and the
// reasons that operators typed are left out, since they may name a patient.
//
// Times are Unix milliseconds (UTC), durations milliseconds. A time of 0 means that there is none.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "orthanc-plugin/digest/estimate.h"
#include "orthanc-plugin/dispatch/dispatcher.h"
#include "orthanc-plugin/ledger/rows.h"

namespace osteon::plugin {

// A job that is not tried again until a person acts.
struct StuckLine {
  JobId job = 0;
  UnixMs since_ms = 0;
  std::string cause;  // The job's reason, without the hint.
  std::string hint;   // What to do, by the kind of error (dispatch/retry.h); empty: unknown.
  std::string error_code;
};

// A whole-body MRI that could not be assessed; its report says so.
struct NotEvaluableLine {
  JobId job = 0;
  UnixMs at_ms = 0;
  std::string reason;
};

// A job whose copies did not reach their destinations (SendTo) and are not tried again.
struct UncopiedLine {
  JobId job = 0;
  std::vector<std::string> nodes;  // The destinations, by name.
};

// The jobs that were skipped for one reason. Reasons that differ only by their numbers count as one
// and are shown with "..." for each number.
struct SkippedLine {
  std::string reason;
  std::string why;  // As Job::why; numbers are "..." where they differ.
  std::int64_t count = 0;
  JobId example = 0;  // The newest of these jobs.
};

// An attempt that ended in a report.
struct SlowLine {
  JobId job = 0;
  UnixMs took_ms = 0;  // From the lease to the stored report.
  std::string worker;
};

// What one worker did in the period. The counts are of attempts, of which a job may have several.
struct WorkerLine {
  std::string name;
  bool here = false;        // Whether it is connected to this Orthanc now.
  std::uint32_t slots = 0;  // Of its connections to this Orthanc now.
  int reports = 0;
  int skipped = 0;     // The study was no whole-body MRI.
  int failed = 0;      // The job was tried again, or became stuck.
  int released = 0;    // The worker gave the job back, or it was taken away.
  UnixMs last_ms = 0;  // When its last attempt of the period ended.
};

struct MorningDigest {
  Period period;
  // How many jobs changed their state in the period, by the state they are in now. One entry for
  // each state, also for a count of 0.
  std::vector<std::pair<JobState, std::int64_t>> came_into;
  std::vector<StuckLine> stuck;  // All jobs that are stuck now, the newest job first.
  std::vector<NotEvaluableLine> not_evaluable;  // Of the period, the newest job first.
  std::vector<SkippedLine> skipped;             // Of the period, the most frequent reason first.
  std::vector<SlowLine> slowest;                // Of the period, the slowest first; at most 3.
  std::vector<WorkerLine>
      workers;  // Those with an attempt in the period or connected now, by name.
  // How many jobs are in each open state now.
  std::vector<std::pair<JobState, std::int64_t>> queue;
  // When the oldest job that waits for a worker or is with one was created.
  UnixMs oldest_ms = 0;
  std::int64_t held_back =
      0;              // Waiting jobs that a drain holds back: they were created after it began.
  Estimate estimate;  // When the queue will be empty.
  Hold hold;          // A pause or drain that is in force.
  std::int64_t copies_failed = 0;      // Copies (SendTo) that are not tried again.
  std::vector<UncopiedLine> uncopied;  // The newest job first; of the newest 50 of these copies.
  std::vector<std::string> trouble;    // LiveState::trouble.
};

// What the ledger does not hold, as it is now in this Orthanc.
struct LiveState {
  DispatchMode mode = DispatchMode::kAssist;
  PriorityWindows windows;         // When each priority is handed out.
  std::size_t max_in_flight = 64;  // Most jobs that workers have at a time.
  std::vector<WorkerView> workers;
  // Sentences for an administrator, such as that Orthanc's log of changes cannot be read.
  std::vector<std::string> trouble;
};

// How many things need a person: each stuck and each not evaluable job, each trouble, a pause or
// drain, and all failed copies as one.
std::size_t NeedsYou(const MorningDigest& digest);

// Computes the digest of `period`; no I/O. `rows` must be those of the same period. The period is
// cut to the time between the making of the ledger and `now_ms`.
MorningDigest MakeDigest(const PeriodRows& rows, const Period& period, const LiveState& live,
                         UnixMs now_ms);

}  // namespace osteon::plugin
