// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/states.h"

namespace osteon::plugin {

std::optional<JobState> Next(JobState state, JobEvent event) {
  using S = JobState;
  using E = JobEvent;
  struct Row {
    S from;
    E event;
    S to;
  };
  // clang-format off
  static constexpr Row kRows[] = {
      {S::kCollecting, E::kGateOpened,     S::kReady},
      {S::kCollecting, E::kNotSelected,    S::kSkipped},
      {S::kCollecting, E::kOperatorRunNow, S::kCollecting},
      {S::kCollecting, E::kOperatorSkip,   S::kSkipped},
      {S::kCollecting, E::kCancel,         S::kCancelled},

      {S::kReady,      E::kLease,          S::kLeased},
      {S::kReady,      E::kInputsChanged,  S::kCollecting},
      {S::kReady,      E::kOperatorRunNow, S::kReady},
      {S::kReady,      E::kOperatorSkip,   S::kSkipped},
      {S::kReady,      E::kCancel,         S::kCancelled},

      {S::kLeased,     E::kResultReceived, S::kStoring},
      {S::kLeased,     E::kNotSelected,    S::kSkipped},
      {S::kLeased,     E::kReleased,       S::kReady},
      {S::kLeased,     E::kFailedForNow,   S::kRetryWait},
      {S::kLeased,     E::kFailedForGood,  S::kStuck},
      {S::kLeased,     E::kInputsChanged,  S::kCollecting},
      {S::kLeased,     E::kOperatorSkip,   S::kSkipped},
      {S::kLeased,     E::kCancel,         S::kCancelled},

      // While documents are going into Orthanc nothing but the outcome and a deleted study ends it, so that there is
      // never half a report.
      {S::kStoring,    E::kVerified,       S::kDone},
      {S::kStoring,    E::kVerifiedNotEvaluable, S::kNotEvaluable},
      {S::kStoring,    E::kFailedForNow,   S::kRetryWait},
      {S::kStoring,    E::kFailedForGood,  S::kStuck},
      {S::kStoring,    E::kCancel,         S::kCancelled},

      {S::kRetryWait,  E::kRetryDue,       S::kReady},
      {S::kRetryWait,  E::kOperatorRetry,  S::kReady},
      {S::kRetryWait,  E::kOperatorRunNow, S::kReady},
      {S::kRetryWait,  E::kInputsChanged,  S::kCollecting},
      {S::kRetryWait,  E::kOperatorSkip,   S::kSkipped},
      {S::kRetryWait,  E::kCancel,         S::kCancelled},

      {S::kStuck,      E::kOperatorRetry,  S::kReady},
      {S::kStuck,      E::kInputsChanged,  S::kCollecting},
      {S::kStuck,      E::kOperatorSkip,   S::kSkipped},
      {S::kStuck,      E::kCancel,         S::kCancelled},

      // A retry judges a study that was not taken again, by the present rules.
      {S::kSkipped,    E::kOperatorRetry,  S::kCollecting},
      {S::kSkipped,    E::kInputsChanged,  S::kCollecting},
      {S::kCancelled,  E::kOperatorRetry,  S::kCollecting},
      {S::kCancelled,  E::kInputsChanged,  S::kCollecting},
      // Reported stays reported: other instances make another job, which supersedes it. A report that went with its study is
      // not there any more, so the study is analysed anew when it is sent again.
      {S::kDone,       E::kDeleted,        S::kCancelled},
      {S::kNotEvaluable, E::kDeleted,      S::kCancelled},
      // ... and so is one whose patient was corrected.
      {S::kDone,       E::kWithdrawn,      S::kCancelled},
      {S::kNotEvaluable, E::kWithdrawn,    S::kCancelled},
  };
  // clang-format on
  for (const Row& row : kRows)
    if (row.from == state && row.event == event) return row.to;
  return std::nullopt;
}

bool IsOpen(JobState state) {
  return state == JobState::kCollecting || state == JobState::kReady ||
         state == JobState::kLeased || state == JobState::kStoring || state == JobState::kRetryWait;
}

bool IsReported(JobState state) {
  return state == JobState::kDone || state == JobState::kNotEvaluable;
}

std::string_view Name(JobState state) {
  switch (state) {
    case JobState::kCollecting:
      return "collecting";
    case JobState::kReady:
      return "ready";
    case JobState::kLeased:
      return "leased";
    case JobState::kStoring:
      return "storing";
    case JobState::kRetryWait:
      return "retry_wait";
    case JobState::kDone:
      return "done";
    case JobState::kNotEvaluable:
      return "not_evaluable";
    case JobState::kStuck:
      return "stuck";
    case JobState::kSkipped:
      return "skipped";
    case JobState::kCancelled:
      return "cancelled";
  }
  return "";
}

std::string_view Name(JobEvent event) {
  switch (event) {
    case JobEvent::kGateOpened:
      return "gate_opened";
    case JobEvent::kNotSelected:
      return "not_selected";
    case JobEvent::kInputsChanged:
      return "inputs_changed";
    case JobEvent::kLease:
      return "lease";
    case JobEvent::kResultReceived:
      return "result_received";
    case JobEvent::kVerified:
      return "verified";
    case JobEvent::kVerifiedNotEvaluable:
      return "verified_not_evaluable";
    case JobEvent::kReleased:
      return "released";
    case JobEvent::kFailedForNow:
      return "failed_for_now";
    case JobEvent::kFailedForGood:
      return "failed_for_good";
    case JobEvent::kRetryDue:
      return "retry_due";
    case JobEvent::kOperatorRetry:
      return "operator_retry";
    case JobEvent::kOperatorSkip:
      return "operator_skip";
    case JobEvent::kOperatorRunNow:
      return "operator_run_now";
    case JobEvent::kCancel:
      return "cancel";
    case JobEvent::kDeleted:
      return "deleted";
    case JobEvent::kWithdrawn:
      return "withdrawn";
  }
  return "";
}

std::string_view Words(JobState state) {
  switch (state) {
    case JobState::kLeased:
      return "being analysed";
    case JobState::kStoring:
      return "being stored";
    case JobState::kRetryWait:
      return "to be tried again";
    case JobState::kNotEvaluable:
      return "not evaluable";
    default:
      return Name(state);
  }
}

std::string_view Words(JobEvent event) {
  switch (event) {
    case JobEvent::kGateOpened:
      return "being handed out";
    case JobEvent::kNotSelected:
      return "being left out";
    case JobEvent::kInputsChanged:
      return "new instances";
    case JobEvent::kLease:
      return "a worker";
    case JobEvent::kResultReceived:
    case JobEvent::kVerified:
    case JobEvent::kVerifiedNotEvaluable:
      return "a result";
    case JobEvent::kReleased:
      return "being given back";
    case JobEvent::kFailedForNow:
      return "a failure that may pass";
    case JobEvent::kFailedForGood:
      return "a failure for good";
    case JobEvent::kRetryDue:
    case JobEvent::kOperatorRetry:
      return "a retry";
    case JobEvent::kOperatorSkip:
      return "being skipped";
    case JobEvent::kOperatorRunNow:
      return "being run now";
    case JobEvent::kCancel:
      return "being cancelled";
    case JobEvent::kDeleted:
      return "a deletion";
    case JobEvent::kWithdrawn:
      return "a withdrawal";
  }
  return "";
}

std::string_view Told(JobEvent event) {
  switch (event) {
    case JobEvent::kGateOpened:
      return "ready to be handed out";
    case JobEvent::kNotSelected:
      return "left out";
    case JobEvent::kInputsChanged:
      return "the images changed";
    case JobEvent::kLease:
      return "handed to a worker";
    case JobEvent::kResultReceived:
      return "the result is here";
    case JobEvent::kVerified:
      return "stored and read back";
    case JobEvent::kVerifiedNotEvaluable:
      return "stored: not evaluable";
    case JobEvent::kReleased:
      return "given back unharmed";
    case JobEvent::kFailedForNow:
      return "failed for now";
    case JobEvent::kFailedForGood:
      return "failed: a person must look";
    case JobEvent::kRetryDue:
      return "time for the next attempt";
    case JobEvent::kOperatorRetry:
      return "retried by a person";
    case JobEvent::kOperatorSkip:
      return "skipped by a person";
    case JobEvent::kOperatorRunNow:
      return "put first by a person";
    case JobEvent::kCancel:
      return "cancelled";
    case JobEvent::kDeleted:
      return "the study was deleted";
    case JobEvent::kWithdrawn:
      return "the report was withdrawn";
  }
  return "";
}

std::optional<JobState> JobStateFromName(std::string_view name) {
  for (const JobState state : kJobStates)
    if (Name(state) == name) return state;
  return std::nullopt;
}

}  // namespace osteon::plugin
