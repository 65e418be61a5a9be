// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the SQLite ledger that concerns studies.
#include <algorithm>
#include <charconv>

#include "orthanc-plugin/ledger/sqlite_store.h"

namespace osteon::plugin {
namespace {

constexpr const char* kStudyColumns =
    "SELECT study_id, last_update, first_seen_ms, last_change_ms, due_ms FROM studies ";
// A stamp further ahead than this was written before the clock was set back.
constexpr UnixMs kClockSlackMs = 60'000;
constexpr const char* kNewestChange = "newest_change";  // "number digest"

StudyRow ReadRow(const Statement& row) {
  return {row.Text(0), row.Text(1), row.Int(2), row.Int(3), row.MaybeInt(4)};
}

}  // namespace

Result<std::string> SqliteJobStore::Meta(const char* key) {
  Statement query(database_.get(), "SELECT value FROM meta WHERE key = ?");
  const auto row = query.Bind(key).Step();
  if (!row) return row.error();
  return *row ? query.Text(0) : std::string();
}

Result<std::int64_t> SqliteJobStore::MetaNumber(const char* key) {
  const auto text = Meta(key);
  if (!text) return text.error();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size())
    return Internal("the ledger is damaged: no number for " + std::string(key));
  return value;
}

Status SqliteJobStore::SetMeta(const char* key, const std::string& value) {
  Statement upsert(database_.get(),
                   "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
                   "value = excluded.value");
  return upsert.Bind(key).Bind(value).Run();
}

// Ledgers from before it was written know the cursor only.
Result<ChangeMark> SqliteJobStore::NewestLocked() {
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

Status SqliteJobStore::NoteLocked(const ChangeMark& change) {
  const auto newest = NewestLocked();
  if (!newest) return newest.error();
  if (change.number < newest->number) return {};
  return SetMeta(kNewestChange, std::to_string(change.number) + " " + change.digest);
}

Result<ChangeMark> SqliteJobStore::NewestChange() {
  const std::lock_guard lock(mutex_);
  return NewestLocked();
}

Status SqliteJobStore::NoteChange(const ChangeMark& change) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status noted = NoteLocked(change); !noted) return noted;
  return transaction.Commit();
}

Status SqliteJobStore::RestartChanges(const ChangeMark& last) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return begun;
  if (Status set = SetMeta("cursor", std::to_string(last.number)); !set) return set;
  if (Status set = SetMeta(kNewestChange, std::to_string(last.number) + " " + last.digest); !set)
    return set;
  return transaction.Commit();
}

Result<std::int64_t> SqliteJobStore::Cursor() {
  const std::lock_guard lock(mutex_);
  return MetaNumber("cursor");
}

Result<UnixMs> SqliteJobStore::BornMs() {
  const std::lock_guard lock(mutex_);
  return MetaNumber("born_ms");
}

Status SqliteJobStore::TouchLocked(const std::string& study_id, const Touch& touch) {
  Statement latest(database_.get(),
                   "SELECT state FROM jobs WHERE study_id = ? ORDER BY id DESC LIMIT 1");
  const auto has_job = latest.Bind(study_id).Step();
  if (!has_job) return has_job.error();
  const bool collecting = *has_job && latest.Text(0) == Name(JobState::kCollecting);
  // A collection that is running keeps its start, or a study that trickles in would never reach its
  // force time.
  Statement upsert(database_.get(),
                   "INSERT INTO studies (study_id, first_seen_ms, last_change_ms, due_ms) VALUES "
                   "(?1, ?2, ?2, ?3) "
                   "ON CONFLICT (study_id) DO UPDATE SET last_change_ms = ?2, first_seen_ms = "
                   "CASE WHEN ?4 AND first_seen_ms <= ?2 THEN first_seen_ms ELSE ?2 END");
  const UnixMs due = touch.now_ms + std::min(touch.quiet_ms, touch.force_ms);
  upsert.Bind(study_id).Bind(touch.now_ms).Bind(due).Bind(collecting ? 1 : 0);
  if (Status run = upsert.Run(); !run) return run;
  Statement set_due(
      database_.get(),
      "UPDATE studies SET due_ms = MAX(?2, MIN(?2 + ?3, first_seen_ms + ?4)) WHERE study_id = ?1");
  if (Status run =
          set_due.Bind(study_id).Bind(touch.now_ms).Bind(touch.quiet_ms).Bind(touch.force_ms).Run();
      !run)
    return run;
  if (*has_job) return {};
  const auto made = InsertLocked(
      {study_id, "", touch.priority, "intake", touch.reason, std::nullopt}, touch.now_ms);
  if (!made) return made.error();
  return {};
}

Status SqliteJobStore::RecordChanges(const Touch& touch) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_.get());
  if (Status begun = transaction.Begin(); !begun) return begun;
  for (const std::string& study_id : touch.study_ids)
    if (Status touched = TouchLocked(study_id, touch); !touched) return touched;
  if (touch.cursor) {
    if (Status set = SetMeta("cursor", std::to_string(touch.cursor->number)); !set) return set;
    if (Status noted = NoteLocked(*touch.cursor); !noted) return noted;
  }
  return transaction.Commit();
}

Result<std::optional<StudyRow>> SqliteJobStore::FindStudyRow(const std::string& study_id) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(), std::string(kStudyColumns) + "WHERE study_id = ?");
  const auto row = query.Bind(study_id).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<StudyRow>();
  return std::optional<StudyRow>(ReadRow(query));
}

Status SqliteJobStore::ForgetFuture(UnixMs now_ms) {
  const std::lock_guard lock(mutex_);
  Statement update(
      database_.get(),
      "UPDATE studies SET last_change_ms = ?1, first_seen_ms = MIN(first_seen_ms, ?1), "
      "due_ms = MIN(due_ms, ?1) WHERE due_ms IS NOT NULL AND last_change_ms > ?2");
  return update.Bind(now_ms).Bind(now_ms + kClockSlackMs).Run();
}

Result<std::vector<StudyRow>> SqliteJobStore::DueStudies(UnixMs now_ms, int limit) {
  const std::lock_guard lock(mutex_);
  Statement query(database_.get(),
                  std::string(kStudyColumns) +
                      "WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?");
  query.Bind(now_ms).Bind(limit);
  std::vector<StudyRow> rows;
  while (true) {
    const auto row = query.Step();
    if (!row) return row.error();
    if (!*row) return rows;
    rows.push_back(ReadRow(query));
  }
}

Result<std::optional<UnixMs>> SqliteJobStore::NextDueMs() {
  const std::lock_guard lock(mutex_);
  Statement query(
      database_.get(),
      "SELECT MIN(t) FROM (SELECT MIN(due_ms) AS t FROM studies WHERE due_ms IS NOT NULL "
      "UNION ALL SELECT MIN(not_before_ms) FROM jobs WHERE state = 'retry_wait')");
  const auto row = query.Step();
  if (!row) return row.error();
  return *row ? query.MaybeInt(0) : std::nullopt;
}

Status SqliteJobStore::Settle(const StudyRow& row, const std::string& last_update,
                              std::optional<UnixMs> due_ms) {
  const std::lock_guard lock(mutex_);
  Statement update(
      database_.get(),
      "UPDATE studies SET last_update = ?, due_ms = ? WHERE study_id = ? AND last_change_ms = ?");
  return update.Bind(last_update).Bind(due_ms).Bind(row.study_id).Bind(row.last_change_ms).Run();
}

}  // namespace osteon::plugin
