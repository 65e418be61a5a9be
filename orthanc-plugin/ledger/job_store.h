// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger: everything that Osteon knows about the studies. After a crash at any time the next
// start goes on from it.
//
// Each method is one transaction: after a crash it happened or it did not. Every change of state is
// checked against the table of states.h, fenced by the attempt number, and written to an
// append-only history with time, actor and reason.
//
// In SQLite one Orthanc has the ledger to itself; in PostgreSQL several Orthancs share it, and each
// may die for good. Clocks of different hosts are not compared to see whether another Orthanc
// lives: it does while a number changes (lease_until_ms of a job, not_before_ms of a copy that is
// being sent) within a time of one's own steady clock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/ledger/rows.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

// What makes a job the same job: hash of inputs, whose they are, pipeline and configuration. 64
// hexadecimal digits. With another patient it is another one, so that objects that name different
// patients never have the same UIDs. An empty patient digest counts for nothing.
std::string Fingerprint(const std::string& inputs_hash, const std::string& patient_digest,
                        const std::string& pipeline_hash, const std::string& config_hash);

// Any thread. Errors of every method: kUnavailable when the disk or database does not answer.
// Nothing was changed then, unless the connection was lost in the moment of the commit: callers
// repeat the call and take kCancelled for success.
class JobStore {
 public:
  virtual ~JobStore() = default;

  // --- Intake
  virtual Result<std::int64_t> Cursor() = 0;
  // The newest row of the change log the ledger has heard of, the cursor's or a later one: what a
  // log that was set back is told from.
  virtual Result<ChangeMark> NewestChange() = 0;
  // Heard of; nothing when a newer one is known.
  virtual Status NoteChange(const ChangeMark& change) = 0;
  // It is another log, or the first one: cursor and newest row become `step.to`. Errors: kCancelled
  // as for RecordChanges.
  virtual Status RestartChanges(const CursorStep& step) = 0;
  // When this ledger was made: studies that changed before are left to a backfill.
  virtual Result<UnixMs> BornMs() = 0;
  // Cursor and touched studies in one. Errors: kCancelled when the cursor is not where `from` says:
  // another Orthanc has recorded these changes. Each study becomes due when it has been quiet for
  // `quiet_ms`, at the latest `force_ms` after it was first seen; one without any job gets one in
  // kCollecting.
  struct Touch {
    std::vector<std::string> study_ids;
    std::optional<CursorStep> cursor;
    UnixMs now_ms = 0;
    UnixMs quiet_ms = 0;
    UnixMs force_ms = 0;
    Priority priority = Priority::kRoutine;
    std::string reason;
  };
  virtual Status RecordChanges(const Touch& touch) = 0;
  virtual Result<std::optional<StudyRow>> FindStudyRow(const std::string& study_id) = 0;
  // Stamps of studies that lie more than a minute ahead were written before the clock was set back.
  // They become now: such a study waits once more, and not until the clock is there again.
  virtual Status ForgetFuture(UnixMs now_ms) = 0;
  // Studies to look at now, oldest first.
  virtual Result<std::vector<StudyRow>> DueStudies(UnixMs now_ms, int limit) = 0;
  // The next time DueStudies or a retry has something; nothing when neither will.
  virtual Result<std::optional<UnixMs>> NextDueMs() = 0;
  // Looked at: `due_ms` is when to look again. Not applied when the study changed since `row` was
  // read.
  virtual Status Settle(const StudyRow& row, const std::string& last_update,
                        std::optional<UnixMs> due_ms) = 0;

  // --- Jobs
  // Errors: kCancelled when the study has an open job already.
  virtual Result<Job> Open(const NewJob& job, UnixMs now_ms) = 0;
  // Errors: kCancelled when the event does not belong to the job's state or the attempt is not
  // current, or lease or study changed meanwhile (release, do not retry); kInvalidInput when there
  // is no such job.
  virtual Result<Job> Apply(const Transition& transition, UnixMs now_ms) = 0;
  // The next ready job whose study is quiet, by priority, then age, with the next attempt number.
  // Nothing when there is none. A job whose fingerprint is already done is cancelled on the way.
  virtual Result<std::optional<Job>> Lease(const LeaseRequest& request) = 0;
  // Errors: kCancelled when the attempt is not current.
  virtual Status Extend(JobId job, std::uint32_t attempt, UnixMs lease_until_ms) = 0;
  // What an open job's study is called and what it waits for (`why` as Job::why); no change of
  // state.
  virtual Status Describe(JobId job, const std::string& study_uid, const std::string& reason,
                          const std::string& why) = 0;
  // A row of history for what was done to the study and is no change of the job's state.
  virtual Status Note(JobId job, const std::string& actor, const std::string& event,
                      const std::string& reason, UnixMs now_ms) = 0;
  // All of kRetryWait whose time has come become kReady; also those that would wait longer than any
  // retry does, since the clock was set back under them.
  virtual Status WakeRetries(UnixMs now_ms, UnixMs longest_ms) = 0;

  // --- Results
  // leased -> storing with the objects that are about to be stored; again in kStoring is no error.
  virtual Result<Job> BeginStoring(const Transition& transition, const std::vector<ResultRow>& rows,
                                   UnixMs now_ms) = 0;
  // SOPInstanceUIDs that earlier attempts of the job may have left in Orthanc and `attempt` does
  // not write.
  virtual Result<std::vector<std::string>> Leftovers(JobId job, std::uint32_t attempt) = 0;
  virtual Status Forget(JobId job, const std::string& sop_instance_uid) = 0;
  virtual Result<std::vector<ResultRow>> Results(JobId job) = 0;
  // Orthanc's ids of the studies whose jobs wrote an object with that UID, each once.
  virtual Result<std::vector<std::string>> StudiesWithResult(
      const std::string& sop_instance_uid) = 0;

  // storing -> done, and one waiting copy for each destination (again, when the job was done before
  // and its study deleted).
  virtual Result<Job> Finish(const Transition& transition,
                             const std::vector<std::string>& destinations, UnixMs now_ms) = 0;

  // --- Copies to other nodes
  // Those that wait and are due, and all that somebody is sending, oldest first. `longest_ms` as in
  // WakeRetries.
  virtual Result<std::vector<DeliveryRow>> DueDeliveries(UnixMs now_ms, UnixMs longest_ms,
                                                         int limit) = 0;
  // Makes it "sending" and ours, or shows again that we are at it. Returns the row as it is now.
  // Errors: kCancelled when it is not as `seen` any more: somebody else has it.
  virtual Result<DeliveryRow> ClaimDelivery(const DeliveryRow& seen, UnixMs now_ms) = 0;
  // What came of it. Errors: kCancelled when it is not as `claimed` any more.
  virtual Status UpdateDelivery(const DeliveryRow& claimed, const DeliveryRow& row) = 0;
  virtual Result<std::vector<DeliveryRow>> Deliveries(JobId job) = 0;
  // All that are "failed" wait again. Returns how many.
  virtual Result<int> RetryDeliveries(JobId job, UnixMs now_ms) = 0;

  // --- Looking
  virtual Result<std::optional<Job>> Find(JobId job) = 0;
  // The newest job of a study.
  virtual Result<std::optional<Job>> Latest(const std::string& study_id) = 0;
  // A done job of the study for those inputs.
  virtual Result<std::optional<Job>> DoneFor(const std::string& study_id,
                                             const std::string& inputs_hash) = 0;
  virtual Result<std::vector<Job>> List(const JobQuery& query) = 0;
  // Orthanc's ids of all studies with a job in one of the states.
  virtual Result<std::vector<std::string>> StudiesIn(const std::vector<JobState>& states) = 0;
  virtual Result<std::vector<HistoryRow>> History(JobId job) = 0;
  virtual Result<LedgerCounts> Counts() = 0;
  // All of a period that a digest needs, looked at in one moment: no job is counted twice.
  virtual Result<PeriodRows> RowsOf(const Period& period) = 0;

  // --- What a person has said about all jobs. Lease() keeps to it, in every Orthanc on the ledger.
  virtual Result<Hold> GetHold() = 0;
  virtual Status SetHold(const Hold& hold) = 0;

  // --- How the last self-test ended, as its JSON (web/README.md); empty: none was told of.
  virtual Result<std::string> LastSelftest() = 0;
  virtual Status KeepSelftest(const std::string& json) = 0;
  // The one that the plugin carries out now.
  virtual Result<SelftestRun> RunningSelftest() = 0;
  // Begins, goes on with, or ends it. Errors: kCancelled when the one that runs is not as `seen`.
  virtual Status ReplaceSelftest(const SelftestRun& seen, const SelftestRun& now) = 0;

  // --- Digests that are sent
  // That of `day` is ours to send by `way` now, until `until_ms`: nobody has sent it, nobody is at
  // it, and no pause after a failure lasts. Nothing otherwise. A claim that waits for longer than
  // `longest_ms` was made before the clock was set back, and does not count.
  virtual Result<std::optional<DigestSending>> ClaimSending(const std::string& day,
                                                            const std::string& way, UnixMs now_ms,
                                                            UnixMs until_ms, UnixMs longest_ms) = 0;
  // What came of it. Errors: kCancelled when it is not as `claimed` any more.
  virtual Status UpdateSending(const DigestSending& claimed, const DigestSending& row) = 0;
  // The newest first, of all ways.
  virtual Result<std::vector<DigestSending>> Sendings(int limit) = 0;
};

}  // namespace osteon::plugin
