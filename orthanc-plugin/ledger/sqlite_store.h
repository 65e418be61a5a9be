// SPDX-License-Identifier: GPL-3.0-or-later
// The class behind OpenSqliteJobStore. Private to this folder: sqlite_intake.cc has what concerns
// studies, sqlite_job_store.cc what concerns jobs.
#pragma once

#include <mutex>

#include "orthanc-plugin/ledger/job_store.h"
#include "orthanc-plugin/ledger/sqlite.h"

namespace osteon::plugin {

class SqliteJobStore final : public JobStore {
 public:
  explicit SqliteJobStore(Database database) : database_(std::move(database)) {}

  Result<std::int64_t> Cursor() override;
  Result<ChangeMark> NewestChange() override;
  Status NoteChange(const ChangeMark& change) override;
  Status RestartChanges(const ChangeMark& last) override;
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
  Status Describe(JobId job, const std::string& study_uid, const std::string& reason) override;
  Status WakeRetries(UnixMs now_ms, UnixMs longest_ms) override;

  Result<Job> BeginStoring(const Transition& transition, const std::vector<ResultRow>& rows,
                           UnixMs now_ms) override;
  Result<std::vector<std::string>> Leftovers(JobId job, std::uint32_t attempt) override;
  Status Forget(JobId job, const std::string& sop_instance_uid) override;
  Result<std::vector<ResultRow>> Results(JobId job) override;

  Result<Job> Finish(const Transition& transition, const std::vector<std::string>& destinations,
                     UnixMs now_ms) override;

  Result<std::vector<DeliveryRow>> DueDeliveries(UnixMs now_ms, UnixMs longest_ms,
                                                 int limit) override;
  Status UpdateDelivery(const DeliveryRow& row) override;
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

 private:
  // All of these: REQUIRES mutex_ held; those that write, a transaction open.
  Result<std::optional<Job>> OneJob(Statement& query);
  Result<std::optional<Job>> FindLocked(JobId job);
  Result<Job> InsertLocked(const NewJob& job, UnixMs now_ms);
  Result<Job> ApplyLocked(const Transition& transition, UnixMs now_ms);
  Result<Job> LeaseLocked(Job job, const LeaseRequest& request);
  Status WriteLocked(const Job& job);
  Status AppendHistory(const Job& job, std::string_view event, std::string_view from,
                       UnixMs now_ms);
  Status TouchLocked(const std::string& study_id, const Touch& touch);
  Status CountDeliveries(LedgerCounts& counts);
  Result<std::string> Meta(const char* key);
  Result<std::int64_t> MetaNumber(const char* key);
  Status SetMeta(const char* key, const std::string& value);
  Result<ChangeMark> NewestLocked();
  Status NoteLocked(const ChangeMark& change);

  std::mutex mutex_;
  Database database_;
};

}  // namespace osteon::plugin
