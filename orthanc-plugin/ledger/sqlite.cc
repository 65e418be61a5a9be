// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/sqlite.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <map>

namespace osteon::plugin {
namespace {

constexpr int kBusyTimeoutMs = 5'000;  // For a backup or an administrator that reads the file.

// A transaction is BEGIN IMMEDIATE, so there is never another writer: no row needs a lock.
constexpr Dialect kDialect = {
    .number = "INTEGER",
    .id_key = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .keyed = " WITHOUT ROWID",
    .append_only = R"sql(
      CREATE TRIGGER history_no_update BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
      CREATE TRIGGER history_no_delete BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;)sql",
    .lock_job = "",
    .lock_free_job = "",
};

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// Ends a run of a statement, which would keep its view of the file open, and its values.
struct EndRun {
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};
using Reset = std::unique_ptr<sqlite3_stmt, EndRun>;

Error SqliteError(sqlite3* database, int code) {
  const std::string text = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
    return Internal("the ledger is damaged (" + text +
                    "); restore it from a backup, or move it away and backfill");
  return Unavailable("the ledger does not answer: " + text);
}

int Bind(sqlite3_stmt* statement, int index, const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&cell))
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
  return sqlite3_bind_null(statement, index);
}

Cell ReadCell(sqlite3_stmt* statement, int column) {
  const int type = sqlite3_column_type(statement, column);
  if (type == SQLITE_NULL) return {};
  if (type == SQLITE_INTEGER) return sqlite3_column_int64(statement, column);
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text ? std::string(text, size) : std::string();
}

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(Database database) : database_(std::move(database)) {}

  const Dialect& dialect() const override { return kDialect; }

  Result<Answer> Run(std::string_view sql, const std::vector<Value>& values) override {
    sqlite3_stmt* prepared = nullptr;
    int code = Prepare(sql, prepared);
    const Reset reset(prepared);
    for (std::size_t i = 0; i < values.size() && code == SQLITE_OK; ++i)
      code = Bind(prepared, static_cast<int>(i) + 1, values[i].cell);
    if (code != SQLITE_OK) return SqliteError(database_.get(), code);
    Answer answer;
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
      Row& row = answer.rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(prepared); ++i)
        row.cells.push_back(ReadCell(prepared, i));
    }
    if (code != SQLITE_DONE) return SqliteError(database_.get(), code);
    answer.changed = sqlite3_changes64(database_.get());
    return answer;
  }

  Status Execute(const std::string& sql) override {
    const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return SqliteError(database_.get(), code);
    return {};
  }

  bool IsDuplicate() const override {
    return sqlite3_extended_errcode(database_.get()) == SQLITE_CONSTRAINT_UNIQUE;
  }

  Status Begin() override { return Execute("BEGIN IMMEDIATE"); }
  Status Commit() override { return Execute("COMMIT"); }
  void Rollback() override { sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr); }

  Result<std::int64_t> LockSchema() override {
    const auto version = Run("PRAGMA user_version", {});
    if (!version) return version.error();
    return version->rows.at(0).Int(0);
  }

  Status SetSchemaVersion(std::int64_t version) override {
    return Execute(fmt::format("PRAGMA user_version={}", version));
  }

 private:
  // Compiling a statement takes longer than running it, and there are few of them.
  int Prepare(std::string_view sql, sqlite3_stmt*& prepared) {
    constexpr std::size_t kMostStatements = 200;
    if (const auto known = statements_.find(sql); known != statements_.end()) {
      prepared = known->second.get();
      return SQLITE_OK;
    }
    if (statements_.size() >= kMostStatements) statements_.clear();
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code == SQLITE_OK) statements_.emplace(sql, prepared);
    return code;
  }

  Database database_;
  std::map<std::string, Statement, std::less<>> statements_;  // By their text; gone before it.
};

// Made here rather than by SQLite, so that others cannot read it even for a moment.
Status MakePrivateFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Unavailable("ledger " + path + ": " + std::strerror(errno));
  ::close(file);
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> OpenSqlite(const std::string& path) {
  if (Status made = MakePrivateFile(path); !made) return std::move(made).error();
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) return SqliteError(raw, code).During("open " + path);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  sqlite3_extended_result_codes(raw, 1);
  auto connection = std::make_unique<SqliteConnection>(std::move(database));
  // WAL with FULL: the log is synced at every commit, so a power cut loses no transaction that
  // returned.
  for (const char* pragma :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"})
    if (Status set = connection->Execute(pragma); !set)
      return std::move(set).error().During("open " + path);
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace osteon::plugin
