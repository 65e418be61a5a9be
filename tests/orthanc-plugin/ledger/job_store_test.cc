// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/job_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

class JobStoreTest : public LedgerFixture, public testing::WithParamInterface<Database> {
 protected:
  JobStoreTest() : LedgerFixture(GetParam()) {}
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
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->empty()) << "clocks are corrected all the time";
  clock.now_ms -= kHourMs;
  ASSERT_TRUE(store().ForgetFuture(clock.now_ms));
  const auto due = store().DueStudies(clock.now_ms, 10);
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().last_change_ms, clock.now_ms) << "its quiet time begins now, once";
  ASSERT_TRUE(store().Settle(due->front(), "", clock.now_ms + 1'000));
  ASSERT_TRUE(store().ForgetFuture(clock.now_ms));
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->empty());
}

TEST_P(JobStoreTest, ARetryThatWouldWaitLongerThanAnyIsDueNow) {
  MakeReady("a");
  const Job job = *LeaseOne();
  JobPatch patch;
  patch.not_before_ms = clock.now_ms + 1'000;
  ASSERT_TRUE(
      store().Apply({job.id, JobEvent::kFailedForNow, "w", "why", 1U, patch}, clock.now_ms));
  clock.now_ms -= kHourMs;
  ASSERT_TRUE(store().WakeRetries(clock.now_ms, 2 * kHourMs));
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kRetryWait);
  ASSERT_TRUE(store().WakeRetries(clock.now_ms, 60'000));
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kReady);
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

TEST_P(JobStoreTest, ARefusedEventChangesNothing) {
  const Job job = MakeReady("a");
  const auto refused =
      store().Apply({job.id, JobEvent::kVerified, "test", "", {}, {}}, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kReady);
  EXPECT_EQ(store().History(job.id)->size(), 2U);
}

TEST_P(JobStoreTest, AnOldAttemptIsFencedOff) {
  const Job job = MakeReady("a");
  EXPECT_EQ(LeaseOne()->attempt, 1U);
  ASSERT_TRUE(store().Apply({job.id, JobEvent::kReleased, "test", "", 1U, {}}, clock.now_ms));
  EXPECT_EQ(LeaseOne()->attempt, 2U);
  const auto late = store().BeginStoring(
      {job.id, JobEvent::kResultReceived, "old worker", "", 1U, {}}, {}, clock.now_ms);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), ErrorCode::kCancelled);
  EXPECT_FALSE(store().Extend(job.id, 1, clock.now_ms).ok());
  EXPECT_TRUE(store().Extend(job.id, 2, clock.now_ms).ok());
}

TEST_P(JobStoreTest, LeasesByPriorityThenAge) {
  MakeReady("old backfill", Priority::kBackfill);
  clock.Pass(1);
  MakeReady("old routine");
  clock.Pass(1);
  MakeReady("new routine");
  clock.Pass(1);
  MakeReady("stat", Priority::kStat);
  for (const char* expected : {"stat", "old routine", "new routine", "old backfill"})
    EXPECT_EQ(LeaseOne()->study_id, expected);
  EXPECT_FALSE(LeaseOne());
}

TEST_P(JobStoreTest, AStudyThatIsBeingLookedAtIsNotHandedOut) {
  MakeReady("a");
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().Settle(**store().FindStudyRow("a"), "stamp", std::nullopt));
  EXPECT_TRUE(LeaseOne());
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
  EXPECT_NE((*store().Find(again->id))->reason.find("job " + std::to_string(job.id)),
            std::string::npos);
}

TEST_P(JobStoreTest, AStudyHasOneJobUnderWay) {
  MakeReady("a");
  const auto second = store().Open({"a", "1.2", Priority::kRoutine, "test", "", {}}, clock.now_ms);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kCancelled);
}

TEST_P(JobStoreTest, ManyWorkersAtOnceNeverGetTheSameJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) MakeReady("study " + std::to_string(i));
  std::vector<std::vector<JobId>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got)
    threads.emplace_back([&] {
      while (const auto job = LeaseOne()) mine.push_back(job->id);
    });
  for (auto& thread : threads) thread.join();
  std::set<JobId> all;
  std::size_t count = 0;
  for (const auto& mine : got) {
    all.insert(mine.begin(), mine.end());
    count += mine.size();
  }
  EXPECT_EQ(count, static_cast<std::size_t>(kJobs));
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kJobs));
}

TEST_P(JobStoreTest, LeftoversAreWhatEarlierAttemptsWroteAndThisOneDoesNot) {
  const Job job = MakeReady("a");
  LeaseOne();
  ASSERT_TRUE(store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", 1U, {}},
                                   {{"1.1", "c", "x"}, {"1.2", "c", "x"}}, clock.now_ms));
  JobPatch patch;
  patch.not_before_ms = clock.now_ms + 1'000;
  ASSERT_TRUE(store().Apply({job.id, JobEvent::kFailedForNow, "w", "", 1U, patch}, clock.now_ms));
  EXPECT_EQ(*store().NextDueMs(), clock.now_ms + 1'000);
  ASSERT_TRUE(store().WakeRetries(clock.now_ms + 999, kHourMs));
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().WakeRetries(clock.now_ms + 1'000, kHourMs));
  LeaseOne();
  ASSERT_TRUE(store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", 2U, {}},
                                   {{"1.2", "c", "x"}, {"1.3", "c", "x"}}, clock.now_ms));
  EXPECT_EQ(*store().Leftovers(job.id, 2), std::vector<std::string>{"1.1"});
  ASSERT_TRUE(store().Forget(job.id, "1.1"));
  EXPECT_TRUE(store().Leftovers(job.id, 2)->empty());
  EXPECT_EQ(store().Results(job.id)->size(), 2U);
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

TEST_P(JobStoreTest, ALeaseThatWasExtendedIsNotEndedByWhoReadItBefore) {
  MakeReady("a");
  const Job job = *LeaseOne();
  Transition ends{job.id, JobEvent::kFailedForNow, "dispatch", "silent", job.attempt, {}};
  ends.lease_until_ms = job.lease_until_ms;
  ASSERT_TRUE(store().Extend(job.id, job.attempt, job.lease_until_ms + 1));
  const auto refused = store().Apply(ends, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  ends.lease_until_ms = job.lease_until_ms + 1;
  EXPECT_TRUE(store().Apply(ends, clock.now_ms));
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

TEST_P(JobStoreTest, WhoSendsACopyHasItToItself) {
  MakeDone("a");
  const DeliveryRow waiting = store().DueDeliveries(clock.now_ms, kHourMs, 10)->at(0);
  const auto claimed = store().ClaimDelivery(waiting, clock.now_ms);
  ASSERT_TRUE(claimed.ok());
  EXPECT_EQ(store().ClaimDelivery(waiting, clock.now_ms).error().code(), ErrorCode::kCancelled);
  const auto seen = store().DueDeliveries(clock.now_ms, kHourMs, 10);
  ASSERT_EQ(seen->size(), 1U);
  EXPECT_EQ(seen->at(0).state, "sending");
  EXPECT_EQ(store().Counts()->copies_waiting, 1);
  const auto again = store().ClaimDelivery(*claimed, clock.now_ms);
  ASSERT_TRUE(again.ok());
  EXPECT_NE(again->not_before_ms, claimed->not_before_ms) << "a sign of life is always seen";
  DeliveryRow sent = *again;
  sent.state = "sent";
  EXPECT_EQ(store().UpdateDelivery(*claimed, sent).error().code(), ErrorCode::kCancelled);
  EXPECT_TRUE(store().UpdateDelivery(*again, sent));
  EXPECT_TRUE(store().DueDeliveries(clock.now_ms, kHourMs, 10)->empty());
}

TEST_P(JobStoreTest, TextOfAnyBytesIsKept) {
  const Job job = MakeReady("a");
  const std::string bytes("Jos\xC3\xA9 \xE2\x82\xAC \xFF\xC3 x'?1$1", 19);
  ASSERT_TRUE(store().Apply({job.id, JobEvent::kCancel, "operator", bytes, {}, {}}, clock.now_ms));
  const std::string kept = (*store().Find(job.id))->reason;
  EXPECT_TRUE(kept.starts_with("Jos\xC3\xA9 \xE2\x82\xAC ")) << kept;
  EXPECT_TRUE(kept.ends_with(" x'?1$1")) << kept;
}

class SqliteFile : public LedgerFixture {
 protected:
  SqliteFile() : LedgerFixture(Database::kSqlite) {}
};

TEST_F(SqliteFile, OthersCannotReadIt) {
  struct stat status = {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SqliteFile, OneThatIsNoLedgerIsNamedDamaged) {
  const std::string other = (folder() / "other").string();
  std::FILE* file = std::fopen(other.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("this is no database ", file);
  std::fclose(file);
  const auto opened = OpenSqliteJobStore(other, clock.now_ms);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kInternal);
  EXPECT_NE(opened.error().message().find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace osteon::plugin
