// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store that concerns jobs and their states.
#include "orthanc-plugin/ledger/sql_store.h"

#include <fmt/core.h>

namespace osteon::plugin {
namespace {

constexpr std::string_view kJobColumns =
    "id, study_id, study_uid, state, priority, inputs_hash, pipeline_hash, fingerprint, attempt, "
    "failures, deaths, "
    "worker, lease_until_ms, not_before_ms, created_ms, updated_ms, actor, reason, error_code, "
    "caveat, supersedes, patient_digest, why";

std::string SelectJobs(std::string_view rest) {
  return "SELECT " + std::string(kJobColumns) + " FROM jobs " + std::string(rest);
}

// REQUIRES: the columns of kJobColumns.
Job ReadJob(const Row& row) {
  Job job;
  job.id = row.Int(0);
  job.study_id = row.Text(1);
  job.study_uid = row.Text(2);
  job.state = JobStateFromName(row.Text(3)).value_or(JobState::kStuck);
  job.priority = static_cast<Priority>(row.Int(4));
  job.inputs_hash = row.Text(5);
  job.pipeline_hash = row.Text(6);
  job.fingerprint = row.Text(7);
  job.attempt = static_cast<std::uint32_t>(row.Int(8));
  job.failures = static_cast<int>(row.Int(9));
  job.deaths = static_cast<int>(row.Int(10));
  job.worker = row.Text(11);
  job.lease_until_ms = row.Int(12);
  job.not_before_ms = row.Int(13);
  job.created_ms = row.Int(14);
  job.updated_ms = row.Int(15);
  job.actor = row.Text(16);
  job.reason = row.Text(17);
  job.error_code = row.Text(18);
  job.caveat = row.Text(19);
  job.supersedes = row.MaybeInt(20);
  job.patient_digest = row.Text(21);
  job.why = row.Text(22);
  return job;
}

void Patch(Job& job, const JobPatch& patch) {
  if (patch.study_uid) job.study_uid = *patch.study_uid;
  if (patch.inputs_hash) job.inputs_hash = *patch.inputs_hash;
  if (patch.patient_digest) job.patient_digest = *patch.patient_digest;
  if (patch.error_code) job.error_code = *patch.error_code;
  if (patch.caveat) job.caveat = *patch.caveat;
  job.why = patch.why;
  if (patch.priority) job.priority = *patch.priority;
  if (patch.failures) job.failures = *patch.failures;
  if (patch.deaths) job.deaths = *patch.deaths;
  if (patch.not_before_ms) job.not_before_ms = *patch.not_before_ms;
}

// A fresh start: what went wrong before does not count against other inputs, or after a person
// looked.
void ForgetFailures(Job& job, JobEvent event) {
  if (event != JobEvent::kInputsChanged && event != JobEvent::kOperatorRetry) return;
  job.failures = 0;
  job.deaths = 0;
  job.error_code.clear();
}

}  // namespace

Status SqlJobStore::Do(std::string_view sql, const std::vector<Value>& values) {
  const auto answer = Run(sql, values);
  if (!answer) return answer.error();
  return {};
}

Result<std::optional<Job>> SqlJobStore::OneJob(const std::string& rest,
                                               const std::vector<Value>& values) {
  const auto answer = Run(SelectJobs(rest), values);
  if (!answer) return answer.error();
  std::optional<Job> job;
  if (!answer->rows.empty()) job = ReadJob(answer->rows[0]);
  return job;
}

Result<std::vector<Job>> SqlJobStore::ManyJobs(const std::string& rest,
                                               const std::vector<Value>& values) {
  const auto answer = Run(SelectJobs(rest), values);
  if (!answer) return answer.error();
  std::vector<Job> jobs;
  for (const Row& row : answer->rows) jobs.push_back(ReadJob(row));
  return jobs;
}

Result<std::optional<Job>> SqlJobStore::LockJob(JobId job) {
  return OneJob("WHERE id = ?" + std::string(connection_->dialect().lock_job), {job});
}

Status SqlJobStore::AppendHistory(const Job& job, std::string_view event, std::string_view from,
                                  const std::string& series, UnixMs now_ms) {
  return Do(
      "INSERT INTO history (job, at_ms, actor, event, from_state, to_state, attempt, reason, why, "
      "series) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {job.id, now_ms, job.actor, event, from, Name(job.state), job.attempt, job.reason, job.why,
       series});
}

Status SqlJobStore::WriteLocked(const Job& job) {
  return Do(
      "UPDATE jobs SET study_uid = ?, state = ?, priority = ?, inputs_hash = ?, pipeline_hash = ?, "
      "fingerprint = ?, attempt = ?, failures = ?, deaths = ?, worker = ?, lease_until_ms = ?, "
      "not_before_ms = ?, updated_ms = ?, actor = ?, reason = ?, error_code = ?, caveat = ?, "
      "patient_digest = ?, why = ? WHERE id = ?",
      {job.study_uid,
       Name(job.state),
       static_cast<int>(job.priority),
       job.inputs_hash,
       job.pipeline_hash,
       job.fingerprint,
       job.attempt,
       job.failures,
       job.deaths,
       job.worker,
       job.lease_until_ms,
       job.not_before_ms,
       job.updated_ms,
       job.actor,
       job.reason,
       job.error_code,
       job.caveat,
       job.patient_digest,
       job.why,
       job.id});
}

Result<Job> SqlJobStore::InsertLocked(const NewJob& job, UnixMs now_ms) {
  // A refused row fails the whole transaction in PostgreSQL; no row in the answer does not.
  const auto inserted = Run(
      "INSERT INTO jobs (study_id, study_uid, state, priority, created_ms, updated_ms, actor, "
      "reason, supersedes) VALUES (?, ?, 'collecting', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING "
      "RETURNING id",
      {job.study_id, job.study_uid, static_cast<int>(job.priority), now_ms, now_ms, job.actor,
       job.reason, job.supersedes});
  if (!inserted) return inserted.error();
  if (inserted->rows.empty()) return Cancelled("the study has a job under way already");
  auto made = LockJob(inserted->rows[0].Int(0));
  if (!made) return std::move(made).error();
  if (Status written = AppendHistory(**made, "opened", "", "", now_ms); !written)
    return std::move(written).error();
  return **std::move(made);
}

Result<Job> SqlJobStore::Open(const NewJob& job, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto made = InsertLocked(job, now_ms);
  if (!made) return made;
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return made;
}

Result<Job> SqlJobStore::ApplyLocked(const Transition& transition, UnixMs now_ms) {
  auto found = LockJob(transition.job);
  if (!found) return std::move(found).error();
  if (!found->has_value()) return InvalidInput(fmt::format("there is no job {}", transition.job));
  Job job = **std::move(found);
  const std::string label = fmt::format("job {}", job.id);
  if (transition.attempt && *transition.attempt != job.attempt)
    return Cancelled(
        fmt::format("{} is at attempt {}, not {}", label, job.attempt, *transition.attempt));
  if (transition.lease_until_ms && *transition.lease_until_ms != job.lease_until_ms)
    return Cancelled("the lease of " + label + " was extended meanwhile");
  if (transition.study_change_ms) {
    const auto same = Run("SELECT 1 FROM studies WHERE study_id = ? AND last_change_ms = ?",
                          {job.study_id, *transition.study_change_ms});
    if (!same) return same.error();
    if (same->rows.empty()) return Cancelled("instances of " + label + " came meanwhile");
  }
  const auto next = Next(job.state, transition.event);
  if (!next)
    return Cancelled(label + " is " + std::string(Words(job.state)) + "; " +
                     std::string(Words(transition.event)) + " does not change that");
  const JobState from = job.state;
  job.state = *next;
  job.actor = transition.actor;
  job.reason = transition.reason;
  job.updated_ms = now_ms;
  ForgetFailures(job, transition.event);
  Patch(job, transition.patch);
  if (Status written = WriteLocked(job); !written) {
    if (connection_->IsDuplicate()) return Cancelled("the study has another job under way already");
    return std::move(written).error();
  }
  if (Status written =
          AppendHistory(job, Name(transition.event), Name(from), transition.patch.series, now_ms);
      !written)
    return std::move(written).error();
  return job;
}

Result<Job> SqlJobStore::Apply(const Transition& transition, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto job = ApplyLocked(transition, now_ms);
  if (!job) return job;
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Status SqlJobStore::Describe(JobId job, const std::string& study_uid, const std::string& reason,
                             const std::string& why) {
  const MutexLock lock(mutex_);
  return Do("UPDATE jobs SET study_uid = ?, reason = ?, why = ? WHERE id = ?",
            {study_uid, reason, why, job});
}

Status SqlJobStore::Note(JobId job, const std::string& actor, const std::string& event,
                         const std::string& reason, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  auto found = LockJob(job);
  if (!found) return std::move(found).error();
  if (!found->has_value()) return InvalidInput(fmt::format("there is no job {}", job));
  Job told = **std::move(found);
  told.actor = actor;
  told.reason = reason;
  told.why.clear();
  const std::string state(Name(told.state));
  if (Status written = AppendHistory(told, event, state, "", now_ms); !written) return written;
  return transaction.Commit();
}

Result<std::optional<Job>> SqlJobStore::Find(JobId job) {
  const MutexLock lock(mutex_);
  return OneJob("WHERE id = ?", {job});
}

Result<std::optional<Job>> SqlJobStore::Latest(const std::string& study_id) {
  const MutexLock lock(mutex_);
  return OneJob("WHERE study_id = ? ORDER BY id DESC LIMIT 1", {study_id});
}

Result<std::optional<Job>> SqlJobStore::DoneFor(const std::string& study_id,
                                                const std::string& inputs_hash) {
  const MutexLock lock(mutex_);
  return OneJob(
      "WHERE study_id = ? AND inputs_hash = ? AND state IN ('done', 'not_evaluable') ORDER BY id "
      "DESC LIMIT 1",
      {study_id, inputs_hash});
}

Result<std::vector<Job>> SqlJobStore::List(const JobQuery& query) {
  const MutexLock lock(mutex_);
  std::string where = "WHERE id < ?";
  std::vector<Value> values = {query.before};
  if (!query.states.empty()) where += " AND state IN (" + StateList(query.states) + ")";
  if (!query.study.empty()) {
    where += " AND (study_id = ? OR study_uid = ?)";
    values.insert(values.end(), 2, query.study);
  }
  values.emplace_back(query.limit);
  return ManyJobs(where + " ORDER BY id DESC LIMIT ?", values);
}

}  // namespace osteon::plugin
