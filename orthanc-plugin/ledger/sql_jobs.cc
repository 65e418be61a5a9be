// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store that concerns jobs: their states and leases.
#include "orthanc-plugin/ledger/sql_store.h"

namespace osteon::plugin {
namespace {

constexpr std::string_view kJobColumns =
    "id, study_id, study_uid, state, priority, inputs_hash, pipeline_hash, fingerprint, attempt, "
    "failures, deaths, "
    "worker, lease_until_ms, not_before_ms, created_ms, updated_ms, actor, reason, error_code, "
    "caveat, supersedes";

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
  return job;
}

void Patch(Job& job, const JobPatch& patch) {
  if (patch.study_uid) job.study_uid = *patch.study_uid;
  if (patch.inputs_hash) job.inputs_hash = *patch.inputs_hash;
  if (patch.error_code) job.error_code = *patch.error_code;
  if (patch.caveat) job.caveat = *patch.caveat;
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

// Numbers of priorities, for IN (...): not from outside, so they may be pasted.
std::string PriorityList(const std::vector<Priority>& priorities) {
  std::string list = "-1";
  for (const Priority priority : priorities)
    list += "," + std::to_string(static_cast<int>(priority));
  return list;
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

Result<std::optional<Job>> SqlJobStore::LockJob(JobId job) {
  return OneJob("WHERE id = ?" + std::string(connection_->dialect().lock_job), {job});
}

Status SqlJobStore::AppendHistory(const Job& job, std::string_view event, std::string_view from,
                                  UnixMs now_ms) {
  return Do(
      "INSERT INTO history (job, at_ms, actor, event, from_state, to_state, attempt, reason) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {job.id, now_ms, job.actor, event, from, Name(job.state), job.attempt, job.reason});
}

Status SqlJobStore::WriteLocked(const Job& job) {
  return Do(
      "UPDATE jobs SET study_uid = ?, state = ?, priority = ?, inputs_hash = ?, pipeline_hash = ?, "
      "fingerprint = ?, attempt = ?, failures = ?, deaths = ?, worker = ?, lease_until_ms = ?, "
      "not_before_ms = ?, updated_ms = ?, actor = ?, reason = ?, error_code = ?, caveat = ? WHERE "
      "id = ?",
      {job.study_uid, Name(job.state), static_cast<int>(job.priority), job.inputs_hash,
       job.pipeline_hash, job.fingerprint, job.attempt, job.failures, job.deaths, job.worker,
       job.lease_until_ms, job.not_before_ms, job.updated_ms, job.actor, job.reason, job.error_code,
       job.caveat, job.id});
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
  if (Status written = AppendHistory(**made, "opened", "", now_ms); !written)
    return std::move(written).error();
  return **std::move(made);
}

Result<Job> SqlJobStore::Open(const NewJob& job, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
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
  if (!found->has_value()) return InvalidInput("there is no job " + std::to_string(transition.job));
  Job job = **std::move(found);
  const std::string label = "job " + std::to_string(job.id);
  if (transition.attempt && *transition.attempt != job.attempt)
    return Cancelled(label + " is at attempt " + std::to_string(job.attempt) + ", not " +
                     std::to_string(*transition.attempt));
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
    return Cancelled(label + " is " + std::string(Name(job.state)) + ", which " +
                     std::string(Name(transition.event)) + " does not change");
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
  if (Status written = AppendHistory(job, Name(transition.event), Name(from), now_ms); !written)
    return std::move(written).error();
  return job;
}

Result<Job> SqlJobStore::Apply(const Transition& transition, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto job = ApplyLocked(transition, now_ms);
  if (!job) return job;
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<Job> SqlJobStore::LeaseLocked(Job job, const LeaseRequest& request) {
  Transition lease;
  lease.job = job.id;
  lease.event = JobEvent::kLease;
  lease.actor = "worker " + request.worker;
  lease.reason = "handed out";
  const std::string fingerprint =
      Fingerprint(job.inputs_hash, request.pipeline_hash, request.config_hash);
  auto done = OneJob("WHERE fingerprint = ? AND state = 'done'", {fingerprint});
  if (!done) return std::move(done).error();
  if (done->has_value()) {
    lease.event = JobEvent::kCancel;
    lease.actor = "dispatch";
    lease.reason = "the same instances were analysed by the same pipeline in job " +
                   std::to_string((*done)->id);
    return ApplyLocked(lease, request.now_ms);
  }
  job.attempt += 1;
  job.worker = request.worker;
  job.pipeline_hash = request.pipeline_hash;
  job.fingerprint = fingerprint;
  job.lease_until_ms = request.now_ms + request.lease_ms;
  if (Status written = WriteLocked(job); !written) return std::move(written).error();
  return ApplyLocked(lease, request.now_ms);
}

Result<std::optional<Job>> SqlJobStore::Lease(const LeaseRequest& request) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  // A study that is being looked at (due) may turn out to have changed, so its job waits.
  const std::string free_job =
      "WHERE state = 'ready' AND priority IN (" + PriorityList(request.open) +
      ") AND NOT EXISTS (SELECT 1 FROM studies WHERE studies.study_id = jobs.study_id AND "
      "studies.due_ms IS NOT NULL) ORDER BY priority, created_ms, id LIMIT 1" +
      std::string(connection_->dialect().lock_free_job);
  std::optional<Job> leased;
  while (!leased) {
    auto next = OneJob(free_job, {});
    if (!next) return std::move(next).error();
    if (!next->has_value() || (*next)->deaths > request.most_deaths) break;
    auto job = LeaseLocked(**std::move(next), request);
    if (!job) return std::move(job).error();
    if (job->state == JobState::kLeased) leased = *std::move(job);
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return leased;
}

Status SqlJobStore::Extend(JobId job, std::uint32_t attempt, UnixMs lease_until_ms) {
  const std::lock_guard lock(mutex_);
  const auto extended =
      Run("UPDATE jobs SET lease_until_ms = ? WHERE id = ? AND attempt = ? AND state IN "
          "('leased', 'storing')",
          {lease_until_ms, job, attempt});
  if (!extended) return extended.error();
  if (extended->changed == 0)
    return Cancelled("job " + std::to_string(job) + ", attempt " + std::to_string(attempt) +
                     " is not under way");
  return {};
}

Status SqlJobStore::Describe(JobId job, const std::string& study_uid, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  return Do("UPDATE jobs SET study_uid = ?, reason = ? WHERE id = ?", {study_uid, reason, job});
}

Status SqlJobStore::WakeRetries(UnixMs now_ms, UnixMs longest_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  // What another Orthanc has locked it is waking itself.
  const auto due =
      Run("SELECT id FROM jobs WHERE state = 'retry_wait' AND (not_before_ms <= ? OR not_before_ms "
          "> ?) ORDER BY id" +
              std::string(connection_->dialect().lock_free_job),
          {now_ms, now_ms + longest_ms});
  if (!due) return due.error();
  if (due->rows.empty()) return {};
  for (const Row& row : due->rows) {
    Transition wake{row.Int(0), JobEvent::kRetryDue, "dispatch", "waited long enough", {}, {}};
    if (auto applied = ApplyLocked(wake, now_ms); !applied) return std::move(applied).error();
  }
  return transaction.Commit();
}

Result<std::optional<Job>> SqlJobStore::Find(JobId job) {
  const std::lock_guard lock(mutex_);
  return OneJob("WHERE id = ?", {job});
}

Result<std::optional<Job>> SqlJobStore::Latest(const std::string& study_id) {
  const std::lock_guard lock(mutex_);
  return OneJob("WHERE study_id = ? ORDER BY id DESC LIMIT 1", {study_id});
}

Result<std::optional<Job>> SqlJobStore::DoneFor(const std::string& study_id,
                                                const std::string& inputs_hash) {
  const std::lock_guard lock(mutex_);
  return OneJob(
      "WHERE study_id = ? AND inputs_hash = ? AND state = 'done' ORDER BY id DESC LIMIT 1",
      {study_id, inputs_hash});
}

Result<std::vector<Job>> SqlJobStore::List(const JobQuery& query) {
  const std::lock_guard lock(mutex_);
  std::string where = "WHERE id < ?";
  std::vector<Value> values = {query.before};
  if (query.state) {
    where += " AND state = ?";
    values.emplace_back(Name(*query.state));
  }
  if (!query.study.empty()) {
    where += " AND (study_id = ? OR study_uid = ?)";
    values.insert(values.end(), 2, query.study);
  }
  values.emplace_back(query.limit);
  const auto answer = Run(SelectJobs(where + " ORDER BY id DESC LIMIT ?"), values);
  if (!answer) return answer.error();
  std::vector<Job> jobs;
  for (const Row& row : answer->rows) jobs.push_back(ReadJob(row));
  return jobs;
}

}  // namespace osteon::plugin
