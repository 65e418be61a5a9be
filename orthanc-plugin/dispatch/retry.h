// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to a job whose attempt failed: again later, or a person must look. Pure.
#pragma once

#include <string>
#include <string_view>

#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

struct RetryPolicy {
  int max_failures = 5;     // That may pass, in a row.
  int max_deaths = 2;       // Analyses or workers killed while they had it.
  UnixMs base_ms = 30'000;  // Waiting time after the first failure; doubled each time.
  UnixMs max_ms = 1'800'000;
};

enum class FailureKind {
  kAnswered,  // The worker said so, or Orthanc did.
  kDeath,     // The lease ran out, or a worker that is back tells that it was killed.
};

struct Failure {
  FailureKind kind = FailureKind::kAnswered;
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string actor;
};

// The transition for `job` (its attempt included). `jitter` in 0..1 spreads the retries of many
// jobs that failed together.
Transition JudgeFailure(const Job& job, const Failure& failure, const RetryPolicy& policy,
                        double jitter, UnixMs now_ms);

// What a person can do about a job that is stuck with that code. Its reason ends with "; " and
// this.
std::string_view Hint(ErrorCode code);

// base * 2^(failures-1), at most max, between half and the whole of it.
UnixMs RetryDelayMs(const RetryPolicy& policy, int failures, double jitter);

}  // namespace osteon::plugin
