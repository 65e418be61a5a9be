// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/retry.h"

#include <fmt/core.h>

#include <algorithm>

namespace osteon::plugin {

std::string_view Hint(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "check the images; send them again when they are damaged, or skip the job";
    case ErrorCode::kUnsupported:
      return "this kind of study cannot be analysed; skip the job";
    case ErrorCode::kNotReady:
    case ErrorCode::kUnavailable:
      return "fix the cause, then retry the job";
    case ErrorCode::kCancelled:
      return "retry the job";
    case ErrorCode::kInternal:
      return "a defect of Osteon: keep the study and report it, with the worker's log";
  }
  return "";
}

UnixMs RetryDelayMs(const RetryPolicy& policy, int failures, double jitter) {
  UnixMs delay_ms = policy.base_ms;
  for (int i = 1; i < failures && delay_ms < policy.max_ms; ++i) delay_ms *= 2;
  delay_ms = std::min(delay_ms, policy.max_ms);
  return static_cast<UnixMs>(static_cast<double>(delay_ms) *
                             (0.5 + 0.5 * std::clamp(jitter, 0.0, 1.0)));
}

Transition JudgeFailure(const Job& job, const Failure& failure, const RetryPolicy& policy,
                        double jitter, UnixMs now_ms) {
  Transition transition;
  transition.job = job.id;
  transition.attempt = job.attempt;
  transition.actor = failure.actor;
  transition.reason = failure.message;
  transition.patch.error_code = std::string(Name(failure.code));
  if (failure.kind == FailureKind::kAnswered && failure.code == ErrorCode::kCancelled &&
      job.state == JobState::kLeased) {
    transition.event = JobEvent::kReleased;
    transition.patch.error_code = "";
    return transition;
  }
  const bool died = failure.kind == FailureKind::kDeath;
  const int deaths = job.deaths + (died ? 1 : 0);
  const int failures = job.failures + 1;
  transition.patch.deaths = deaths;
  transition.patch.failures = failures;
  const bool may_pass = died || IsRetryable(failure.code) || failure.code == ErrorCode::kCancelled;
  if (may_pass && deaths < policy.max_deaths && failures < policy.max_failures) {
    const UnixMs delay_ms = RetryDelayMs(policy, failures, jitter);
    transition.event = JobEvent::kFailedForNow;
    transition.patch.not_before_ms = now_ms + delay_ms;
    transition.reason += fmt::format("; again in {} s", (delay_ms + 999) / 1000);
    return transition;
  }
  transition.event = JobEvent::kFailedForGood;
  if (died && deaths >= policy.max_deaths)
    transition.reason +=
        fmt::format("; {} analyses or workers were lost while they had it", deaths);
  else if (may_pass)
    transition.reason += fmt::format("; tried {} times", failures);
  transition.reason += "; " + std::string(Hint(failure.code));
  return transition;
}

}  // namespace osteon::plugin
