// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the store that concerns all jobs together: what a digest tells of a period, what a
// person holds up, and which digests were sent.
#include <fmt/core.h>

#include <charconv>

#include "orthanc-plugin/ledger/sql_store.h"

namespace osteon::plugin {
namespace {

constexpr const char* kHold =
    "hold";  // "kind since_ms", the actor and the reason on lines of their own
constexpr const char* kSelftest = "selftest";
constexpr const char* kSelftestRun = "selftest_run";  // "begun_ms beat study_uid actor", or empty
constexpr int kTookLimit = 50;
constexpr std::string_view kWorkerActor = "worker ";

// An attempt begins with its lease and ends when its job is with no worker any more.
constexpr const char* kAttempts =
    "SELECT begun.job, begun.actor, begun.at_ms, ended.at_ms, ended.to_state FROM history AS ended "
    "JOIN history AS begun ON begun.job = ended.job AND begun.attempt = ended.attempt AND "
    "begun.event = 'lease' WHERE ended.from_state IN ('leased', 'storing') AND ended.to_state NOT "
    "IN ('leased', 'storing') ";

EndedAttempt ReadAttempt(const Row& row) {
  std::string worker = row.Text(1);
  if (worker.starts_with(kWorkerActor)) worker.erase(0, kWorkerActor.size());
  return {row.Int(0), std::move(worker), row.Int(2), row.Int(3),
          JobStateFromName(row.Text(4)).value_or(JobState::kStuck)};
}

DigestSending ReadSending(const Row& row) {
  return {row.Text(0), row.Text(1), row.Text(2), static_cast<int>(row.Int(3)),
          row.Int(4),  row.Int(5),  row.Text(6)};
}

constexpr const char* kSendingColumns =
    "day, way, state, attempts, not_before_ms, until_ms, reason";

std::string OneLine(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

std::string RunText(const SelftestRun& run) {
  if (run.study_uid.empty()) return {};
  return fmt::format("{} {} {} {}", run.begun_ms, run.beat, run.study_uid, OneLine(run.actor));
}

SelftestRun ReadRun(std::string_view text) {
  SelftestRun run;
  const char* const end = text.data() + text.size();
  const char* at = std::from_chars(text.data(), end, run.begun_ms).ptr;
  if (at != end) at = std::from_chars(at + 1, end, run.beat).ptr;
  if (at == end) return {};
  text = {at + 1, end};
  const std::size_t blank = std::min(text.find(' '), text.size());
  run.study_uid = text.substr(0, blank);
  run.actor = text.substr(std::min(blank + 1, text.size()));
  return run;
}

}  // namespace

Result<PeriodRows> SqlJobStore::RowsOf(const Period& period) {
  const MutexLock lock(mutex_);
  Transaction transaction(*connection_);
  if (Status begun = transaction.Begin(); !begun) return std::move(begun).error();
  PeriodRows rows;
  std::vector<JobState> not_at_rest = {JobState::kStuck};
  for (const JobState state : kJobStates)
    if (IsOpen(state)) not_at_rest.push_back(state);
  // One statement, so that a job that moves meanwhile is in one state only.
  auto jobs = ManyJobs("WHERE (updated_ms >= ? AND updated_ms < ?) OR state IN (" +
                           StateList(not_at_rest) + ") ORDER BY id",
                       {period.since_ms, period.until_ms});
  if (!jobs) return std::move(jobs).error();
  rows.jobs = *std::move(jobs);
  if (Status read = ReadAttempts(period, rows); !read) return std::move(read).error();
  LedgerCounts counts;
  if (Status counted = CountDeliveries(counts); !counted) return std::move(counted).error();
  rows.copies_failed = counts.copies_failed;
  auto failed = FailedDeliveries();
  if (!failed) return std::move(failed).error();
  rows.failed_copies = *std::move(failed);
  const auto born = MetaNumber("born_ms");
  if (!born) return born.error();
  rows.born_ms = *born;
  auto hold = HoldLocked();
  if (!hold) return std::move(hold).error();
  rows.hold = *std::move(hold);
  if (Status committed = transaction.Commit(); !committed) return std::move(committed).error();
  return rows;
}

Status SqlJobStore::ReadAttempts(const Period& period, PeriodRows& rows) {
  const auto ended = Run(
      std::string(kAttempts) + "AND ended.at_ms >= ? AND ended.at_ms < ? ORDER BY ended.sequence",
      {period.since_ms, period.until_ms});
  if (!ended) return ended.error();
  for (const Row& row : ended->rows) rows.ended.push_back(ReadAttempt(row));
  const auto reported = Run(std::string(kAttempts) + "AND ended.to_state IN (" +
                                StateList({kReportedStates.begin(), kReportedStates.end()}) +
                                ") ORDER BY ended.sequence DESC LIMIT ?",
                            {kTookLimit});
  if (!reported) return reported.error();
  for (const Row& row : reported->rows) {
    const EndedAttempt attempt = ReadAttempt(row);
    rows.took_ms.push_back(attempt.ended_ms - attempt.leased_ms);
  }
  return {};
}

Result<Hold> SqlJobStore::HoldLocked() {
  const auto text = Meta(kHold);
  if (!text) return text.error();
  Hold hold;
  for (const HoldKind kind : {HoldKind::kPause, HoldKind::kDrain})
    if (text->starts_with(std::string(Name(kind)) + " ")) hold.kind = kind;
  if (hold.kind == HoldKind::kNone) return hold;
  const std::size_t number = Name(hold.kind).size() + 1;
  std::from_chars(text->data() + number, text->data() + text->size(), hold.since_ms);
  const std::size_t actor = text->find('\n') + 1;
  const std::size_t reason = text->find('\n', actor) + 1;
  if (actor == 0 || reason == 0) return Internal("the ledger is damaged: no actor for its hold");
  hold.actor = text->substr(actor, reason - 1 - actor);
  hold.reason = text->substr(reason);
  return hold;
}

Result<Hold> SqlJobStore::GetHold() {
  const MutexLock lock(mutex_);
  return HoldLocked();
}

Status SqlJobStore::SetHold(const Hold& hold) {
  const MutexLock lock(mutex_);
  return SetMeta(kHold, fmt::format("{} {}\n{}\n{}", Name(hold.kind), hold.since_ms,
                                    OneLine(hold.actor), OneLine(hold.reason)));
}

Result<std::string> SqlJobStore::LastSelftest() {
  const MutexLock lock(mutex_);
  return Meta(kSelftest);
}

Status SqlJobStore::KeepSelftest(const std::string& json) {
  const MutexLock lock(mutex_);
  return SetMeta(kSelftest, json);
}

Result<SelftestRun> SqlJobStore::RunningSelftest() {
  const MutexLock lock(mutex_);
  const auto text = Meta(kSelftestRun);
  if (!text) return text.error();
  return ReadRun(*text);
}

Status SqlJobStore::ReplaceSelftest(const SelftestRun& seen, const SelftestRun& now) {
  const MutexLock lock(mutex_);
  // One statement: of two Orthancs, one begins.
  const auto replaced =
      Run("INSERT INTO meta (key, value) VALUES (?1, ?3) ON CONFLICT (key) DO UPDATE SET value = "
          "excluded.value WHERE meta.value = ?2",
          {kSelftestRun, RunText(seen), RunText(now)});
  if (!replaced) return replaced.error();
  if (replaced->changed == 0) return Cancelled("another self-test runs");
  return {};
}

Result<std::optional<DigestSending>> SqlJobStore::ClaimSending(const std::string& day,
                                                               const std::string& way,
                                                               UnixMs now_ms, UnixMs until_ms,
                                                               UnixMs longest_ms) {
  const MutexLock lock(mutex_);
  // One statement: of two Orthancs, one gets the row.
  const auto claimed = Run(
      "INSERT INTO digests (day, way, state, attempts, not_before_ms) VALUES (?1, ?2, 'sending', "
      "1, ?4) ON CONFLICT (day, way) DO UPDATE SET state = 'sending', attempts = digests.attempts "
      "+ 1, not_before_ms = excluded.not_before_ms WHERE digests.state <> 'sent' AND "
      "(digests.not_before_ms <= ?3 OR digests.not_before_ms > ?5) RETURNING " +
          std::string(kSendingColumns),
      {day, way, now_ms, until_ms, now_ms + longest_ms});
  if (!claimed) return claimed.error();
  std::optional<DigestSending> row;
  if (!claimed->rows.empty()) row = ReadSending(claimed->rows[0]);
  return row;
}

Status SqlJobStore::UpdateSending(const DigestSending& claimed, const DigestSending& row) {
  const MutexLock lock(mutex_);
  const auto updated =
      Run("UPDATE digests SET state = ?, not_before_ms = ?, until_ms = ?, reason = ? WHERE day = ? "
          "AND way = ? AND state = ? AND attempts = ?",
          {row.state, row.not_before_ms, row.until_ms, row.reason, claimed.day, claimed.way,
           claimed.state, claimed.attempts});
  if (!updated) return updated.error();
  if (updated->changed == 0) return Cancelled("another Orthanc sends this digest");
  return {};
}

Result<std::vector<DigestSending>> SqlJobStore::Sendings(int limit) {
  const MutexLock lock(mutex_);
  const auto answer =
      Run("SELECT " + std::string(kSendingColumns) + " FROM digests ORDER BY day DESC, way LIMIT ?",
          {limit});
  if (!answer) return answer.error();
  std::vector<DigestSending> rows;
  for (const Row& row : answer->rows) rows.push_back(ReadSending(row));
  return rows;
}

}  // namespace osteon::plugin
