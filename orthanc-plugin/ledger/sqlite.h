// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite behind RAII and Result. Private to this folder, the only one that sees sqlite3.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace osteon::plugin {

// A prepared statement, bound from left to right. Errors are kept until Step or Run, so that
// binding reads as one line.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& Bind(std::int64_t value);
  Statement& Bind(int value) { return Bind(static_cast<std::int64_t>(value)); }
  Statement& Bind(std::uint32_t value) { return Bind(static_cast<std::int64_t>(value)); }
  Statement& Bind(std::string_view value);
  Statement& Bind(const std::string& value) { return Bind(std::string_view(value)); }
  Statement& Bind(const char* value) { return Bind(std::string_view(value)); }
  Statement& Bind(std::optional<std::int64_t> value);

  // True: there is a row.
  Result<bool> Step();
  // For statements without rows.
  Status Run();

  std::int64_t Int(int column) const;
  std::optional<std::int64_t> MaybeInt(int column) const;
  std::string Text(int column) const;

 private:
  Error Failure() const;

  sqlite3* database_;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  int error_ = 0;  // SQLITE_OK.
};

struct CloseDatabase {
  void operator()(sqlite3* database) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// Opens or makes the file with mode 0600, WAL, synchronous FULL (a commit that returned is on the
// disk).
Result<Database> OpenDatabase(const std::string& path);
Status Execute(sqlite3* database, const char* sql);
Error SqliteError(sqlite3* database, int code);
// The last failure was a UNIQUE index that refused the row.
bool IsDuplicate(sqlite3* database);
// Rows that the last INSERT, UPDATE or DELETE changed.
int ChangedRows(sqlite3* database);
// Of the last INSERT.
std::int64_t LastRowId(sqlite3* database);

// BEGIN IMMEDIATE; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(sqlite3* database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // REQUIRES: called before anything else.
  Status Begin();
  Status Commit();

 private:
  sqlite3* database_;
  bool open_ = false;
};

}  // namespace osteon::plugin
