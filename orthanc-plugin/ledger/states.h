// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a job as a table: from each state, what each event leads to. Pure; every pair is
// tested.
//
//   collecting -> ready -> leased -> storing -> done, not_evaluable
//                   ^        |         |
//                   +- retry_wait <----+-> stuck
//
//   skipped, cancelled: from almost every state
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace osteon::plugin {

enum class JobState {
  kCollecting,  // Instances may still come.
  kReady,       // Waits for a worker.
  kLeased,      // A worker has it.
  kStoring,     // Its result is here and is being put into Orthanc.
  kRetryWait,   // Failed for now; ready again at not_before_ms.
  kDone,        // The result is in Orthanc and was read back.
  // Likewise, but the report says that the images could not be evaluated, and why. That is no
  // negative report, so a person should know.
  kNotEvaluable,
  kStuck,      // A person must look; the reason says at what.
  kSkipped,    // Not for Osteon; the reason says why. Not a failure.
  kCancelled,  // The study was deleted, or an operator said so.
};
inline constexpr std::array kJobStates = {
    JobState::kCollecting, JobState::kReady,    JobState::kLeased,       JobState::kStoring,
    JobState::kRetryWait,  JobState::kDone,     JobState::kNotEvaluable, JobState::kStuck,
    JobState::kSkipped,    JobState::kCancelled};

enum class JobEvent {
  kGateOpened,      // The study is complete, or complete enough by force time.
  kNotSelected,     // The rules do not take the study, or the worker found it is no whole-body MRI.
  kInputsChanged,   // Other instances than the job was made for.
  kLease,           // Handed to a worker.
  kResultReceived,  // The whole result is in the plugin.
  kVerified,        // Stored and read back.
  kVerifiedNotEvaluable,  // Likewise, a report that says why there is no answer.
  kReleased,              // Given back unharmed: worker drains, send failed.
  kFailedForNow,          // May pass: kUnavailable, kNotReady, lease ran out.
  kFailedForGood,         // Will not pass, or tried often enough.
  kRetryDue,              // not_before_ms is over.
  kOperatorRetry,
  kOperatorSkip,
  kOperatorRunNow,  // Complete, and before all others, as if it were stat.
  kCancel,          // Study deleted, or by an operator.
  kDeleted,         // The study was deleted, and its report with it.
  kWithdrawn,       // The study is another patient's now: its report was removed.
};
inline constexpr std::array kJobEvents = {JobEvent::kGateOpened,
                                          JobEvent::kNotSelected,
                                          JobEvent::kInputsChanged,
                                          JobEvent::kLease,
                                          JobEvent::kResultReceived,
                                          JobEvent::kVerified,
                                          JobEvent::kVerifiedNotEvaluable,
                                          JobEvent::kReleased,
                                          JobEvent::kFailedForNow,
                                          JobEvent::kFailedForGood,
                                          JobEvent::kRetryDue,
                                          JobEvent::kOperatorRetry,
                                          JobEvent::kOperatorSkip,
                                          JobEvent::kOperatorRunNow,
                                          JobEvent::kCancel,
                                          JobEvent::kDeleted,
                                          JobEvent::kWithdrawn};

// The state after `event`; nothing when the event does not belong to the state and must be refused.
std::optional<JobState> Next(JobState state, JobEvent event);

// False for the states that only an operator or new instances leave: done, not_evaluable, stuck,
// skipped, cancelled.
bool IsOpen(JobState state);
// Its report is in Orthanc: done and not_evaluable.
bool IsReported(JobState state);
inline constexpr std::array kReportedStates = {JobState::kDone, JobState::kNotEvaluable};

// Stable lower-case names ("retry_wait"), in the ledger, REST and metrics.
std::string_view Name(JobState state);
std::string_view Name(JobEvent event);
// For people ("being analysed"); the page has the same.
std::string_view Words(JobState state);
// For messages: what the event would be to a job ("a retry").
std::string_view Words(JobEvent event);
// For histories: what the event was to the job ("retried by a person").
std::string_view Told(JobEvent event);
std::optional<JobState> JobStateFromName(std::string_view name);

}  // namespace osteon::plugin
