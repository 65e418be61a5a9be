// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store that lists jobs, counts them, and reads the history of one.
#include "orthanc-plugin/ledger/sql_store.h"

namespace osteon::plugin {

std::string StateList(const std::vector<JobState>& states) {
  std::string list;
  for (const JobState state : states)
    list += (list.empty() ? "'" : ", '") + std::string(Name(state)) + "'";
  return list;
}

Result<std::vector<std::string>> SqlJobStore::StudiesIn(const std::vector<JobState>& states) {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT DISTINCT study_id FROM jobs WHERE state IN (" + StateList(states) + ")", {});
  if (!answer) return answer.error();
  std::vector<std::string> ids;
  for (const Row& row : answer->rows) ids.push_back(row.Text(0));
  return ids;
}

Result<std::vector<HistoryRow>> SqlJobStore::History(JobId job) {
  const MutexLock lock(mutex_);
  const auto answer = Run(
      "SELECT sequence, at_ms, actor, event, from_state, to_state, attempt, reason, why, series "
      "FROM history WHERE job = ? ORDER BY sequence",
      {job});
  if (!answer) return answer.error();
  std::vector<HistoryRow> rows;
  for (const Row& row : answer->rows)
    rows.push_back({row.Int(0), row.Int(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5),
                    static_cast<std::uint32_t>(row.Int(6)), row.Text(7), row.Text(8), row.Text(9)});
  return rows;
}

Result<LedgerCounts> SqlJobStore::Counts() {
  const MutexLock lock(mutex_);
  LedgerCounts counts;
  for (const JobState state : kJobStates) counts.by_state.emplace_back(state, 0);
  const auto answer = Run("SELECT state, COUNT(*) FROM jobs GROUP BY state", {});
  if (!answer) return answer.error();
  for (const Row& row : answer->rows)
    for (auto& [state, count] : counts.by_state)
      if (row.Text(0) == Name(state)) count = row.Int(1);
  const auto oldest = Run(
      "SELECT COALESCE(MIN(created_ms), 0) FROM jobs WHERE state IN ('ready', 'leased', 'storing', "
      "'retry_wait')",
      {});
  if (!oldest) return oldest.error();
  counts.oldest_waiting_ms = oldest->rows.at(0).Int(0);
  const auto waiting =
      Run("SELECT priority, COUNT(*) FROM jobs WHERE state IN ('ready', 'retry_wait') GROUP BY "
          "priority",
          {});
  if (!waiting) return waiting.error();
  for (const Row& row : waiting->rows)
    if (const auto priority = static_cast<std::size_t>(row.Int(0));
        priority < counts.waiting_by_priority.size())
      counts.waiting_by_priority[priority] = row.Int(1);
  if (Status counted = CountDeliveries(counts); !counted) return std::move(counted).error();
  return counts;
}

}  // namespace osteon::plugin
