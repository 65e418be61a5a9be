// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/job_store.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

class JobStoreTest : public EachDatabase {
 protected:
  void ReportOnceOnly(const std::string& study, JobEvent end);
};
INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreTest, testing::Values(Database::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, JobStoreTest, testing::Values(Database::kPostgres));

TEST_P(JobStoreTest, CursorAndStudiesSurviveARestartTogether) {
  EXPECT_EQ(*store().Cursor(), -1);
  auto touch = TouchOf({"a", "b"});
  touch.cursor = CursorStep{-1, {17, "d"}};
  ASSERT_TRUE(store().RecordChanges(touch));
  clock.Pass(5'000);
  Reopen();
  EXPECT_EQ(*store().Cursor(), 17);
  EXPECT_EQ(*store().BornMs(), clock.now_ms - 5'000);
  EXPECT_EQ((*store().Latest("a"))->state, JobState::kCollecting);
  EXPECT_EQ((*store().FindStudyRow("b"))->due_ms, clock.now_ms + 5'000);
}

TEST_P(JobStoreTest, TheNewestChangeIsKeptUntilTheLogIsAnotherOne) {
  EXPECT_EQ(store().NewestChange()->number, -1);
  ASSERT_TRUE(store().RestartChanges({-1, {3, "three"}}));
  EXPECT_EQ(*store().Cursor(), 3);
  ASSERT_TRUE(store().NoteChange({9, "nine"}));
  ASSERT_TRUE(store().NoteChange({8, "eight"}));
  auto touch = TouchOf({"a"});
  touch.cursor = CursorStep{3, {7, "seven"}};
  ASSERT_TRUE(store().RecordChanges(touch));
  Reopen();
  EXPECT_EQ(*store().Cursor(), 7);
  EXPECT_EQ(store().NewestChange()->number, 9);
  EXPECT_EQ(store().NewestChange()->digest, "nine");
  EXPECT_EQ(store().RestartChanges({3, {2, ""}}).error().code(), ErrorCode::kCancelled);
  ASSERT_TRUE(store().RestartChanges({7, {2, ""}}));
  EXPECT_EQ(*store().Cursor(), 2);
  EXPECT_EQ(store().NewestChange()->number, 2);
  EXPECT_EQ(store().NewestChange()->digest, "");
}

TEST_P(JobStoreTest, AStudyThatTricklesInIsDueAtItsForceTime) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
    clock.Pass(8'000);
  }
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->size() == 1);
  EXPECT_EQ(store().List({})->size(), 1U);
}

TEST_P(JobStoreTest, AStampFromBeforeTheClockWasSetBackIsLookedAtNow) {
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  ASSERT_TRUE(store().ForgetFuture(clock.now_ms - 30'000));
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->empty())
      << "a correction of the clock by 30 s changes nothing";
  clock.now_ms -= kHourMs;
  ASSERT_TRUE(store().ForgetFuture(clock.now_ms));
  const auto due = store().DueStudies(clock.now_ms, 10);
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().last_change_ms, clock.now_ms) << "its quiet time begins now, once";
  ASSERT_TRUE(store().Settle(due->front(), "", clock.now_ms + 1'000));
  ASSERT_TRUE(store().ForgetFuture(clock.now_ms));
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->empty());
}

TEST_P(JobStoreTest, SettleDoesNotHideAChangeThatCameMeanwhile) {
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  const StudyRow seen = **store().FindStudyRow("a");
  clock.Pass(1);
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  ASSERT_TRUE(store().Settle(seen, "stamp", std::nullopt));
  EXPECT_TRUE((*store().FindStudyRow("a"))->due_ms.has_value());
}

TEST_P(JobStoreTest, EveryTransitionIsInTheHistoryWhichNobodyCanChange) {
  const Job job = MakeReady("a");
  const auto history = store().History(job.id);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ(history->front().event, "opened");
  EXPECT_EQ(history->back().event, "gate_opened");
  EXPECT_EQ(history->back().from, "collecting");
  EXPECT_EQ(history->back().to, "ready");
  EXPECT_TRUE(RunSql("UPDATE studies SET last_update = 'x'"));
  EXPECT_FALSE(RunSql("UPDATE history SET reason = 'x'"));
  EXPECT_FALSE(RunSql("DELETE FROM history"));
}

TEST_P(JobStoreTest, WhyItWasSoGoesWithAStepIntoTheHistory) {
  const Job job =
      *store().Open({"a", "1.2", Priority::kRoutine, "test", "opened", {}}, clock.now_ms);
  JobPatch patch;
  patch.why = R"([{"code": "whole_body"}])";
  patch.series = R"([{"taken": true}])";
  ASSERT_TRUE(
      store().Apply({job.id, JobEvent::kGateOpened, "test", "complete", {}, patch}, clock.now_ms));
  ASSERT_TRUE(store().Note(job.id, "test", "withdrawn", "noted", clock.now_ms));
  ASSERT_TRUE(LeaseOne());
  std::string told;
  const auto history = store().History(job.id);
  for (const HistoryRow& row : *history)
    told += row.event + " " + row.why + " " + row.series + "\n";
  EXPECT_EQ(told,
            "opened  \ngate_opened " + patch.why + " " + patch.series + "\nwithdrawn  \nlease  \n");
}

TEST_P(JobStoreTest, ARefusedEventChangesNothing) {
  const Job job = MakeReady("a");
  const auto refused =
      store().Apply({job.id, JobEvent::kVerified, "test", "", {}, {}}, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kReady);
  EXPECT_EQ(store().History(job.id)->size(), 2U);
}

TEST_P(JobStoreTest, TheSameFingerprintIsNotReportedTwice) {
  for (const JobEvent end : {JobEvent::kVerified, JobEvent::kVerifiedNotEvaluable}) {
    SCOPED_TRACE(std::string(Name(end)));
    ReportOnceOnly(std::string(Name(end)), end);
  }
}

void JobStoreTest::ReportOnceOnly(const std::string& study, JobEvent end) {
  const Job job = MakeReady(study);
  ASSERT_TRUE(LeaseOne());
  ASSERT_TRUE(
      store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", 1U, {}}, {}, clock.now_ms));
  ASSERT_TRUE(store().Apply({job.id, end, "w", "", 1U, {}}, clock.now_ms));
  EXPECT_EQ((*store().DoneFor(study, job.inputs_hash))->id, job.id);
  const auto again =
      store().Open({study, "1.2", Priority::kBackfill, "operator", "again", job.id}, clock.now_ms);
  ASSERT_TRUE(again.ok());
  JobPatch patch;
  patch.inputs_hash = job.inputs_hash;
  ASSERT_TRUE(
      store().Apply({again->id, JobEvent::kGateOpened, "test", "", {}, patch}, clock.now_ms));
  EXPECT_FALSE(LeaseOne());
  EXPECT_EQ((*store().Find(again->id))->state, JobState::kCancelled);
  EXPECT_NE((*store().Find(again->id))->reason.find(fmt::format("job {}", job.id)),
            std::string::npos);
}

TEST_P(JobStoreTest, AStudyHasOneJobUnderWay) {
  MakeReady("a");
  const auto second = store().Open({"a", "1.2", Priority::kRoutine, "test", "", {}}, clock.now_ms);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kCancelled);
}

TEST_P(JobStoreTest, ALedgerOfANewerVersionIsRefused) {
  Close();
  ASSERT_TRUE(RunSql(GetParam() == Database::kPostgres
                         ? "UPDATE meta SET value = '999' WHERE key = 'schema'"
                         : "PRAGMA user_version = 999"));
  const auto opened = OpenOne();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
}

TEST_P(JobStoreTest, AJobThatMayNotBeOpenedAgainIsRefusedAndTheStoreGoesOn) {
  const Job first = MakeReady("a");
  ASSERT_TRUE(LeaseOne());
  ASSERT_TRUE(store().Apply({first.id, JobEvent::kFailedForGood, "w", "", 1U, {}}, clock.now_ms));
  ASSERT_TRUE(store().Open({"a", "1.2", Priority::kRoutine, "test", "", {}}, clock.now_ms));
  const auto refused =
      store().Apply({first.id, JobEvent::kOperatorRetry, "operator", "", {}, {}}, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ((*store().Find(first.id))->state, JobState::kStuck);
  EXPECT_EQ(store().Counts()->by_state.size(), kJobStates.size());
}

TEST_P(JobStoreTest, AStudyThatChangedIsNotJudgedByWhatItWas) {
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  const StudyRow seen = **store().FindStudyRow("a");
  Transition opens{(*store().Latest("a"))->id, JobEvent::kGateOpened, "intake", "", {}, {}};
  opens.study_change_ms = seen.last_change_ms;
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));  // In the same millisecond.
  const auto refused = store().Apply(opens, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  opens.study_change_ms = (*store().FindStudyRow("a"))->last_change_ms;
  EXPECT_TRUE(store().Apply(opens, clock.now_ms));
}

TEST_P(JobStoreTest, TextOfAnyBytesIsKept) {
  const Job job = MakeReady("a");
  const std::string bytes("Jos\xC3\xA9 \xE2\x82\xAC \xFF\xC3 x'?1$1", 19);
  ASSERT_TRUE(store().Apply({job.id, JobEvent::kCancel, "operator", bytes, {}, {}}, clock.now_ms));
  const std::string kept = (*store().Find(job.id))->reason;
  EXPECT_TRUE(kept.starts_with("Jos\xC3\xA9 \xE2\x82\xAC ")) << kept;
  EXPECT_TRUE(kept.ends_with(" x'?1$1")) << kept;
}

}  // namespace
}  // namespace osteon::plugin
