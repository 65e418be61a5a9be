// SPDX-License-Identifier: GPL-3.0-or-later
// A database as the ledger sees it: one connection that runs SQL and gives rows back. The store
// writes its SQL once, over this; sqlite.h and postgres.h are the two that stand behind it. Private
// to this folder.
//
// The SQL is what both understand: ON CONFLICT, RETURNING, CASE. What differs is in Dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

// NULL, a number, or text.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;

// What a placeholder stands for. Converts from all the store has, so that a statement and its
// values read as one line.
struct Value {
  // NOLINTBEGIN(google-explicit-constructor)
  Value(std::int64_t number) : cell(number) {}
  Value(int number) : cell(std::int64_t{number}) {}
  Value(std::uint32_t number) : cell(std::int64_t{number}) {}
  Value(std::optional<std::int64_t> number) : cell(number ? Cell(*number) : Cell()) {}
  Value(std::string text) : cell(std::move(text)) {}
  Value(std::string_view text) : cell(std::string(text)) {}
  Value(const char* text) : cell(std::string(text)) {}
  // NOLINTEND(google-explicit-constructor)

  Cell cell;
};

struct Row {
  std::vector<Cell> cells;

  // 0 for NULL.
  std::int64_t Int(std::size_t column) const { return MaybeInt(column).value_or(0); }
  std::optional<std::int64_t> MaybeInt(std::size_t column) const;
  // Empty for NULL.
  std::string Text(std::size_t column) const;
};

struct Answer {
  std::vector<Row> rows;
  std::int64_t changed = 0;  // Rows that an INSERT, UPDATE or DELETE touched.
};

// The SQL that differs between the two databases.
struct Dialect {
  std::string_view number;       // Type of a 64-bit number.
  std::string_view id_key;       // Type of a primary key that counts up by itself.
  std::string_view keyed;        // Behind a table that is only looked up by its primary key.
  std::string_view append_only;  // Statements that make the table `history` refuse changes.
  // Behind a SELECT of jobs: nobody else changes the row until the transaction ends. With the
  // second one, rows that somebody else has locked are left out.
  std::string_view lock_job;
  std::string_view lock_free_job;
};

// Thread-compatible. Errors: kUnavailable when the database does not answer, kInternal when it is
// damaged. A connection that was lost comes back by itself with a later call.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Dialect& dialect() const = 0;

  // One statement. Placeholders are ?1, ?2, ..., or ? for the next one.
  virtual Result<Answer> Run(std::string_view sql, const std::vector<Value>& values) = 0;
  // Several statements without values.
  virtual Status Execute(const std::string& sql) = 0;
  // The last failure was a UNIQUE index that refused the row.
  virtual bool IsDuplicate() const = 0;

  // Of class Transaction only.
  virtual Status Begin() = 0;
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;

  // Both: REQUIRES a transaction. The first one also keeps every other program from changing the
  // schema until it ends. 0: there is no schema yet.
  virtual Result<std::int64_t> LockSchema() = 0;
  virtual Status SetSchemaVersion(std::int64_t version) = 0;
};

// Rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // REQUIRES: called before anything else.
  Status Begin();
  Status Commit();

 private:
  Connection& connection_;
  bool open_ = false;
};

}  // namespace osteon::plugin
