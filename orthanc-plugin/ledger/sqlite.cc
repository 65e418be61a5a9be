// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace osteon::plugin {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

// Made here rather than by SQLite, so that others cannot read it even for a moment.
Status MakePrivateFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Unavailable("ledger " + path + ": " + std::strerror(errno));
  ::close(file);
  return {};
}

}  // namespace

Error SqliteError(sqlite3* database, int code) {
  const std::string text = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
    return Internal("the ledger is damaged (" + text +
                    "); restore it from a backup, or move it away and backfill");
  return Unavailable("the ledger does not answer: " + text);
}

bool IsDuplicate(sqlite3* database) {
  return sqlite3_extended_errcode(database) == SQLITE_CONSTRAINT_UNIQUE;
}

std::int64_t LastRowId(sqlite3* database) { return sqlite3_last_insert_rowid(database); }

int ChangedRows(sqlite3* database) { return sqlite3_changes(database); }

void CloseDatabase::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* prepared = nullptr;
  error_ =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &prepared, nullptr);
  statement_.reset(prepared);
}

Statement& Statement::Bind(std::int64_t value) {
  if (error_ == SQLITE_OK) error_ = sqlite3_bind_int64(statement_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::Bind(std::string_view value) {
  if (error_ == SQLITE_OK)
    error_ = sqlite3_bind_text64(statement_.get(), ++bound_, value.data() ? value.data() : "",
                                 value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::Bind(std::optional<std::int64_t> value) {
  if (value) return Bind(*value);
  if (error_ == SQLITE_OK) error_ = sqlite3_bind_null(statement_.get(), ++bound_);
  return *this;
}

Error Statement::Failure() const { return SqliteError(database_, error_); }

Result<bool> Statement::Step() {
  if (error_ != SQLITE_OK) return Failure();
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  error_ = code;
  return Failure();
}

Status Statement::Run() {
  const auto stepped = Step();
  if (!stepped) return stepped.error();
  return {};
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::MaybeInt(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return Int(column);
}

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (!text) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Status Execute(sqlite3* database, const char* sql) {
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(database, code);
  return {};
}

Result<Database> OpenDatabase(const std::string& path) {
  if (Status made = MakePrivateFile(path); !made) return std::move(made).error();
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return SqliteError(raw, code).During("open " + path);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  sqlite3_extended_result_codes(raw, 1);
  // WAL with FULL: the log is synced at every commit, so a power cut loses no transaction that
  // returned.
  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"})
    if (Status set = Execute(raw, pragma); !set)
      return std::move(set).error().During("open " + path);
  return database;
}

Transaction::Transaction(sqlite3* database) : database_(database) {}

Status Transaction::Begin() {
  Status begun = Execute(database_, "BEGIN IMMEDIATE");
  open_ = begun.ok();
  return begun;
}

Status Transaction::Commit() {
  Status committed = Execute(database_, "COMMIT");
  if (committed) open_ = false;
  return committed;
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace osteon::plugin
