// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store that hands jobs out.
#include "orthanc-plugin/ledger/sql_store.h"

#include <fmt/core.h>

namespace osteon::plugin {
namespace {

// Numbers of priorities, for IN (...): not from outside, so they may be pasted.
std::string PriorityList(const std::vector<Priority>& priorities) {
  std::string list = "-1";
  for (const Priority priority : priorities) list += fmt::format(",{}", static_cast<int>(priority));
  return list;
}

}  // namespace

Result<Job> SqlJobStore::LeaseLocked(Job job, const LeaseRequest& request) {
  Transition lease;
  lease.job = job.id;
  lease.event = JobEvent::kLease;
  lease.actor = "worker " + request.worker;
  lease.reason = "handed out";
  const std::string fingerprint =
      Fingerprint(job.inputs_hash, job.patient_digest, request.pipeline_hash, request.config_hash);
  auto done = OneJob("WHERE fingerprint = ? AND state IN ('done', 'not_evaluable')", {fingerprint});
  if (!done) return std::move(done).error();
  if (done->has_value()) {
    lease.event = JobEvent::kCancel;
    lease.actor = "dispatch";
    lease.reason =
        fmt::format("the same instances were analysed by the same pipeline in job {}", (*done)->id);
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
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  const auto hold = HoldLocked();
  if (!hold) return hold.error();
  if (hold->kind == HoldKind::kPause) return std::optional<Job>();
  // A study that is being looked at (due) may turn out to have changed, so its job waits.
  const std::string free_job =
      "WHERE state = 'ready' AND created_ms <= ? AND priority IN (" + PriorityList(request.open) +
      ") AND NOT EXISTS (SELECT 1 FROM studies WHERE studies.study_id = jobs.study_id AND "
      "studies.due_ms IS NOT NULL) ORDER BY priority, created_ms, id LIMIT 1" +
      std::string(connection_->dialect().lock_free_job);
  const UnixMs created_by_ms = hold->kind == HoldKind::kDrain ? hold->since_ms : INT64_MAX;
  std::optional<Job> leased;
  while (!leased) {
    auto next = OneJob(free_job, {created_by_ms});
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
  const MutexLock lock(mutex_);
  const auto extended =
      Run("UPDATE jobs SET lease_until_ms = ? WHERE id = ? AND attempt = ? AND state IN "
          "('leased', 'storing')",
          {lease_until_ms, job, attempt});
  if (!extended) return extended.error();
  if (extended->changed == 0)
    return Cancelled(fmt::format("job {}, attempt {} is not under way", job, attempt));
  return {};
}

Status SqlJobStore::WakeRetries(UnixMs now_ms, UnixMs longest_ms) {
  const MutexLock lock(mutex_);
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

}  // namespace osteon::plugin
