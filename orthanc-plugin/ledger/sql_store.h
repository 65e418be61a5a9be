// SPDX-License-Identifier: GPL-3.0-or-later
// The store over any Connection: the SQL and the rules of accounting, once. Private to this folder:
// sql_intake.cc has what concerns studies, sql_jobs.cc jobs, sql_results.cc their objects,
// sql_deliveries.cc copies, sql_overview.cc
// what is only looked at, sql_digest.cc what concerns whole periods and digests.
#pragma once

#include "orthanc-plugin/ledger/job_store.h"
#include "orthanc-plugin/ledger/sql.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

// For IN (...): names from the table of states.cc, so they may be pasted.
std::string StateList(const std::vector<JobState>& states);

class SqlJobStore final : public JobStore {
 public:
  explicit SqlJobStore(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  Result<std::int64_t> Cursor() override;
  Result<ChangeMark> NewestChange() override;
  Status NoteChange(const ChangeMark& change) override;
  Status RestartChanges(const CursorStep& step) override;
  Result<UnixMs> BornMs() override;
  Status RecordChanges(const Touch& touch) override;
  Result<std::optional<StudyRow>> FindStudyRow(const std::string& study_id) override;
  Status ForgetFuture(UnixMs now_ms) override;
  Result<std::vector<StudyRow>> DueStudies(UnixMs now_ms, int limit) override;
  Result<std::optional<UnixMs>> NextDueMs() override;
  Status Settle(const StudyRow& row, const std::string& last_update,
                std::optional<UnixMs> due_ms) override;

  Result<Job> Open(const NewJob& job, UnixMs now_ms) override;
  Result<Job> Apply(const Transition& transition, UnixMs now_ms) override;
  Result<std::optional<Job>> Lease(const LeaseRequest& request) override;
  Status Extend(JobId job, std::uint32_t attempt, UnixMs lease_until_ms) override;
  Status Describe(JobId job, const std::string& study_uid, const std::string& reason,
                  const std::string& why) override;
  Status Note(JobId job, const std::string& actor, const std::string& event,
              const std::string& reason, UnixMs now_ms) override;
  Status WakeRetries(UnixMs now_ms, UnixMs longest_ms) override;

  Result<Job> BeginStoring(const Transition& transition, const std::vector<ResultRow>& rows,
                           UnixMs now_ms) override;
  Result<std::vector<std::string>> Leftovers(JobId job, std::uint32_t attempt) override;
  Status Forget(JobId job, const std::string& sop_instance_uid) override;
  Result<std::vector<ResultRow>> Results(JobId job) override;
  Result<std::vector<std::string>> StudiesWithResult(const std::string& sop_instance_uid) override;

  Result<Job> Finish(const Transition& transition, const std::vector<std::string>& destinations,
                     UnixMs now_ms) override;

  Result<std::vector<DeliveryRow>> DueDeliveries(UnixMs now_ms, UnixMs longest_ms,
                                                 int limit) override;
  Result<DeliveryRow> ClaimDelivery(const DeliveryRow& seen, UnixMs now_ms) override;
  Status UpdateDelivery(const DeliveryRow& claimed, const DeliveryRow& row) override;
  Result<std::vector<DeliveryRow>> Deliveries(JobId job) override;
  Result<int> RetryDeliveries(JobId job, UnixMs now_ms) override;

  Result<std::optional<Job>> Find(JobId job) override;
  Result<std::optional<Job>> Latest(const std::string& study_id) override;
  Result<std::optional<Job>> DoneFor(const std::string& study_id,
                                     const std::string& inputs_hash) override;
  Result<std::vector<Job>> List(const JobQuery& query) override;
  Result<std::vector<std::string>> StudiesIn(const std::vector<JobState>& states) override;
  Result<std::vector<HistoryRow>> History(JobId job) override;
  Result<LedgerCounts> Counts() override;
  Result<PeriodRows> RowsOf(const Period& period) override;

  Result<Hold> GetHold() override;
  Status SetHold(const Hold& hold) override;
  Result<std::string> LastSelftest() override;
  Status KeepSelftest(const std::string& json) override;
  Result<SelftestRun> RunningSelftest() override;
  Status ReplaceSelftest(const SelftestRun& seen, const SelftestRun& now) override;
  Result<std::optional<DigestSending>> ClaimSending(const std::string& day, const std::string& way,
                                                    UnixMs now_ms, UnixMs until_ms,
                                                    UnixMs longest_ms) override;
  Status UpdateSending(const DigestSending& claimed, const DigestSending& row) override;
  Result<std::vector<DigestSending>> Sendings(int limit) override;

 private:
  Mutex mutex_;

  // Those that write REQUIRE an open transaction.
  Result<Answer> Run(std::string_view sql, const std::vector<Value>& values) REQUIRES_LOCK(mutex_) {
    return connection_->Run(sql, values);
  }
  Status Do(std::string_view sql, const std::vector<Value>& values) REQUIRES_LOCK(mutex_);
  Result<std::optional<Job>> OneJob(const std::string& rest, const std::vector<Value>& values)
      REQUIRES_LOCK(mutex_);
  // The job, and nobody else changes it until the transaction ends.
  Result<std::optional<Job>> LockJob(JobId job) REQUIRES_LOCK(mutex_);
  Result<std::vector<Job>> ManyJobs(const std::string& rest, const std::vector<Value>& values)
      REQUIRES_LOCK(mutex_);
  Result<Hold> HoldLocked() REQUIRES_LOCK(mutex_);
  Status ReadAttempts(const Period& period, PeriodRows& rows) REQUIRES_LOCK(mutex_);
  Result<Job> InsertLocked(const NewJob& job, UnixMs now_ms) REQUIRES_LOCK(mutex_);
  Result<Job> ApplyLocked(const Transition& transition, UnixMs now_ms) REQUIRES_LOCK(mutex_);
  Result<Job> LeaseLocked(Job job, const LeaseRequest& request) REQUIRES_LOCK(mutex_);
  Status WriteLocked(const Job& job) REQUIRES_LOCK(mutex_);
  Status AppendHistory(const Job& job, std::string_view event, std::string_view from,
                       const std::string& series, UnixMs now_ms) REQUIRES_LOCK(mutex_);
  Status MoveCursor(const CursorStep& step) REQUIRES_LOCK(mutex_);
  Status TouchLocked(const std::string& study_id, const Touch& touch) REQUIRES_LOCK(mutex_);
  Status CountDeliveries(LedgerCounts& counts) REQUIRES_LOCK(mutex_);
  Result<std::vector<DeliveryRow>> FailedDeliveries() REQUIRES_LOCK(mutex_);
  Result<std::string> Meta(const char* key) REQUIRES_LOCK(mutex_);
  Result<std::int64_t> MetaNumber(const char* key) REQUIRES_LOCK(mutex_);
  Status SetMeta(const char* key, const std::string& value) REQUIRES_LOCK(mutex_);
  Result<ChangeMark> NewestLocked() REQUIRES_LOCK(mutex_);
  Status NoteLocked(const ChangeMark& change) REQUIRES_LOCK(mutex_);

  std::unique_ptr<Connection> connection_ GUARDED_BY(mutex_);
};

}  // namespace osteon::plugin
