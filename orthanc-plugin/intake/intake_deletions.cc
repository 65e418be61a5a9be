// SPDX-License-Identifier: GPL-3.0-or-later
// The part of Intake for studies that were deleted from Orthanc.
#include <algorithm>

#include "orthanc-plugin/intake/intake.h"

namespace osteon::plugin {

Status Intake::CancelMissing(const std::vector<std::string>& sorted_present) {
  const auto studies = store_.StudiesIn({JobState::kCollecting, JobState::kReady, JobState::kLeased,
                                         JobState::kStoring, JobState::kRetryWait, JobState::kStuck,
                                         JobState::kDone, JobState::kNotEvaluable});
  if (!studies) return studies.error();
  for (const std::string& study_id : *studies) {
    if (std::binary_search(sorted_present.begin(), sorted_present.end(), study_id)) continue;
    if (Status gone = CancelGone(study_id); !gone) return gone;
  }
  return {};
}

Status Intake::CancelGone(const std::string& study_id) {
  const auto uid = ReadStudyUid(archive_, study_id);
  if (!uid) return uid.error();
  const bool is_back = !uid->empty();
  const auto row = store_.FindStudyRow(study_id);
  if (!row) return row.error();
  if (!is_back && row->has_value())
    if (Status settled = store_.Settle(**row, "", std::nullopt); !settled) return settled;
  JobQuery query;
  query.study = study_id;
  query.limit = INT32_MAX;
  const auto jobs = store_.List(query);
  if (!jobs) return jobs.error();
  for (const Job& job : *jobs) {
    const auto event = EventOfDeletion(job, is_back);
    if (!event) return event.error();
    if (!event->has_value()) continue;
    const auto changed = Change(job, **event, "the study was deleted from Orthanc", {}, nullptr);
    if (!changed && changed.error().code() != ErrorCode::kCancelled) return changed.error();
    // Its new images may have been judged before the deletion was known.
    if (is_back && row->has_value())
      if (Status due = store_.Settle(**row, "", clock_.Now()); !due) return due;
  }
  return {};
}

Result<std::vector<Job>> Intake::ReportedJobs(const std::string& study) const {
  JobQuery query;
  query.states.assign(kReportedStates.begin(), kReportedStates.end());
  query.study = study;
  query.limit = INT32_MAX;
  return store_.List(query);
}

// For a study that is in Orthanc: cancels its done jobs whose report is missing, so that it is
// analysed again.
Status Intake::CheckReport(const std::string& study_id) {
  const auto jobs = ReportedJobs(study_id);
  if (!jobs) return jobs.error();
  for (const Job& job : *jobs) {
    const auto event = EventOfDeletion(job, /*is_back=*/true);
    if (!event) return event.error();
    if (!event->has_value()) continue;
    const auto changed = Change(job, **event, "its report is not in Orthanc any more", {}, nullptr);
    if (!changed && changed.error().code() != ErrorCode::kCancelled) return changed.error();
  }
  return {};
}

// A study that was sent again before its deletion was known goes on, but its report is gone.
Result<std::optional<JobEvent>> Intake::EventOfDeletion(const Job& job, bool is_back) {
  std::optional<JobEvent> event;
  if (!IsReported(job.state)) {
    if (!is_back && Next(job.state, JobEvent::kCancel)) event = JobEvent::kCancel;
    return event;
  }
  if (!is_back) {
    event = JobEvent::kDeleted;
    return event;
  }
  const auto results = store_.Results(job.id);
  if (!results) return results.error();
  for (const ResultRow& result : *results) {
    const auto found = FindInstances(archive_, result.sop_instance_uid);
    if (!found) return found.error();
    if (found->empty()) event = JobEvent::kDeleted;
  }
  return event;
}

}  // namespace osteon::plugin
