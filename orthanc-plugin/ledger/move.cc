// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/move.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "orthanc-plugin/ledger/postgres.h"
#include "orthanc-plugin/ledger/schema.h"
#include "orthanc-plugin/ledger/sqlite.h"

namespace osteon::plugin {
namespace {

// Rows of one statement: its values stay far below the 65,535 that PostgreSQL takes.
constexpr int kRowsAtOnce = 500;

Result<std::int64_t> Number(Connection& connection, const std::string& sql) {
  const auto answer = connection.Run(sql, {});
  if (!answer) return answer.error();
  return answer->rows.empty() ? 0 : answer->rows[0].Int(0);
}

Result<std::vector<std::string>> Names(Connection& connection, const std::string& sql) {
  const auto answer = connection.Run(sql, {});
  if (!answer) return answer.error();
  std::vector<std::string> names;
  for (const Row& row : answer->rows) names.push_back(row.Text(0));
  return names;
}

// A file that leaves WAL has no other reader: SQLite refuses it otherwise.
Status RefuseOneInUse(Connection& source, const std::string& path) {
  const auto mode = Names(source, "PRAGMA journal_mode=DELETE");
  if (mode && mode->front() == "delete") return {};
  return InvalidInput(path + ": a program has it open; stop Orthanc first");
}

Status RefuseAnotherVersion(Connection& source, const std::string& path) {
  const auto version = source.LockSchema();
  if (!version) return version.error();
  if (*version == SchemaVersion()) return {};
  return Unsupported(
      fmt::format("{} has schema {}, this program knows {}; start and stop Orthanc once with the "
                  "plugin of this program's version",
                  path, *version, SchemaVersion()));
}

Result<std::unique_ptr<Connection>> OpenSource(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return InvalidInput(path + ": there is no such file");
  auto source = OpenSqlite(path);
  if (!source) return source;
  if (Status alone = RefuseOneInUse(**source, path); !alone) return std::move(alone).error();
  return source;
}

std::string Joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Status Insert(Connection& target, const std::string& table, const std::vector<std::string>& columns,
              const std::vector<Row>& rows) {
  std::string one = "(";
  for (std::size_t i = 0; i < columns.size(); ++i) one += i == 0 ? "?" : ", ?";
  one += ")";
  std::string all;
  std::vector<Value> values;
  for (const Row& row : rows) {
    all += (all.empty() ? "" : ", ") + one;
    for (const Cell& cell : row.cells) values.emplace_back(0).cell = cell;
  }
  const auto inserted = target.Run(
      "INSERT INTO " + table + " (" + Joined(columns) + ") OVERRIDING SYSTEM VALUE VALUES " + all,
      values);
  if (!inserted) return inserted.error();
  return {};
}

// What comes next is counted on from what was copied.
Status SetCounter(Connection& target, const std::string& table, const std::string& column) {
  const std::string last = "max(" + column + ")";
  const auto set = target.Run("SELECT setval(pg_get_serial_sequence(?, ?), " + last + ") FROM " +
                                  table + " HAVING " + last + " IS NOT NULL",
                              {table, column});
  if (!set) return set.error();
  return {};
}

Status SetCounters(Connection& target, const std::string& table) {
  const auto counted = target.Run(
      "SELECT column_name FROM information_schema.columns WHERE table_schema = 'osteon_ledger' "
      "AND table_name = ? AND is_identity = 'YES'",
      {table});
  if (!counted) return counted.error();
  for (const Row& row : counted->rows)
    if (Status set = SetCounter(target, table, row.Text(0)); !set) return set;
  return {};
}

// The first two columns of every table order its rows; a job that supersedes another comes after
// it.
Status CopyTable(Connection& source, Connection& target, MovedTable& table) {
  const auto columns = Names(source, "SELECT name FROM pragma_table_info('" + table.name + "')");
  if (!columns) return columns.error();
  while (true) {
    const auto page = source.Run(
        "SELECT " + Joined(*columns) + " FROM " + table.name + " ORDER BY 1, 2 LIMIT ? OFFSET ?",
        {kRowsAtOnce, table.rows});
    if (!page) return page.error();
    if (page->rows.empty()) break;
    if (Status put = Insert(target, table.name, *columns, page->rows); !put) return put;
    table.rows += static_cast<std::int64_t>(page->rows.size());
  }
  return SetCounters(target, table.name);
}

Status Verify(Connection& target, const MovedTable& table) {
  // PostgreSQL's has its version as a row.
  const std::string but = table.name == "meta" ? " WHERE key <> 'schema'" : "";
  const auto there = Number(target, "SELECT count(*) FROM " + table.name + but);
  if (!there) return there.error();
  if (*there == table.rows) return {};
  return Internal(fmt::format("table {}: {} of {} rows arrived; nothing was kept", table.name,
                              *there, table.rows));
}

Result<std::vector<MovedTable>> CopyAll(Connection& source, Connection& target) {
  // As they were made: one that refers to another comes after it.
  const auto names = Names(source,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                           "'sqlite%' ORDER BY rowid");
  if (!names) return names.error();
  const auto emptied = target.Run("DELETE FROM meta WHERE key <> 'schema'", {});
  if (!emptied) return emptied.error();
  std::vector<MovedTable> moved;
  for (const std::string& name : *names) {
    MovedTable& table = moved.emplace_back(MovedTable{name, 0});
    Status copied = CopyTable(source, target, table);
    if (copied) copied = Verify(target, table);
    if (!copied) return std::move(copied).error().During("copy table " + name);
  }
  return moved;
}

Status RefuseOneWithJobs(Connection& target) {
  const auto rows =
      Number(target, "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM studies)");
  if (!rows) return rows.error();
  if (*rows == 0) return {};
  return InvalidInput(
      "the ledger in PostgreSQL has jobs already; nothing was copied. If they are of no worth: "
      "DROP "
      "SCHEMA osteon_ledger CASCADE");
}

}  // namespace

Result<std::vector<MovedTable>> MoveLedger(const std::string& sqlite_path,
                                           const std::string& postgres_connection, UnixMs now_ms) {
  const auto source = OpenSource(sqlite_path);
  if (!source) return source.error();
  const auto target = OpenPostgres(postgres_connection);
  if (!target) return target.error();
  Transaction reading(**source);
  if (Status begun = reading.Begin(); !begun) return std::move(begun).error();
  if (Status same = RefuseAnotherVersion(**source, sqlite_path); !same)
    return std::move(same).error();
  if (Status made = Migrate(**target, now_ms); !made) return std::move(made).error();
  Transaction writing(**target);
  if (Status begun = writing.Begin(); !begun) return std::move(begun).error();
  if (Status empty = RefuseOneWithJobs(**target); !empty) return std::move(empty).error();
  auto moved = CopyAll(**source, **target);
  if (!moved) return moved;
  if (Status committed = writing.Commit(); !committed) return std::move(committed).error();
  return moved;
}

}  // namespace osteon::plugin
