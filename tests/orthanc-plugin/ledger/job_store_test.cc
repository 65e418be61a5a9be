// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/job_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

class JobStoreTest : public testing::Test {
 protected:
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

  std::optional<Job> LeaseOne(const std::string& worker = "w") {
    LeaseRequest request;
    request.worker = worker;
    request.pipeline_hash = "pipeline";
    request.config_hash = "config";
    request.open.assign(kPriorities.begin(), kPriorities.end());
    request.now_ms = clock.now_ms;
    request.lease_ms = 60'000;
    auto leased = store().Lease(request);
    EXPECT_TRUE(leased.ok());
    return *leased;
  }

  JobStore& store() { return *ledger.store; }

  FakeClock clock;
  TemporaryLedger ledger{clock.now_ms};
};

TEST_F(JobStoreTest, CursorAndStudiesSurviveARestartTogether) {
  EXPECT_EQ(*store().Cursor(), -1);
  auto touch = TouchOf({"a", "b"});
  touch.cursor = ChangeMark{17, "d"};
  ASSERT_TRUE(store().RecordChanges(touch));
  ledger.Reopen(clock.now_ms + 5'000);
  EXPECT_EQ(*store().Cursor(), 17);
  EXPECT_EQ(*store().BornMs(), clock.now_ms);
  EXPECT_EQ((*store().Latest("a"))->state, JobState::kCollecting);
  EXPECT_EQ((*store().FindStudyRow("b"))->due_ms, clock.now_ms + 10'000);
}

TEST_F(JobStoreTest, TheNewestChangeIsKeptUntilTheLogIsAnotherOne) {
  EXPECT_EQ(store().NewestChange()->number, -1);
  ASSERT_TRUE(store().RestartChanges({3, "three"}));
  EXPECT_EQ(*store().Cursor(), 3);
  ASSERT_TRUE(store().NoteChange({9, "nine"}));
  ASSERT_TRUE(store().NoteChange({8, "eight"}));
  auto touch = TouchOf({"a"});
  touch.cursor = ChangeMark{7, "seven"};
  ASSERT_TRUE(store().RecordChanges(touch));
  ledger.Reopen(clock.now_ms);
  EXPECT_EQ(*store().Cursor(), 7);
  EXPECT_EQ(store().NewestChange()->number, 9);
  EXPECT_EQ(store().NewestChange()->digest, "nine");
  ASSERT_TRUE(store().RestartChanges({2, ""}));
  EXPECT_EQ(*store().Cursor(), 2);
  EXPECT_EQ(store().NewestChange()->number, 2);
  EXPECT_EQ(store().NewestChange()->digest, "");
}

TEST_F(JobStoreTest, AStudyThatTricklesInIsDueAtItsForceTime) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
    clock.Pass(8'000);
  }
  EXPECT_TRUE(store().DueStudies(clock.now_ms, 10)->size() == 1);
  EXPECT_EQ(store().List({})->size(), 1U);
}

TEST_F(JobStoreTest, AStampFromBeforeTheClockWasSetBackIsLookedAtNow) {
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

TEST_F(JobStoreTest, ARetryThatWouldWaitLongerThanAnyIsDueNow) {
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

TEST_F(JobStoreTest, SettleDoesNotHideAChangeThatCameMeanwhile) {
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  const StudyRow seen = **store().FindStudyRow("a");
  clock.Pass(1);
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  ASSERT_TRUE(store().Settle(seen, "stamp", std::nullopt));
  EXPECT_TRUE((*store().FindStudyRow("a"))->due_ms.has_value());
}

TEST_F(JobStoreTest, EveryTransitionIsInTheHistoryWhichNobodyCanChange) {
  const Job job = MakeReady("a");
  const auto history = store().History(job.id);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ(history->front().event, "opened");
  EXPECT_EQ(history->back().event, "gate_opened");
  EXPECT_EQ(history->back().from, "collecting");
  EXPECT_EQ(history->back().to, "ready");
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(ledger.path().c_str(), &raw), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(raw, "UPDATE history SET reason = 'x'", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_NE(sqlite3_exec(raw, "DELETE FROM history", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);
}

TEST_F(JobStoreTest, ARefusedEventChangesNothing) {
  const Job job = MakeReady("a");
  const auto refused =
      store().Apply({job.id, JobEvent::kVerified, "test", "", {}, {}}, clock.now_ms);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ((*store().Find(job.id))->state, JobState::kReady);
  EXPECT_EQ(store().History(job.id)->size(), 2U);
}

TEST_F(JobStoreTest, AnOldAttemptIsFencedOff) {
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

TEST_F(JobStoreTest, LeasesByPriorityThenAge) {
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

TEST_F(JobStoreTest, AStudyThatIsBeingLookedAtIsNotHandedOut) {
  MakeReady("a");
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().Settle(**store().FindStudyRow("a"), "stamp", std::nullopt));
  EXPECT_TRUE(LeaseOne());
}

TEST_F(JobStoreTest, TheSameFingerprintIsNotDoneTwice) {
  const Job job = MakeReady("a");
  ASSERT_TRUE(LeaseOne());
  ASSERT_TRUE(
      store().BeginStoring({job.id, JobEvent::kResultReceived, "w", "", 1U, {}}, {}, clock.now_ms));
  ASSERT_TRUE(store().Apply({job.id, JobEvent::kVerified, "w", "", 1U, {}}, clock.now_ms));
  const auto again =
      store().Open({"a", "1.2", Priority::kBackfill, "operator", "again", job.id}, clock.now_ms);
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

TEST_F(JobStoreTest, AStudyHasOneJobUnderWay) {
  MakeReady("a");
  const auto second = store().Open({"a", "1.2", Priority::kRoutine, "test", "", {}}, clock.now_ms);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kCancelled);
}

TEST_F(JobStoreTest, ManyWorkersAtOnceNeverGetTheSameJob) {
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

TEST_F(JobStoreTest, LeftoversAreWhatEarlierAttemptsWroteAndThisOneDoesNot) {
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

TEST_F(JobStoreTest, OthersCannotReadTheFile) {
  struct stat status = {};
  ASSERT_EQ(::stat(ledger.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(JobStoreTest, ALedgerOfANewerVersionIsRefused) {
  ledger.store.reset();
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(ledger.path().c_str(), &raw), SQLITE_OK);
  sqlite3_exec(raw, "PRAGMA user_version = 999", nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  const auto opened = OpenSqliteJobStore(ledger.path(), clock.now_ms);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
}

TEST(OpenSqliteJobStore, AFileThatIsNoLedgerIsNamedDamaged) {
  FakeClock clock;
  TemporaryLedger ledger(clock.now_ms);
  const std::string path = (ledger.folder / "other").string();
  std::FILE* file = std::fopen(path.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("this is no database ", file);
  std::fclose(file);
  const auto opened = OpenSqliteJobStore(path, clock.now_ms);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), ErrorCode::kInternal);
  EXPECT_NE(opened.error().message().find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace osteon::plugin
