// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the SQLite ledger that tells about many jobs at once, or all that became of one.
#include "orthanc-plugin/ledger/sqlite_store.h"

namespace osteon::plugin {

Result<std::vector<std::string>> SqliteJobStore::StudiesIn(const std::vector<JobState>& states) {
  const std::lock_guard lock(mutex_);
  std::string list;  // Names from the table of states.cc, so they may be pasted.
  for (const JobState state : states)
    list += (list.empty() ? "'" : ", '") + std::string(Name(state)) + "'";
  Statement query(database_.get(),
                  "SELECT DISTINCT study_id FROM jobs WHERE state IN (" + list + ")");
  std::vector<std::string> ids;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return ids;
    ids.push_back(query.Text(0));
  }
}

Result<std::vector<HistoryRow>> SqliteJobStore::History(JobId job) {
  const std::lock_guard lock(mutex_);
  Statement query(
      database_.get(),
      "SELECT sequence, at_ms, actor, event, from_state, to_state, attempt, reason FROM history "
      "WHERE job = ? ORDER BY sequence");
  query.Bind(job);
  std::vector<HistoryRow> rows;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back({query.Int(0), query.Int(1), query.Text(2), query.Text(3), query.Text(4),
                    query.Text(5), static_cast<std::uint32_t>(query.Int(6)), query.Text(7)});
  }
}

Result<LedgerCounts> SqliteJobStore::Counts() {
  const std::lock_guard lock(mutex_);
  LedgerCounts counts;
  for (const JobState state : kJobStates) counts.by_state.emplace_back(state, 0);
  Statement query(database_.get(), "SELECT state, COUNT(*) FROM jobs GROUP BY state");
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) break;
    for (auto& [state, count] : counts.by_state)
      if (query.Text(0) == Name(state)) count = query.Int(1);
  }
  Statement oldest(
      database_.get(),
      "SELECT COALESCE(MIN(created_ms), 0) FROM jobs WHERE state IN ('ready', 'leased', 'storing', "
      "'retry_wait')");
  const auto row = oldest.Step();
  if (!row) return row.error();
  counts.oldest_waiting_ms = oldest.Int(0);
  if (Status counted = CountDeliveries(counts); !counted) return std::move(counted).error();
  return counts;
}

}  // namespace osteon::plugin
