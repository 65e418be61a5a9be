// SPDX-License-Identifier: GPL-3.0-or-later
// Moving a ledger from SQLite to PostgreSQL: both must hold the same.
#include "orthanc-plugin/ledger/move.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

using testing::HasSubstr;

class PostgresMove : public LedgerFixture {
 protected:
  PostgresMove() : LedgerFixture(Database::kSqlite) {
    Check(RunPostgres("DROP SCHEMA IF EXISTS osteon_ledger CASCADE"),
          "the database can be emptied");
  }
  Result<std::vector<MovedTable>> Move() {
    return MoveLedger(path(), Server().connection(), clock.now_ms);
  }
  std::unique_ptr<JobStore> OpenMoved() {
    auto opened = OpenPostgresJobStore(Server().connection(), clock.now_ms);
    Check(opened.ok(), opened ? "" : opened.error().message().c_str());
    return *std::move(opened);
  }
};

// A ledger's jobs as lines of text.
std::string Told(JobStore& store) {
  std::string all = fmt::format("{} {}\n", *store.BornMs(), *store.Cursor());
  const auto jobs = store.List({});
  for (const Job& job : *jobs) {
    all += fmt::format("{} {} {} {} {} {} {} {}\n", job.id, job.study_id, Name(job.state),
                       job.fingerprint, job.attempt, job.reason, job.lease_until_ms,
                       job.supersedes.value_or(0));
    const auto history = store.History(job.id);
    const auto deliveries = store.Deliveries(job.id);
    const auto results = store.Results(job.id);
    for (const HistoryRow& row : *history)
      all +=
          fmt::format("  {} {} {} {} {}\n", row.sequence, row.at_ms, row.event, row.to, row.reason);
    for (const DeliveryRow& row : *deliveries)
      all += "  " + row.destination + " " + row.state + "\n";
    for (const ResultRow& row : *results)
      all += "  " + row.sop_instance_uid + " " + row.sha256 + "\n";
  }
  return all;
}

TEST_F(PostgresMove, TellsTheSameAfterwards) {
  const Job done = MakeDone("done");
  NewJob next{"done", "1.2.3", Priority::kStat, "test", "another \"quoted\" 'reason' ä", done.id};
  ASSERT_TRUE(store().Open(next, clock.now_ms));
  MakeReady("leased");
  const Job leased = *LeaseOne();
  const ResultRow row{"1.2.3.4", "1.2.840.10008.5.1.4.1.1.88.34", "sha"};
  ASSERT_TRUE(store().BeginStoring({leased.id, JobEvent::kResultReceived, "w", "", 1, {}}, {row},
                                   clock.now_ms));
  auto touch = TouchOf({"collecting"});
  touch.cursor = CursorStep{-1, {41, "digest"}};
  ASSERT_TRUE(store().RecordChanges(touch));
  const std::string before = Told(store());
  Close();

  const auto moved = Move();
  ASSERT_TRUE(moved) << moved.error().message();
  const auto there = OpenMoved();
  EXPECT_EQ(Told(*there), before);
  EXPECT_EQ(there->NewestChange()->digest, "digest");
  EXPECT_EQ((*there->FindStudyRow("collecting"))->last_change_ms, clock.now_ms);
  Reopen();
  EXPECT_EQ(Told(store()), before) << "the file is as it was";
}

TEST_F(PostgresMove, GoesOnWithTheNextNumbers) {
  MakeDone("a");
  MakeReady("b");
  Close();
  ASSERT_TRUE(Move());
  const auto there = OpenMoved();
  const auto job = LeaseFrom(*there);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->study_id, "b");
  const auto next =
      there->Open({"c", "1.2", Priority::kRoutine, "test", "new", std::nullopt}, clock.now_ms);
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->id, job->id + 1);
}

TEST_F(PostgresMove, TakesMoreRowsThanOneStatement) {
  std::vector<std::string> studies(1234);
  for (std::size_t i = 0; i < studies.size(); ++i) studies[i] = fmt::format("study {}", i);
  ASSERT_TRUE(store().RecordChanges(TouchOf(studies)));
  Close();
  const auto moved = Move();
  ASSERT_TRUE(moved) << moved.error().message();
  JobQuery query;
  query.limit = 5000;
  EXPECT_EQ(OpenMoved()->List(query)->size(), 1234U);
}

TEST_F(PostgresMove, RefusesWhatItWouldSpoil) {
  MakeReady("a");
  auto in_use = Move();
  ASSERT_FALSE(in_use);
  EXPECT_THAT(in_use.error().message(), HasSubstr("stop Orthanc first"));
  Close();

  ASSERT_TRUE(RunSqlite(path(), "PRAGMA user_version = 99"));
  const auto newer = Move();
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(newer.error().message(), HasSubstr("schema 99"));

  const auto missing = MoveLedger(path() + ".no", Server().connection(), clock.now_ms);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("no such file"));
  EXPECT_FALSE(std::filesystem::exists(path() + ".no"));
}

TEST_F(PostgresMove, LeavesALedgerThatHasJobsAsItIs) {
  MakeDone("a");
  Close();
  ASSERT_TRUE(Move());
  const std::string before = Told(*OpenMoved());
  const auto again = Move();
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message(), HasSubstr("has jobs already"));
  EXPECT_EQ(Told(*OpenMoved()), before);
}

}  // namespace
}  // namespace osteon::plugin
