// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store for studies.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "orthanc-plugin/ledger/sql_store.h"

namespace osteon::plugin {
namespace {

constexpr const char* kStudyColumns =
    "SELECT study_id, last_update, first_seen_ms, last_change_ms, due_ms FROM studies ";
// A stamp further ahead than this was written before the clock was set back.
constexpr UnixMs kClockSlackMs = 60'000;
constexpr const char* kNewestChange = "newest_change";  // "number digest"

StudyRow ReadRow(const Row& row) {
  return {row.Text(0), row.Text(1), row.Int(2), row.Int(3), row.MaybeInt(4)};
}

}  // namespace

Result<std::string> SqlJobStore::Meta(const char* key) {
  const auto answer = Run("SELECT value FROM meta WHERE key = ?", {key});
  if (!answer) return answer.error();
  return answer->rows.empty() ? std::string() : answer->rows[0].Text(0);
}

Result<std::int64_t> SqlJobStore::MetaNumber(const char* key) {
  const auto text = Meta(key);
  if (!text) return text.error();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size())
    return Internal("the ledger is damaged: no number for " + std::string(key));
  return value;
}

Status SqlJobStore::SetMeta(const char* key, const std::string& value) {
  return Do(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
      "value = excluded.value",
      {key, value});
}

// Ledgers from before it was written know the cursor only.
Result<ChangeMark> SqlJobStore::NewestLocked() {
  const auto text = Meta(kNewestChange);
  if (!text) return text.error();
  ChangeMark mark;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), mark.number);
  if (error == std::errc{}) {
    const auto blank = static_cast<std::size_t>(end - text->data());
    if (blank < text->size()) mark.digest = text->substr(blank + 1);
    return mark;
  }
  const auto cursor = MetaNumber("cursor");
  if (!cursor) return cursor.error();
  mark.number = *cursor;
  return mark;
}

Status SqlJobStore::NoteLocked(const ChangeMark& change) {
  // The update locks the row, so that of two Orthancs the one with the older row does not win.
  if (Status held = Do("UPDATE meta SET value = value WHERE key = ?", {kNewestChange}); !held)
    return held;
  const auto newest = NewestLocked();
  if (!newest) return newest.error();
  if (change.number < newest->number) return {};
  return SetMeta(kNewestChange, fmt::format("{} {}", change.number, change.digest));
}

Result<ChangeMark> SqlJobStore::NewestChange() {
  const MutexLock lock(mutex_);
  return NewestLocked();
}

Status SqlJobStore::NoteChange(const ChangeMark& change) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status noted = NoteLocked(change); !noted) return noted;
  return transaction.Commit();
}

Status SqlJobStore::RestartChanges(const CursorStep& step) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status moved = MoveCursor(step); !moved) return moved;
  if (Status set = SetMeta(kNewestChange, fmt::format("{} {}", step.to.number, step.to.digest));
      !set)
    return set;
  return transaction.Commit();
}

Result<std::int64_t> SqlJobStore::Cursor() {
  const MutexLock lock(mutex_);
  return MetaNumber("cursor");
}

Result<UnixMs> SqlJobStore::BornMs() {
  const MutexLock lock(mutex_);
  return MetaNumber("born_ms");
}

Status SqlJobStore::MoveCursor(const CursorStep& step) {
  const auto moved = Run("UPDATE meta SET value = ? WHERE key = 'cursor' AND value = ?",
                         {std::to_string(step.to.number), std::to_string(step.from)});
  if (!moved) return moved.error();
  if (moved->changed == 0) return Cancelled("another Orthanc has read these changes");
  return {};
}

Status SqlJobStore::TouchLocked(const std::string& study_id, const Touch& touch) {
  // Comes first, since it locks the study: two Orthancs that see it arrive make one job. The stamp
  // is another one each time, so that Settle sees that something arrived meanwhile.
  const auto touched = Run(
      "INSERT INTO studies (study_id, first_seen_ms, last_change_ms) VALUES (?1, ?2, ?2) "
      "ON CONFLICT (study_id) DO UPDATE SET last_change_ms = CASE WHEN studies.last_change_ms = "
      "excluded.last_change_ms THEN excluded.last_change_ms - 1 ELSE excluded.last_change_ms END "
      "RETURNING first_seen_ms",
      {study_id, touch.now_ms});
  if (!touched) return touched.error();
  const auto latest =
      Run("SELECT state FROM jobs WHERE study_id = ? ORDER BY id DESC LIMIT 1", {study_id});
  if (!latest) return latest.error();
  const bool has_job = !latest->rows.empty();
  const bool collecting = has_job && latest->rows[0].Text(0) == Name(JobState::kCollecting);
  // A collection that is running keeps its start, or a study that trickles in would never reach its
  // force time.
  const UnixMs seen_ms = touched->rows.at(0).Int(0);
  const UnixMs first_ms = collecting && seen_ms <= touch.now_ms ? seen_ms : touch.now_ms;
  const UnixMs due_ms =
      std::max(touch.now_ms, std::min(touch.now_ms + touch.quiet_ms, first_ms + touch.force_ms));
  if (Status set = Do("UPDATE studies SET first_seen_ms = ?, due_ms = ? WHERE study_id = ?",
                      {first_ms, due_ms, study_id});
      !set)
    return set;
  if (has_job) return {};
  const auto made = InsertLocked(
      {study_id, "", touch.priority, "intake", touch.reason, std::nullopt}, touch.now_ms);
  if (!made) return made.error();
  return {};
}

Status SqlJobStore::RecordChanges(const Touch& touch) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (touch.cursor) {
    if (Status moved = MoveCursor(*touch.cursor); !moved) return moved;
    if (Status noted = NoteLocked(touch.cursor->to); !noted) return noted;
  }
  // In one order for all, so that two Orthancs do not wait for each other.
  std::vector<std::string> study_ids = touch.study_ids;
  std::sort(study_ids.begin(), study_ids.end());
  for (const std::string& study_id : study_ids)
    if (Status touched = TouchLocked(study_id, touch); !touched) return touched;
  return transaction.Commit();
}

Result<std::optional<StudyRow>> SqlJobStore::FindStudyRow(const std::string& study_id) {
  const MutexLock lock(mutex_);
  const auto answer = Run(std::string(kStudyColumns) + "WHERE study_id = ?", {study_id});
  if (!answer) return answer.error();
  std::optional<StudyRow> row;
  if (!answer->rows.empty()) row = ReadRow(answer->rows[0]);
  return row;
}

Status SqlJobStore::ForgetFuture(UnixMs now_ms) {
  const MutexLock lock(mutex_);
  return Do(
      "UPDATE studies SET last_change_ms = ?1, "
      "first_seen_ms = CASE WHEN first_seen_ms < ?1 THEN first_seen_ms ELSE ?1 END, "
      "due_ms = CASE WHEN due_ms < ?1 THEN due_ms ELSE ?1 END "
      "WHERE due_ms IS NOT NULL AND last_change_ms > ?2",
      {now_ms, now_ms + kClockSlackMs});
}

Result<std::vector<StudyRow>> SqlJobStore::DueStudies(UnixMs now_ms, int limit) {
  const MutexLock lock(mutex_);
  const auto answer = Run(std::string(kStudyColumns) +
                              "WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?",
                          {now_ms, limit});
  if (!answer) return answer.error();
  std::vector<StudyRow> rows;
  for (const Row& row : answer->rows) rows.push_back(ReadRow(row));
  return rows;
}

Result<std::optional<UnixMs>> SqlJobStore::NextDueMs() {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT MIN(t) FROM (SELECT MIN(due_ms) AS t FROM studies WHERE due_ms IS NOT NULL "
          "UNION ALL SELECT MIN(not_before_ms) FROM jobs WHERE state = 'retry_wait') AS times",
          {});
  if (!answer) return answer.error();
  return answer->rows.empty() ? std::nullopt : answer->rows[0].MaybeInt(0);
}

Status SqlJobStore::Settle(const StudyRow& row, const std::string& last_update,
                           std::optional<UnixMs> due_ms) {
  const MutexLock lock(mutex_);
  return Do(
      "UPDATE studies SET last_update = ?, due_ms = ? WHERE study_id = ? AND last_change_ms = ?",
      {last_update, due_ms, row.study_id, row.last_change_ms});
}

}  // namespace osteon::plugin
