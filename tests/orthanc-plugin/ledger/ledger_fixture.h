// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger for one test, in SQLite or in PostgreSQL. The tests of PostgreSQL share one server in a
// process; each finds an empty database.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/orthanc-plugin/fakes.h"
#include "tests/orthanc-plugin/postgres_server.h"

namespace osteon::plugin {

enum class Database { kSqlite, kPostgres };
// How ctest names the parameter of a test.
inline void PrintTo(Database database, std::ostream* out) {
  *out << (database == Database::kSqlite ? "SQLite" : "PostgreSQL");
}

// The server of this process, started when it is first asked for.
inline PostgresServer& Server() {
  static PostgresServer server;
  return server;
}

// Runs SQL beside the store, as an administrator would. Whether the database accepted it.
inline bool RunPostgres(const std::string& sql) {
  PGconn* connection = PQconnectdb(Server().connection().c_str());
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PGresult* result = PQexec(connection, ("SET search_path TO osteon_ledger; " + sql).c_str());
  const ExecStatusType status = PQresultStatus(result);
  PQclear(result);
  PQfinish(connection);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}
inline bool RunSqlite(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  const bool took = sqlite3_open(path.c_str(), &raw) == SQLITE_OK &&
                    sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(raw);
  return took;
}

class LedgerFixture : public testing::Test {
 protected:
  explicit LedgerFixture(Database kind) : kind_(kind) {
    if (kind_ == Database::kPostgres)
      Check(RunPostgres("DROP SCHEMA IF EXISTS osteon_ledger CASCADE"),
            "the database can be emptied");
    Reopen();
  }

  Result<std::unique_ptr<JobStore>> OpenOne() {
    return kind_ == Database::kPostgres ? OpenPostgresJobStore(Server().connection(), clock.now_ms)
                                        : OpenSqliteJobStore(file_.path(), clock.now_ms);
  }
  // As at a restart: closes the store and opens it again.
  void Reopen() {
    store_.reset();
    auto opened = OpenOne();
    Check(opened.ok(), opened ? "" : opened.error().message().c_str());
    store_ = *std::move(opened);
  }
  // As when Orthanc is stopped.
  void Close() {
    store_.reset();
    file_.store.reset();
  }
  // Puts what `sql` writes in the place of the ledger, and opens that.
  void Replace(const std::string& sql) {
    Close();
    Check(kind_ == Database::kPostgres ? RunPostgres("DROP SCHEMA osteon_ledger CASCADE")
                                       : std::filesystem::remove(path()),
          "the ledger can be removed");
    Check(RunSql(sql), "another ledger can be written");
    Reopen();
  }
  bool RunSql(const std::string& sql) {
    return kind_ == Database::kPostgres ? RunPostgres(sql) : RunSqlite(file_.path(), sql);
  }

  JobStore::Touch TouchOf(std::vector<std::string> studies) {
    JobStore::Touch touch;
    touch.study_ids = std::move(studies);
    touch.now_ms = clock.now_ms;
    touch.quiet_ms = 10'000;
    touch.force_ms = 60'000;
    touch.reason = "test";
    return touch;
  }

  // A job of a new study, ready to be leased.
  Job MakeReady(const std::string& study, Priority priority = Priority::kRoutine) {
    JobStore::Touch touch = TouchOf({study});
    touch.priority = priority;
    EXPECT_TRUE(store().RecordChanges(touch));
    const Job job = **store().Latest(study);
    JobPatch patch;
    patch.inputs_hash = "inputs of " + study;
    EXPECT_TRUE(store().Apply({job.id, JobEvent::kGateOpened, "test", "complete", {}, patch},
                              clock.now_ms));
    EXPECT_TRUE(store().Settle(**store().FindStudyRow(study), "stamp", std::nullopt));
    return **store().Find(job.id);
  }

  std::optional<Job> LeaseFrom(JobStore& from, const std::string& worker = "w") {
    LeaseRequest request;
    request.worker = worker;
    request.pipeline_hash = "pipeline";
    request.config_hash = "config";
    request.open.assign(kPriorities.begin(), kPriorities.end());
    request.now_ms = clock.now_ms;
    request.lease_ms = 60'000;
    auto leased = from.Lease(request);
    EXPECT_TRUE(leased.ok()) << leased.error().message();
    return leased ? *leased : std::nullopt;
  }
  std::optional<Job> LeaseOne() { return LeaseFrom(store()); }

  // A job that is done, with one copy that waits.
  Job MakeDone(const std::string& study) {
    MakeReady(study);
    Job job = *LeaseOne();
    const std::uint32_t attempt = job.attempt;
    EXPECT_TRUE(store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", attempt, {}}, {},
                                     clock.now_ms));
    EXPECT_TRUE(store().Finish({job.id, JobEvent::kVerified, "w", "", attempt, {}}, {"PACS"},
                               clock.now_ms));
    return job;
  }

  JobStore& store() { return *store_; }
  std::string path() const { return file_.path(); }
  const std::filesystem::path& folder() const { return file_.folder; }

  FakeClock clock;

 private:
  const Database kind_;
  TemporaryLedger file_{clock.now_ms};
  std::unique_ptr<JobStore> store_;
};

// The tests that hold for both databases.
class EachDatabase : public LedgerFixture, public testing::WithParamInterface<Database> {
 protected:
  EachDatabase() : LedgerFixture(GetParam()) {}
};

}  // namespace osteon::plugin
