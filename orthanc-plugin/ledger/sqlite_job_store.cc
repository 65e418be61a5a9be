// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/sqlite_job_store.h"

#include "orthanc-plugin/ledger/sqlite_schema.h"
#include "orthanc-plugin/ledger/sqlite_store.h"

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
Job ReadJob(const Statement& row) {
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

Result<std::unique_ptr<JobStore>> OpenSqliteJobStore(const std::string& path, UnixMs now_ms) {
  auto database = OpenDatabase(path);
  if (!database) return std::move(database).error();
  if (Status migrated = Migrate(database->get(), now_ms); !migrated)
    return std::move(migrated).error().During("open " + path);
  return std::unique_ptr<JobStore>(std::make_unique<SqliteJobStore>(*std::move(database)));
}

Result<std::optional<Job>> SqliteJobStore::OneJob(Statement& query) {
  const auto row = query.Step();
  if (!row) return row.error();
  if (!*row) return std::optional<Job>();
  return std::optional<Job>(ReadJob(query));
}

Result<std::optional<Job>> SqliteJobStore::FindLocked(JobId job) {
  Statement query(database_.get(), SelectJobs("WHERE id = ?"));
  return OneJob(query.Bind(job));
}

Status SqliteJobStore::AppendHistory(const Job& job, std::string_view event, std::string_view from,
                                     UnixMs now_ms) {
  Statement insert(
      database_.get(),
      "INSERT INTO history (job, at_ms, actor, event, from_state, to_state, attempt, reason) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  return insert.Bind(job.id)
      .Bind(now_ms)
      .Bind(job.actor)
      .Bind(event)
      .Bind(from)
      .Bind(Name(job.state))
      .Bind(job.attempt)
      .Bind(job.reason)
      .Run();
}

Status SqliteJobStore::WriteLocked(const Job& job) {
  Statement update(
      database_.get(),
      "UPDATE jobs SET study_uid = ?, state = ?, priority = ?, inputs_hash = ?, pipeline_hash = ?, "
      "fingerprint = ?, attempt = ?, failures = ?, deaths = ?, worker = ?, lease_until_ms = ?, "
      "not_before_ms = ?, updated_ms = ?, actor = ?, reason = ?, error_code = ?, caveat = ? WHERE "
      "id = ?");
  return update.Bind(job.study_uid)
      .Bind(Name(job.state))
      .Bind(static_cast<int>(job.priority))
      .Bind(job.inputs_hash)
      .Bind(job.pipeline_hash)
      .Bind(job.fingerprint)
      .Bind(job.attempt)
      .Bind(job.failures)
      .Bind(job.deaths)
      .Bind(job.worker)
      .Bind(job.lease_until_ms)
      .Bind(job.not_before_ms)
      .Bind(job.updated_ms)
      .Bind(job.actor)
      .Bind(job.reason)
      .Bind(job.error_code)
      .Bind(job.caveat)
      .Bind(job.id)
      .Run();
}

Result<Job> SqliteJobStore::InsertLocked(const NewJob& job, UnixMs now_ms) {
  Statement insert(database_.get(),
                   "INSERT INTO jobs (study_id, study_uid, state, priority, created_ms, "
                   "updated_ms, actor, reason, "
                   "supersedes) VALUES (?, ?, 'collecting', ?, ?, ?, ?, ?, ?)");
  insert.Bind(job.study_id)
      .Bind(job.study_uid)
      .Bind(static_cast<int>(job.priority))
      .Bind(now_ms)
      .Bind(now_ms)
      .Bind(job.actor)
      .Bind(job.reason)
      .Bind(job.supersedes);
  if (Status inserted = insert.Run(); !inserted) {
    if (IsDuplicate(database_.get())) return Cancelled("the study has a job under way already");
    return std::move(inserted).error();
  }
  auto made = FindLocked(LastRowId(database_.get()));
  if (!made) return std::move(made).error();
  if (Status written = AppendHistory(**made, "opened", "", now_ms); !written)
    return std::move(written).error();
  return **std::move(made);
}

Result<Job> SqliteJobStore::Open(const NewJob& job, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto made = InsertLocked(job, now_ms);
  if (!made) return made;
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return made;
}

Result<Job> SqliteJobStore::ApplyLocked(const Transition& transition, UnixMs now_ms) {
  auto found = FindLocked(transition.job);
  if (!found) return std::move(found).error();
  if (!found->has_value()) return InvalidInput("there is no job " + std::to_string(transition.job));
  Job job = **std::move(found);
  const std::string label = "job " + std::to_string(job.id);
  if (transition.attempt && *transition.attempt != job.attempt)
    return Cancelled(label + " is at attempt " + std::to_string(job.attempt) + ", not " +
                     std::to_string(*transition.attempt));
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
    if (IsDuplicate(database_.get()))
      return Cancelled("the study has another job under way already");
    return std::move(written).error();
  }
  if (Status written = AppendHistory(job, Name(transition.event), Name(from), now_ms); !written)
    return std::move(written).error();
  return job;
}

Result<Job> SqliteJobStore::Apply(const Transition& transition, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto job = ApplyLocked(transition, now_ms);
  if (!job) return job;
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<Job> SqliteJobStore::LeaseLocked(Job job, const LeaseRequest& request) {
  Transition lease;
  lease.job = job.id;
  lease.event = JobEvent::kLease;
  lease.actor = "worker " + request.worker;
  lease.reason = "handed out";
  const std::string fingerprint =
      Fingerprint(job.inputs_hash, request.pipeline_hash, request.config_hash);
  Statement same(database_.get(), SelectJobs("WHERE fingerprint = ? AND state = 'done'"));
  auto done = OneJob(same.Bind(fingerprint));
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

Result<std::optional<Job>> SqliteJobStore::Lease(const LeaseRequest& request) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  std::optional<Job> leased;
  while (!leased) {
    // A study that is being looked at (due) may turn out to have changed, so its job waits.
    Statement query(
        database_.get(),
        SelectJobs(
            "WHERE state = 'ready' AND priority IN (" + PriorityList(request.open) +
            ") AND NOT EXISTS (SELECT 1 FROM studies WHERE studies.study_id = jobs.study_id AND "
            "studies.due_ms IS NOT NULL) ORDER BY priority, created_ms, id LIMIT 1"));
    auto next = OneJob(query);
    if (!next) return std::move(next).error();
    if (!next->has_value() || (*next)->deaths > request.most_deaths) break;
    auto job = LeaseLocked(**std::move(next), request);
    if (!job) return std::move(job).error();
    if (job->state == JobState::kLeased) leased = *std::move(job);
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return leased;
}

Status SqliteJobStore::Extend(JobId job, std::uint32_t attempt, UnixMs lease_until_ms) {
  const std::lock_guard lock(mutex_);
  Statement update(database_.get(),
                   "UPDATE jobs SET lease_until_ms = ? WHERE id = ? AND attempt = ? AND state IN "
                   "('leased', 'storing')");
  if (Status run = update.Bind(lease_until_ms).Bind(job).Bind(attempt).Run(); !run) return run;
  if (ChangedRows(database_.get()) == 0)
    return Cancelled("job " + std::to_string(job) + ", attempt " + std::to_string(attempt) +
                     " is not under way");
  return {};
}

Status SqliteJobStore::Describe(JobId job, const std::string& study_uid,
                                const std::string& reason) {
  const std::lock_guard lock(mutex_);
  Statement update(database_.get(), "UPDATE jobs SET study_uid = ?, reason = ? WHERE id = ?");
  return update.Bind(study_uid).Bind(reason).Bind(job).Run();
}

Status SqliteJobStore::WakeRetries(UnixMs now_ms, UnixMs longest_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return begun;
  std::vector<JobId> due;
  Statement query(database_.get(),
                  "SELECT id FROM jobs WHERE state = 'retry_wait' AND (not_before_ms <= ? OR "
                  "not_before_ms > ?)");
  query.Bind(now_ms).Bind(now_ms + longest_ms);
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) break;
    due.push_back(query.Int(0));
  }
  for (const JobId job : due) {
    Transition wake{job, JobEvent::kRetryDue, "dispatch", "waited long enough", {}, {}};
    if (auto applied = ApplyLocked(wake, now_ms); !applied) return std::move(applied).error();
  }
  return transaction.Commit();
}

Result<Job> SqliteJobStore::BeginStoring(const Transition& transition,
                                         const std::vector<ResultRow>& rows, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto found = FindLocked(transition.job);
  if (!found) return std::move(found).error();
  const bool again = found->has_value() && (*found)->state == JobState::kStoring &&
                     transition.attempt == (*found)->attempt;
  auto job = again ? Result<Job>(**found) : ApplyLocked(transition, now_ms);
  if (!job) return job;
  for (const ResultRow& row : rows) {
    Statement insert(
        database_.get(),
        "INSERT INTO results (job, sop_instance_uid, sop_class_uid, sha256, attempt) VALUES "
        "(?, ?, ?, ?, ?) ON CONFLICT (job, sop_instance_uid) DO UPDATE SET sop_class_uid = "
        "excluded.sop_class_uid, sha256 = excluded.sha256, attempt = excluded.attempt");
    insert.Bind(job->id)
        .Bind(row.sop_instance_uid)
        .Bind(row.sop_class_uid)
        .Bind(row.sha256)
        .Bind(job->attempt);
    if (Status run = insert.Run(); !run) return std::move(run).error();
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<std::vector<std::string>> SqliteJobStore::Leftovers(JobId job, std::uint32_t attempt) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(),
                  "SELECT sop_instance_uid FROM results WHERE job = ? AND attempt <> ?");
  query.Bind(job).Bind(attempt);
  std::vector<std::string> uids;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return uids;
    uids.push_back(query.Text(0));
  }
}

Status SqliteJobStore::Forget(JobId job, const std::string& sop_instance_uid) {
  const std::lock_guard lock(mutex_);
  Statement remove(database_.get(), "DELETE FROM results WHERE job = ? AND sop_instance_uid = ?");
  return remove.Bind(job).Bind(sop_instance_uid).Run();
}

Result<std::vector<ResultRow>> SqliteJobStore::Results(JobId job) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(),
                  "SELECT sop_instance_uid, sop_class_uid, sha256 FROM results WHERE job = ? ORDER "
                  "BY sop_instance_uid");
  query.Bind(job);
  std::vector<ResultRow> rows;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back({query.Text(0), query.Text(1), query.Text(2)});
  }
}

Result<std::optional<Job>> SqliteJobStore::Find(JobId job) {
  const std::lock_guard lock(mutex_);
  return FindLocked(job);
}

Result<std::optional<Job>> SqliteJobStore::Latest(const std::string& study_id) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(), SelectJobs("WHERE study_id = ? ORDER BY id DESC LIMIT 1"));
  return OneJob(query.Bind(study_id));
}

Result<std::optional<Job>> SqliteJobStore::DoneFor(const std::string& study_id,
                                                   const std::string& inputs_hash) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(),
                  SelectJobs("WHERE study_id = ? AND inputs_hash = ? AND state = 'done' "
                             "ORDER BY id DESC LIMIT 1"));
  return OneJob(query.Bind(study_id).Bind(inputs_hash));
}

Result<std::vector<Job>> SqliteJobStore::List(const JobQuery& query) {
  const std::lock_guard lock(mutex_);
  std::string where = "WHERE id < ?";
  if (query.state) where += " AND state = ?";
  if (!query.study.empty()) where += " AND (study_id = ? OR study_uid = ?)";
  Statement select(database_.get(), SelectJobs(where + " ORDER BY id DESC LIMIT ?"));
  select.Bind(query.before);
  if (query.state) select.Bind(Name(*query.state));
  if (!query.study.empty()) select.Bind(query.study).Bind(query.study);
  select.Bind(query.limit);
  std::vector<Job> jobs;
  while (true) {
    const auto row = select.Step();
    if (!row) return row.error();
    if (!*row) return jobs;
    jobs.push_back(ReadJob(select));
  }
}

}  // namespace osteon::plugin
