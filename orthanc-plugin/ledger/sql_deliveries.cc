// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store for copies to other nodes.
#include "orthanc-plugin/ledger/sql_store.h"

#include <fmt/core.h>

namespace osteon::plugin {
namespace {

constexpr const char* kColumns =
    "SELECT job, destination, state, attempts, not_before_ms, reason FROM deliveries ";

Result<std::vector<DeliveryRow>> ReadRows(const Result<Answer>& answer) {
  if (!answer) return answer.error();
  std::vector<DeliveryRow> rows;
  for (const Row& row : answer->rows)
    rows.push_back({row.Int(0), row.Text(1), row.Text(2), static_cast<int>(row.Int(3)), row.Int(4),
                    row.Text(5)});
  return rows;
}

Error TakenByAnother(const DeliveryRow& row) {
  return Cancelled(fmt::format("the copy of job {} to {} was taken over by another Orthanc",
                               row.job, row.destination));
}

constexpr int kFailedLimit = 50;

}  // namespace

Result<Job> SqlJobStore::Finish(const Transition& transition,
                                const std::vector<std::string>& destinations, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto job = ApplyLocked(transition, now_ms);
  if (!job) return job;
  for (const std::string& destination : destinations) {
    Status written =
        Do("INSERT INTO deliveries (job, destination, state, not_before_ms) "
           "VALUES (?, ?, 'waiting', ?) ON CONFLICT (job, destination) DO UPDATE SET "
           "state = 'waiting', attempts = 0, not_before_ms = excluded.not_before_ms",
           {job->id, destination, now_ms});
    if (!written) return std::move(written).error();
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<std::vector<DeliveryRow>> SqlJobStore::DueDeliveries(UnixMs now_ms, UnixMs longest_ms,
                                                            int limit) {
  const MutexLock lock(mutex_);
  return ReadRows(
      Run(std::string(kColumns) +
              "WHERE (state = 'waiting' AND (not_before_ms <= ? OR not_before_ms > ?)) OR state = "
              "'sending' ORDER BY not_before_ms LIMIT ?",
          {now_ms, now_ms + longest_ms, limit}));
}

Result<DeliveryRow> SqlJobStore::ClaimDelivery(const DeliveryRow& seen, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  DeliveryRow claimed = seen;
  claimed.state = "sending";
  // Always another number than before: by it others see that the sender lives.
  claimed.not_before_ms = now_ms == seen.not_before_ms ? now_ms + 1 : now_ms;
  const auto taken = Run(
      "UPDATE deliveries SET state = ?, not_before_ms = ? WHERE job = ? AND destination = ? AND "
      "state = ? AND attempts = ? AND not_before_ms = ?",
      {claimed.state, claimed.not_before_ms, seen.job, seen.destination, seen.state, seen.attempts,
       seen.not_before_ms});
  if (!taken) return taken.error();
  if (taken->changed == 0) return TakenByAnother(seen);
  return claimed;
}

Status SqlJobStore::UpdateDelivery(const DeliveryRow& claimed, const DeliveryRow& row) {
  const MutexLock lock(mutex_);
  const auto written =
      Run("UPDATE deliveries SET state = ?, attempts = ?, not_before_ms = ?, reason = ? "
          "WHERE job = ? AND destination = ? AND state = 'sending' AND not_before_ms = ?",
          {row.state, row.attempts, row.not_before_ms, row.reason, row.job, row.destination,
           claimed.not_before_ms});
  if (!written) return written.error();
  if (written->changed == 0) return TakenByAnother(row);
  return {};
}

Result<std::vector<DeliveryRow>> SqlJobStore::Deliveries(JobId job) {
  const MutexLock lock(mutex_);
  return ReadRows(Run(std::string(kColumns) + "WHERE job = ? ORDER BY destination", {job}));
}

Result<int> SqlJobStore::RetryDeliveries(JobId job, UnixMs now_ms) {
  const MutexLock lock(mutex_);
  const auto retried =
      Run("UPDATE deliveries SET state = 'waiting', attempts = 0, not_before_ms = ? "
          "WHERE job = ? AND state = 'failed'",
          {now_ms, job});
  if (!retried) return retried.error();
  return static_cast<int>(retried->changed);
}

Result<std::vector<DeliveryRow>> SqlJobStore::FailedDeliveries() {
  return ReadRows(
      Run(std::string(kColumns) + "WHERE state = 'failed' ORDER BY job DESC, destination LIMIT ?",
          {kFailedLimit}));
}

Status SqlJobStore::CountDeliveries(LedgerCounts& counts) {
  const auto answer = Run("SELECT state, COUNT(*) FROM deliveries GROUP BY state", {});
  if (!answer) return answer.error();
  for (const Row& row : answer->rows) {
    if (row.Text(0) == "waiting" || row.Text(0) == "sending") counts.copies_waiting += row.Int(1);
    if (row.Text(0) == "failed") counts.copies_failed += row.Int(1);
  }
  return {};
}

}  // namespace osteon::plugin
