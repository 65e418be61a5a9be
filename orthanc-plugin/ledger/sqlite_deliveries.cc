// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the SQLite ledger that concerns copies to other nodes.
#include "orthanc-plugin/ledger/sqlite_store.h"

namespace osteon::plugin {
namespace {

constexpr const char* kColumns =
    "SELECT job, destination, state, attempts, not_before_ms, reason FROM deliveries ";

Result<std::vector<DeliveryRow>> ReadRows(Statement& query) {
  std::vector<DeliveryRow> rows;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back({query.Int(0), query.Text(1), query.Text(2), static_cast<int>(query.Int(3)),
                    query.Int(4), query.Text(5)});
  }
}

}  // namespace

Result<Job> SqliteJobStore::Finish(const Transition& transition,
                                   const std::vector<std::string>& destinations, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  auto job = ApplyLocked(transition, now_ms);
  if (!job) return job;
  for (const std::string& destination : destinations) {
    Statement insert(database_.get(),
                     "INSERT INTO deliveries (job, destination, state, not_before_ms) "
                     "VALUES (?, ?, 'waiting', ?) ON CONFLICT (job, destination) DO UPDATE SET "
                     "state = 'waiting', attempts = 0, not_before_ms = excluded.not_before_ms");
    if (Status run = insert.Bind(job->id).Bind(destination).Bind(now_ms).Run(); !run)
      return std::move(run).error();
  }
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return job;
}

Result<std::vector<DeliveryRow>> SqliteJobStore::DueDeliveries(UnixMs now_ms, UnixMs longest_ms,
                                                               int limit) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(),
                  std::string(kColumns) +
                      "WHERE state = 'waiting' AND (not_before_ms <= ? OR not_before_ms > ?) "
                      "ORDER BY not_before_ms LIMIT ?");
  query.Bind(now_ms).Bind(now_ms + longest_ms).Bind(limit);
  return ReadRows(query);
}

Status SqliteJobStore::UpdateDelivery(const DeliveryRow& row) {
  const std::lock_guard lock(mutex_);
  Statement update(database_.get(),
                   "UPDATE deliveries SET state = ?, attempts = ?, not_before_ms = ?, reason = ? "
                   "WHERE job = ? AND destination = ?");
  return update.Bind(row.state)
      .Bind(row.attempts)
      .Bind(row.not_before_ms)
      .Bind(row.reason)
      .Bind(row.job)
      .Bind(row.destination)
      .Run();
}

Result<std::vector<DeliveryRow>> SqliteJobStore::Deliveries(JobId job) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(), std::string(kColumns) + "WHERE job = ? ORDER BY destination");
  query.Bind(job);
  return ReadRows(query);
}

Result<int> SqliteJobStore::RetryDeliveries(JobId job, UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Statement update(database_.get(),
                   "UPDATE deliveries SET state = 'waiting', attempts = 0, not_before_ms = ? "
                   "WHERE job = ? AND state = 'failed'");
  if (Status run = update.Bind(now_ms).Bind(job).Run(); !run) return std::move(run).error();
  return ChangedRows(database_.get());
}

Status SqliteJobStore::CountDeliveries(LedgerCounts& counts) {
  Statement query(database_.get(),
                  "SELECT COALESCE(SUM(state = 'waiting'), 0), COALESCE(SUM(state = 'failed'), 0) "
                  "FROM deliveries");
  const auto row = query.Step();
  if (!row) return row.error();
  counts.copies_waiting = query.Int(0);
  counts.copies_failed = query.Int(1);
  return {};
}

}  // namespace osteon::plugin
