// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/intake.h"

#include <fmt/core.h>

#include <algorithm>

#include "orthanc-plugin/intake/series_json.h"
#include "orthanc-plugin/intake/why_json.h"
#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr int kChangesPerBatch = 500;         // One transaction of the ledger.
constexpr int kStudiesPerRound = 50;          // Then changes and deletions are read again.
constexpr UnixMs kLookAfterThrowMs = 60'000;  // A study whose judging threw is judged again.
constexpr UnixMs kLookAgainMs = 5'000;        // While a result is being stored.
constexpr UnixMs kMinPauseMs = 200;           // When another Orthanc works on what is due.

bool ByOperator(const Job& job) { return job.actor.starts_with("operator"); }

// The image that says whose study it is: always the same one as long as the same series are taken,
// since series and instances are sorted. Empty when there is none.
std::string OneImage(const StudyEntry& study, const Selection& selection) {
  std::string any;
  for (std::size_t i = 0; i < study.series.size(); ++i) {
    const SeriesEntry& series = study.series[i];
    if (series.instances.empty() || IsOwn(series)) continue;
    if (selection.series[i].taken) return series.instances.front().orthanc_id;
    if (any.empty()) any = series.instances.front().orthanc_id;
  }
  return any;
}

// A patient that is not known counts as the same.
bool IsSamePatient(const Job& job, const std::string& patient_digest) {
  return job.patient_digest.empty() || patient_digest.empty() ||
         job.patient_digest == patient_digest;
}

}  // namespace

Intake::Intake(Archive& archive, JobStore& store, Rules rules, IntakeOptions options,
               IntakeEvents events, const Clock& clock)
    : archive_(archive),
      store_(store),
      rules_(std::move(rules)),
      options_(options),
      events_(std::move(events)),
      clock_(clock) {}

Result<UnixMs> Intake::Round(const Wake& wake) {
  if (wake.rescan) next_rescan_.reset();
  for (const std::string& study_id : wake.deleted_studies)
    if (Status gone = CancelGone(study_id); !gone) return std::move(gone).error();
  if (Status followed = FollowChanges(); !followed) return std::move(followed).error();
  if (Status judged = FollowRules(); !judged) return std::move(judged).error();
  if (!next_rescan_ || clock_.Steady() >= *next_rescan_)
    if (Status scanned = Rescan(Compare::kStamps); !scanned) return std::move(scanned).error();
  if (Status woken = store_.WakeRetries(clock_.Now(), options_.longest_retry_ms); !woken)
    return std::move(woken).error();
  if (Status forgotten = store_.ForgetFuture(clock_.Now()); !forgotten)
    return std::move(forgotten).error();
  const auto due = store_.DueStudies(clock_.Now(), kStudiesPerRound);
  if (!due) return due.error();
  for (const StudyRow& row : *due)
    if (Status looked = LookAtGuarded(row); !looked) return std::move(looked).error();
  events_.job_ready();
  const auto next = store_.NextDueMs();
  if (!next) return next.error();
  const UnixMs until_rescan = std::max<UnixMs>(0, *next_rescan_ - clock_.Steady());
  if (!next->has_value()) return until_rescan;
  return std::clamp(**next - clock_.Now(), kMinPauseMs, std::max(kMinPauseMs, until_rescan));
}

// Waiting jobs were judged by earlier rules. What is skipped or reported stays so: a person
// retries it, or a backfill does.
Status Intake::FollowRules() {
  const std::string hash = rules_()->hash;
  if (hash == rules_hash_) return {};
  if (!rules_hash_.empty()) {
    LogInfo("the selection rules have changed: studies that wait are judged again");
    Status woken = WakeStudies({JobState::kCollecting, JobState::kReady, JobState::kRetryWait});
    if (!woken) return woken;
  }
  rules_hash_ = hash;
  return {};
}

Status Intake::FollowChanges() {
  while (true) {
    const auto more = FollowBatch();
    // Another Orthanc on this ledger has recorded them: goes on from its cursor.
    if (!more && more.error().code() == ErrorCode::kCancelled) continue;
    if (!more) return more.error();
    if (!*more) return {};
  }
}

Result<bool> Intake::FollowBatch() {
  const auto cursor = store_.Cursor();
  if (!cursor) return cursor.error();
  // Read before Orthanc's log, so that a change that another Orthanc notes meanwhile is in both.
  const auto newest = store_.NewestChange();
  if (!newest) return newest.error();
  const auto last = ReadLastChange(archive_);
  if (!last) return last.error();
  const CursorStep restart{*cursor, {last->number, last->digest}};
  if (*cursor < 0) {
    next_rescan_.reset();
    if (Status restarted = store_.RestartChanges(restart); !restarted)
      return std::move(restarted).error();
    return false;
  }
  const auto set_back = IsSetBack(*newest, *last);
  if (!set_back) return set_back.error();
  if (*set_back) {
    // Orthanc takes the changes of what is deleted out of its log, and somebody may clear it; that
    // takes no report away. Nobody sets a database back while Orthanc runs.
    const bool lost_rows = log_is_known_ || last->number == 0;
    LogWarning(
        fmt::format("Orthanc's change log, now at {}, was read up to {}: {}; all studies are "
                    "compared",
                    last->number, *cursor,
                    lost_rows ? "its newest things were deleted, or it was cleared"
                              : "its database was set back or replaced"));
    const Compare compare = lost_rows ? Compare::kStamps : Compare::kAll;
    if (Status scanned = Rescan(compare); !scanned) return std::move(scanned).error();
    if (Status restarted = store_.RestartChanges(restart); !restarted)
      return std::move(restarted).error();
    return false;
  }
  log_is_known_ = true;
  auto batch = ReadChanges(archive_, *cursor, kChangesPerBatch);
  if (!batch) return std::move(batch).error();
  if (batch->last.number <= *cursor) return false;
  const CursorStep step{*cursor, {batch->last.number, batch->last.digest}};
  if (Status recorded = Record(batch->study_ids, step, "instances came"); !recorded)
    return std::move(recorded).error();
  return !batch->done;
}

// A log that was set back is shorter than what the ledger knows, or has another change in the same
// row. The latter happens only while the plugin is not running.
Result<bool> Intake::IsSetBack(const ChangeMark& newest, const ArchiveChange& last) {
  if (last.number < newest.number) return true;
  if (log_is_known_ || newest.digest.empty()) return false;
  const auto now = ReadChange(archive_, newest.number);
  if (!now) return now.error();
  return !now->digest.empty() && now->digest != newest.digest;
}

Status Intake::Record(const std::vector<std::string>& study_ids,
                      const std::optional<CursorStep>& cursor, const char* reason) {
  JobStore::Touch touch;
  touch.study_ids = study_ids;
  touch.cursor = cursor;
  touch.now_ms = clock_.Now();
  touch.quiet_ms = options_.gate.quiet_ms;
  touch.force_ms = options_.gate.force_ms;
  touch.priority = options_.priority;
  touch.reason = reason;
  if (Status recorded = store_.RecordChanges(touch); !recorded) return recorded;
  if (Status named = NameStudies(study_ids); !named) return named;
  for (const std::string& study_id : study_ids) {
    if (Status hurried = HurryWanted(study_id); !hurried) return hurried;
    // At once, and not only when the study has become quiet.
    if (Status withdrawn = WithdrawCopies(study_id, std::nullopt); !withdrawn) return withdrawn;
  }
  return {};
}

// Its last images do not start the whole quiet time again.
Status Intake::HurryWanted(const std::string& study_id) {
  const auto job = store_.Latest(study_id);
  if (!job) return job.error();
  if (!job->has_value() || !IsWantedNow(**job)) return {};
  const auto row = store_.FindStudyRow(study_id);
  if (!row) return row.error();
  if (!row->has_value()) return {};
  const UnixMs quiet_ms = GateFor(**job, **row, options_.gate).quiet_ms;
  return store_.Settle(**row, (*row)->last_update, clock_.Now() + quiet_ms);
}

// A new job gets its StudyInstanceUID at once, so that people can find it while it is collecting.
Status Intake::NameStudies(const std::vector<std::string>& study_ids) {
  for (const std::string& study_id : study_ids) {
    const auto job = store_.Latest(study_id);
    if (!job) return job.error();
    if (!job->has_value() || !(*job)->study_uid.empty()) continue;
    const auto uid = ReadStudyUid(archive_, study_id);
    if (!uid) return uid.error();
    if (Status named = store_.Describe((*job)->id, *uid, (*job)->reason, (*job)->why); !named)
      return named;
  }
  return {};
}

Result<Job> Intake::Change(const Job& job, JobEvent event, const std::string& reason,
                           JobPatch patch, const StudyRow* row) {
  Transition change{job.id, event, "intake", reason, std::nullopt, std::move(patch)};
  if (row) change.study_change_ms = row->last_change_ms;
  auto changed = store_.Apply(change, clock_.Now());
  if (changed && (job.state == JobState::kLeased || job.state == JobState::kStoring))
    events_.revoked(job, reason);
  return changed;
}

Result<std::optional<ObjectHeader>> Intake::HeaderOf(const StudyEntry& study,
                                                     const Selection& selection) {
  const std::string image = OneImage(study, selection);
  if (image.empty()) return std::optional<ObjectHeader>();
  return ReadObjectHeader(archive_, image);
}

// A study whose judging throws is judged again later, so that it delays no other.
Status Intake::LookAtGuarded(const StudyRow& row) {
  try {
    return LookAt(row);
  } catch (const std::exception& thrown) {
    const Error error = ErrorOf(thrown, "look at the study");
    const auto job = store_.Latest(row.study_id);
    if (!job) return job.error();
    if (job->has_value()) {
      LogError(fmt::format("job {}: {}", (*job)->id, error.message()));
      if ((*job)->state == JobState::kCollecting)
        if (Status told = store_.Describe((*job)->id, (*job)->study_uid,
                                          error.message() + "; again in a minute", "");
            !told)
          return told;
    }
    return store_.Settle(row, row.last_update, clock_.Now() + kLookAfterThrowMs);
  }
}

Status Intake::LookAt(const StudyRow& row) {
  auto study = ReadStudy(archive_, row.study_id);
  if (!study) return std::move(study).error();
  if (!study->has_value()) return CancelGone(row.study_id);
  const auto rules = rules_();
  Judged judged{Select(**study, rules->rules), ""};
  const auto header = HeaderOf(**study, judged.selection);
  if (!header) return header.error();
  if (Status withdrawn = WithdrawCopies(row.study_id, *header); !withdrawn) return withdrawn;
  if (header->has_value()) {
    judged.patient_digest = DigestOf((*header)->patient);
    if (Status withdrawn = WithdrawReports(row.study_id, **header); !withdrawn) return withdrawn;
  }
  auto latest = store_.Latest(row.study_id);
  if (!latest) return std::move(latest).error();
  Check(latest->has_value(), "RecordChanges makes a job for each study");
  Status looked = LookAtJob(row, **study, judged, **latest);
  // An operator or a worker changed the job meanwhile: the study stays due and is judged again.
  if (!looked && looked.error().code() == ErrorCode::kCancelled) return {};
  return looked;
}

Status Intake::LookAtJob(const StudyRow& row, const StudyEntry& study, const Judged& judged,
                         const Job& job) {
  if (job.state == JobState::kCollecting) return LookAtCollecting(row, study, judged, job);
  const bool same_patient = IsSamePatient(job, judged.patient_digest);
  const bool same = job.inputs_hash == judged.selection.inputs_hash && same_patient;
  const bool came_back = job.state == JobState::kCancelled && !ByOperator(job);
  const bool closed_by_operator = ByOperator(job) && !IsOpen(job.state) && !IsReported(job.state);
  if ((same && !came_back) || closed_by_operator)
    return store_.Settle(row, study.last_update, std::nullopt);
  if (job.state == JobState::kStoring)
    return store_.Settle(row, study.last_update, clock_.Now() + kLookAgainMs);
  if (IsReported(job.state)) {
    const auto earlier = store_.DoneFor(row.study_id, judged.selection.inputs_hash);
    if (!earlier) return earlier.error();
    if (earlier->has_value()) return store_.Settle(row, study.last_update, std::nullopt);
    const auto opened = store_.Open({row.study_id, study.study_uid, options_.priority, "intake",
                                     fmt::format("other instances than in job {}", job.id), job.id},
                                    clock_.Now());
    if (!opened) return opened.error();
    return LookAtCollecting(row, study, judged, *opened);
  }
  const auto collecting = Change(job, JobEvent::kInputsChanged,
                                 !same_patient ? "the patient of the study was corrected"
                                 : came_back   ? "the study is back"
                                               : "instances came or went",
                                 {}, &row);
  if (!collecting) return collecting.error();
  return LookAtCollecting(row, study, judged, *collecting);
}

Status Intake::LookAtCollecting(const StudyRow& row, const StudyEntry& study, const Judged& judged,
                                const Job& job) {
  const GateDecision decision =
      Decide(judged.selection, row, GateFor(job, row, options_.gate), clock_.Now());
  JobPatch patch;
  patch.study_uid = study.study_uid;
  patch.inputs_hash = judged.selection.inputs_hash;
  patch.patient_digest = judged.patient_digest;
  patch.caveat = decision.caveat;
  patch.why = WhyJson(decision.why);
  patch.series = SeriesJson(study, judged.selection);
  if (decision.verdict == GateVerdict::kWait) {
    if (Status named =
            store_.Describe(job.id, study.study_uid, decision.reason, WhyJson(decision.why));
        !named)
      return named;
    return store_.Settle(row, study.last_update, decision.look_again_ms);
  }
  const JobEvent event =
      decision.verdict == GateVerdict::kAnalyse ? JobEvent::kGateOpened : JobEvent::kNotSelected;
  const auto changed = Change(job, event, decision.reason, patch, &row);
  if (!changed) return changed.error();
  LogInfo(fmt::format("job {}, study {}: {}, {}", job.id, study.study_uid, Name(changed->state),
                      decision.reason));
  return store_.Settle(row, study.last_update, std::nullopt);
}

}  // namespace osteon::plugin
