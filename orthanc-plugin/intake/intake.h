// SPDX-License-Identifier: GPL-3.0-or-later
// From Orthanc's changes to jobs: what intake_thread.h runs, one round at a time.
//
// A round reads /changes from the ledger's cursor (its rows are written by Orthanc in the
// transaction that stores the instance, so they survive any kill; StableStudy is not used),
// compares all studies by LastUpdate when a rescan is due, and looks at every study that has become
// quiet. When Orthanc's database was set back (a backup, or a power cut: Orthanc does not sync each
// commit), every study is looked at and every report looked for, since `done` may be newer than
// what Orthanc still knows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/archive/changes.h"
#include "orthanc-plugin/archive/own_objects.h"
#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/gate.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

struct IntakeOptions {
  GateOptions gate;
  UnixMs reconcile_ms = 300'000;        // Between two scans of all studies.
  UnixMs longest_retry_ms = 1'800'000;  // No retry waits longer than this.
  Priority priority = Priority::kRoutine;
};

// Called at once, on the thread of Round.
struct IntakeEvents {
  std::function<void()> job_ready;
  // The job that a worker has is not wanted any more.
  std::function<void(const Job& job, const std::string& reason)> revoked;
};

// Thread-compatible.
class Intake {
 public:
  using Rules = std::function<std::shared_ptr<const SiteRules>()>;

  // References must outlive the intake. `rules` are those in force when it is called; when they
  // have changed, every study with an open job is judged again.
  Intake(Archive& archive, JobStore& store, Rules rules, IntakeOptions options, IntakeEvents events,
         const Clock& clock);

  struct Wake {
    // Orthanc ids from its callback; /changes does not have them.
    std::vector<std::string> deleted_studies;
    bool rescan = false;
  };
  // Does everything that is due. Returns the time until something is due again, at most
  // `reconcile_ms`. Errors: kUnavailable; call again after a pause, nothing was lost.
  Result<UnixMs> Round(const Wake& wake);

 private:
  // What of a study is selected, and whose it is.
  struct Judged {
    Selection selection;
    std::string patient_digest;  // Empty when no image says.
  };

  Status FollowChanges();
  // True: there may be more.
  Result<bool> FollowBatch();
  Result<bool> IsSetBack(const ChangeMark& newest, const ArchiveChange& last);
  Status Record(const std::vector<std::string>& study_ids, const std::optional<CursorStep>& cursor,
                const char* reason);
  Status NameStudies(const std::vector<std::string>& study_ids);
  Status HurryWanted(const std::string& study_id);
  enum class Compare {
    kStamps,  // Studies whose LastUpdate is another one than when they were looked at.
    kAll,     // Every study that was ever looked at, and whether its report stands.
  };
  Status Rescan(Compare compare);
  // By Orthanc's id or the StudyInstanceUID, which another study of another patient may share.
  Result<std::vector<Job>> ReportedJobs(const std::string& study) const;
  Status CheckReport(const std::string& study_id);
  // Makes the studies of all jobs in these states due.
  Status WakeStudies(std::vector<JobState> states);
  Status FollowRules();
  Status CancelMissing(const std::vector<std::string>& sorted_present);
  Status CancelGone(const std::string& study_id);
  Result<std::optional<JobEvent>> EventOfDeletion(const Job& job, bool is_back);
  // Objects of ours that no job of this study wrote and that may name another patient. `study` is
  // the header of one of its images, when that is known.
  Status WithdrawCopies(const std::string& study_id, const std::optional<ObjectHeader>& study);
  // The reports of done jobs whose images were another patient's then.
  Status WithdrawReports(const std::string& study_id, const ObjectHeader& study);
  Status WithdrawReport(const Job& job, const std::vector<OwnObject>& written);
  Result<bool> IsOfOtherPatient(const Job& job, const std::vector<OwnObject>& written,
                                const ObjectHeader& study);
  Result<std::optional<ObjectHeader>> HeaderOf(const StudyEntry& study, const Selection& selection);
  Status LookAtGuarded(const StudyRow& row);
  Status LookAt(const StudyRow& row);
  Status LookAtJob(const StudyRow& row, const StudyEntry& study, const Judged& judged,
                   const Job& job);
  Status LookAtCollecting(const StudyRow& row, const StudyEntry& study, const Judged& judged,
                          const Job& job);
  // With `row`, only if the study has not changed since that was read.
  Result<Job> Change(const Job& job, JobEvent event, const std::string& reason, JobPatch patch,
                     const StudyRow* row);

  Archive& archive_;
  JobStore& store_;
  const Rules rules_;
  std::string rules_hash_;  // Of those that open jobs were judged by; empty: not known yet.
  const IntakeOptions options_;
  const IntakeEvents events_;
  const Clock& clock_;
  std::optional<SteadyMs> next_rescan_;  // Nothing: at once.
  bool log_is_known_ = false;  // Since the start, compared with the ledger's newest change.
};

}  // namespace osteon::plugin
