// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store for the objects a job puts into Orthanc.
#include "orthanc-plugin/ledger/sql_store.h"

namespace osteon::plugin {

Result<Job> SqlJobStore::BeginStoring(const Transition& transition,
                                      const std::vector<ResultRow>& rows, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto found = LockJob(transition.job);
  if (!found) return std::move(found).error();
  const bool again = found->has_value() && (*found)->state == JobState::kStoring &&
                     transition.attempt == (*found)->attempt;
  auto job = again ? Result<Job>(**found) : ApplyLocked(transition, now_ms);
  if (!job) return job;
  for (const ResultRow& row : rows) {
    Status written =
        Do("INSERT INTO results (job, sop_instance_uid, sop_class_uid, sha256, attempt) VALUES "
           "(?, ?, ?, ?, ?) ON CONFLICT (job, sop_instance_uid) DO UPDATE SET sop_class_uid = "
           "excluded.sop_class_uid, sha256 = excluded.sha256, attempt = excluded.attempt",
           {job->id, row.sop_instance_uid, row.sop_class_uid, row.sha256, job->attempt});
    if (!written) return std::move(written).error();
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<std::vector<std::string>> SqlJobStore::Leftovers(JobId job, std::uint32_t attempt) {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT sop_instance_uid FROM results WHERE job = ? AND attempt <> ?", {job, attempt});
  if (!answer) return answer.error();
  std::vector<std::string> uids;
  for (const Row& row : answer->rows) uids.push_back(row.Text(0));
  return uids;
}

Status SqlJobStore::Forget(JobId job, const std::string& sop_instance_uid) {
  const MutexLock lock(mutex_);
  return Do("DELETE FROM results WHERE job = ? AND sop_instance_uid = ?", {job, sop_instance_uid});
}

Result<std::vector<ResultRow>> SqlJobStore::Results(JobId job) {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT sop_instance_uid, sop_class_uid, sha256 FROM results WHERE job = ? ORDER BY "
          "sop_instance_uid",
          {job});
  if (!answer) return answer.error();
  std::vector<ResultRow> rows;
  for (const Row& row : answer->rows) rows.push_back({row.Text(0), row.Text(1), row.Text(2)});
  return rows;
}

Result<std::vector<std::string>> SqlJobStore::StudiesWithResult(
    const std::string& sop_instance_uid) {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT DISTINCT jobs.study_id FROM results JOIN jobs ON jobs.id = results.job WHERE "
          "results.sop_instance_uid = ?",
          {sop_instance_uid});
  if (!answer) return answer.error();
  std::vector<std::string> studies;
  for (const Row& row : answer->rows) studies.push_back(row.Text(0));
  return studies;
}

}  // namespace osteon::plugin
