// SPDX-License-Identifier: GPL-3.0-or-later
// An upgrade with jobs in every state: ledgers that earlier programs wrote (old/README.md) are
// opened by this one, which goes on with their jobs. Each job's study has the name of its state.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "orthanc-plugin/ledger/postgres.h"
#include "orthanc-plugin/ledger/schema.h"
#include "orthanc-plugin/ledger/sqlite.h"
#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct OldLedger {
  Database database;
  int schema;
};
void PrintTo(const OldLedger& old, std::ostream* out) {
  PrintTo(old.database, out);
  *out << " " << old.schema;
}

std::string WrittenBefore(const OldLedger& old) {
  const char* source = std::getenv("OSTEON_SOURCE_DIR");
  Check(source != nullptr, "run by ctest, or set OSTEON_SOURCE_DIR to the repository");
  const bool postgres = old.database == Database::kPostgres;
  std::ifstream file(fmt::format("{}/tests/orthanc-plugin/ledger/old/{}-{}.sql", source,
                                 postgres ? "postgres" : "sqlite", old.schema));
  Check(file.is_open(), "the ledger of each earlier schema is in the folder old");
  return {std::istreambuf_iterator<char>(file), {}};
}

class OldLedgersTest : public LedgerFixture, public testing::WithParamInterface<OldLedger> {
 protected:
  OldLedgersTest() : LedgerFixture(GetParam().database) { Replace(WrittenBefore(GetParam())); }

  Job JobOf(const std::string& study) { return **store().Latest(study); }
  void Change(const std::string& study, JobEvent event, JobPatch patch = {}) {
    Transition change{JobOf(study).id, event, "test", "", {}, std::move(patch)};
    const auto changed = store().Apply(change, clock.now_ms);
    EXPECT_TRUE(changed) << study << ": " << changed.error().message();
  }
  void OpenGate(const std::string& study) {
    JobPatch patch;
    patch.inputs_hash = "inputs of " + study;
    patch.patient_digest = GetParam().schema < 3 ? "" : "patient of " + study;
    Change(study, JobEvent::kGateOpened, patch);
    EXPECT_TRUE(store().Settle(**store().FindStudyRow(study), "stamp", std::nullopt));
  }
  void ResultComes(const Job& job) {
    EXPECT_TRUE(store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", job.attempt, {}},
                                     {}, clock.now_ms));
  }
  void ResultIsStored(const Job& job) {
    EXPECT_TRUE(store().Finish({job.id, JobEvent::kVerified, "w", "", job.attempt, {}}, {"PACS"},
                               clock.now_ms));
  }
  std::vector<std::string> CopiesOf(const std::string& study) {
    std::vector<std::string> copies;
    const auto rows = store().Deliveries(JobOf(study).id);
    for (const DeliveryRow& row : *rows) copies.push_back(row.destination + " " + row.state);
    return copies;
  }

  // Columns, indexes and triggers.
  std::vector<std::string> Layout() {
    const bool postgres = GetParam().database == Database::kPostgres;
    auto opened = postgres ? OpenPostgres(Server().connection()) : OpenSqlite(path());
    const auto answer = (*opened)->Run(
        postgres
            ? "SELECT table_name || ' ' || column_name || ' ' || data_type || is_nullable || "
              "COALESCE(column_default, '') FROM information_schema.columns WHERE table_schema = "
              "'osteon_ledger' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = "
              "'osteon_ledger' UNION ALL SELECT tgname || '' FROM pg_trigger WHERE NOT "
              "tgisinternal "
              "ORDER BY 1"
            : "SELECT m.name || ' ' || c.name || ' ' || c.type || c.\"notnull\" || "
              "COALESCE(c.dflt_value, '') FROM sqlite_master m, pragma_table_info(m.name) c WHERE "
              "m.type = 'table' UNION ALL SELECT COALESCE(sql, name) FROM sqlite_master WHERE type "
              "= 'index' UNION ALL SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY "
              "1",
        {});
    Check(answer.ok(), answer ? "" : answer.error().message().c_str());
    std::vector<std::string> lines;
    for (const Row& row : answer->rows) lines.push_back(row.Text(0));
    return lines;
  }
};

TEST_P(OldLedgersTest, GetsTheTablesOfANewOne) {
  const auto upgraded = Layout();
  EXPECT_GT(upgraded.size(), 50U);
  EXPECT_FALSE(RunSql("UPDATE history SET reason = ''"));
  EXPECT_FALSE(RunSql("DELETE FROM history"));
  Reopen();  // Nothing is left to be done.
  Replace("");
  EXPECT_EQ(upgraded, Layout());
}

TEST_P(OldLedgersTest, KeepsWhatItHeld) {
  const int schema = GetParam().schema;
  const auto jobs = *store().List({});
  EXPECT_EQ(jobs.size(), schema < 4 ? 9U : 10U);
  for (const Job& job : jobs) {
    EXPECT_EQ(Name(job.state), job.study_id);
    const auto history = *store().History(job.id);
    ASSERT_FALSE(history.empty()) << job.study_id;
    EXPECT_EQ(history.front().event, "opened") << job.study_id;
    EXPECT_EQ(history.back().to, job.study_id);
    EXPECT_EQ(history.back().reason, job.reason);
    EXPECT_EQ(job.why.empty(), schema < 6 || job.study_id != "stuck") << job.study_id;
  }
  EXPECT_EQ(JobOf("stuck").error_code, "invalid_input");
  EXPECT_EQ(JobOf("retry_wait").deaths, 1);
  EXPECT_EQ(*store().BornMs(), 1'789'990'000'000);
  EXPECT_EQ(*store().Cursor(), 41);
  EXPECT_EQ(store().NewestChange()->digest, "digest");
  EXPECT_THAT(CopiesOf("done"),
              ElementsAre("ARCHIVE waiting", "GONE failed",
                          schema < 2 ? "MIRROR waiting" : "MIRROR sending", "PACS sent"));
  EXPECT_EQ(store().Results(JobOf("storing").id)->size(), 1U);
  EXPECT_EQ(store().Sendings(10)->size(), schema < 5 ? 0U : 1U);
  EXPECT_EQ(LeaseOne().has_value(), schema < 5) << "a pause holds over an upgrade";
}

TEST_P(OldLedgersTest, JobsUnderWayFinish) {
  ResultComes(JobOf("leased"));
  for (const char* study : {"leased", "storing"}) {
    ResultIsStored(JobOf(study));
    EXPECT_EQ(JobOf(study).state, JobState::kDone) << study;
    EXPECT_EQ(JobOf(study).attempt, 1U) << study;
    EXPECT_THAT(CopiesOf(study), ElementsAre("PACS waiting"));
  }
  EXPECT_EQ(*store().RetryDeliveries(JobOf("done").id, clock.now_ms), 1);
  const auto due = store().DueDeliveries(clock.now_ms, kHourMs, 100);
  for (const DeliveryRow& row : *due) {
    const auto claimed = store().ClaimDelivery(row, clock.now_ms);
    ASSERT_TRUE(claimed) << row.destination;
    DeliveryRow sent = *claimed;
    sent.state = "sent";
    EXPECT_TRUE(store().UpdateDelivery(*claimed, sent));
  }
  EXPECT_THAT(CopiesOf("done"),
              ElementsAre("ARCHIVE sent", "GONE sent", "MIRROR sent", "PACS sent"));
}

TEST_P(OldLedgersTest, JobsAreTriedAgainAndFinish) {
  ASSERT_TRUE(store().SetHold(Hold()));
  for (const char* study : {"leased", "storing"}) {  // Their worker and Orthanc are gone.
    const Job job = JobOf(study);
    const Transition end{job.id, JobEvent::kFailedForNow, "dispatch", "silent", 1U,
                         {},     job.lease_until_ms};
    EXPECT_TRUE(store().Apply(end, clock.now_ms)) << study;
  }
  ASSERT_TRUE(store().WakeRetries(clock.now_ms, kHourMs));
  for (const char* study : {"stuck", "skipped", "cancelled"})
    Change(study, JobEvent::kOperatorRetry);
  for (const char* study : {"skipped", "cancelled", "collecting"}) OpenGate(study);
  int handed_out = 0;
  while (const auto job = LeaseOne()) {
    ++handed_out;
    const bool again = job->study_id == "leased" || job->study_id == "storing" ||
                       job->study_id == "retry_wait" || job->study_id == "stuck";
    EXPECT_EQ(job->attempt, again ? 2U : 1U) << job->study_id;
    ResultComes(*job);
    ResultIsStored(*job);
  }
  EXPECT_EQ(handed_out, 8);
  const auto jobs = store().List({});
  for (const Job& job : *jobs) EXPECT_TRUE(IsReported(job.state)) << job.study_id;
}

TEST_P(OldLedgersTest, AReportFromBeforeIsNotMadeTwice) {
  ASSERT_TRUE(store().SetHold(Hold()));
  const Job reported = JobOf("done");
  EXPECT_TRUE(store().DoneFor("done", "inputs of done")->has_value());
  ASSERT_TRUE(
      store().Open({"done", "1.2", Priority::kStat, "test", "again", reported.id}, clock.now_ms));
  OpenGate("done");
  EXPECT_EQ(LeaseOne()->study_id, "ready");
  EXPECT_EQ(JobOf("done").state, JobState::kCancelled);
  EXPECT_THAT(JobOf("done").reason, HasSubstr(fmt::format("in job {}", reported.id)));
}

// All before the present one.
std::vector<OldLedger> Since(int first, Database database) {
  std::vector<OldLedger> all;
  for (int schema = first; schema < SchemaVersion(); ++schema) all.push_back({database, schema});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Sqlite, OldLedgersTest, testing::ValuesIn(Since(1, Database::kSqlite)));
// With schema 2 the ledger learned to be in PostgreSQL.
INSTANTIATE_TEST_SUITE_P(Postgres, OldLedgersTest,
                         testing::ValuesIn(Since(2, Database::kPostgres)));

}  // namespace
}  // namespace osteon::plugin
