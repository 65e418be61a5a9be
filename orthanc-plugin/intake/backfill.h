// SPDX-License-Identifier: GPL-3.0-or-later
// Queues studies that were in Orthanc before Osteon, or done ones again (for a new pipeline).
#pragma once

#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/intake/gate.h"
#include "orthanc-plugin/ledger/job_store.h"

namespace osteon::plugin {

enum class BackfillScope {
  kUnseen,     // Studies without a job.
  kReanalyse,  // Those, and done ones too; the new report supersedes the old one.
};

enum class BackfillRun {
  kQueue,
  kTell,  // Nothing is changed; the report tells what would be.
};

struct BackfillRequest {
  std::string from_date;  // YYYYMMDD, included; empty: from the beginning.
  std::string to_date;    // YYYYMMDD, included; empty: to the end.
  BackfillScope scope = BackfillScope::kUnseen;
  std::string actor;
  BackfillRun run = BackfillRun::kQueue;
};

struct BackfillStudy {
  std::string study_uid;
  std::string study_date;
  std::string why_not;  // It is left out; empty: it would be queued.
};

struct BackfillReport {
  std::size_t looked_at = 0;
  std::size_t queued = 0;              // Looked at by intake next; the rules may still skip them.
  std::vector<BackfillStudy> studies;  // Of kTell, at most 1000.
};

// Errors: kInvalidInput for malformed dates.
Result<BackfillReport> Backfill(Archive& archive, JobStore& store, const GateOptions& gate,
                                const BackfillRequest& request, UnixMs now_ms);

}  // namespace osteon::plugin
