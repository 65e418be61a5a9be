// SPDX-License-Identifier: GPL-3.0-or-later
// Which worker gets which job, what an attempt may do while it holds the lease, and the same for
// copies.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/orthanc-plugin/ledger/ledger_fixture.h"

namespace osteon::plugin {
namespace {

using LeasesTest = EachDatabase;
INSTANTIATE_TEST_SUITE_P(Sqlite, LeasesTest, testing::Values(Database::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, LeasesTest, testing::Values(Database::kPostgres));

TEST_P(LeasesTest, ARetryThatWouldWaitLongerThanAnyIsDueNow) {
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

TEST_P(LeasesTest, AnOldAttemptIsFencedOff) {
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

TEST_P(LeasesTest, LeasesByPriorityThenAge) {
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

TEST_P(LeasesTest, AJobThatAPersonWantsNowComesBeforeAllOthers) {
  const auto run_now = [&](JobId job) {
    JobPatch patch;
    patch.priority = Priority::kStat;
    return store().Apply({job, JobEvent::kOperatorRunNow, "operator", "asked", {}, patch},
                         clock.now_ms);
  };
  const Job waits = MakeReady("waits for its next attempt");
  JobPatch later;
  later.not_before_ms = clock.now_ms + kHourMs;
  ASSERT_EQ(LeaseOne()->id, waits.id);
  ASSERT_TRUE(
      store().Apply({waits.id, JobEvent::kFailedForNow, "w", "why", 1U, later}, clock.now_ms));
  MakeReady("old");
  clock.Pass(1);
  const Job wanted = MakeReady("wanted", Priority::kBackfill);
  ASSERT_TRUE(run_now(wanted.id).ok());
  ASSERT_TRUE(run_now(waits.id).ok());
  for (const char* expected : {"waits for its next attempt", "wanted", "old"})
    EXPECT_EQ(LeaseOne()->study_id, expected);
  EXPECT_EQ(run_now(wanted.id).error().code(), ErrorCode::kCancelled) << "a worker has it";
  const auto history = store().History(wanted.id);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->at(history->size() - 2).event, "operator_run_now");
}

TEST_P(LeasesTest, AStudyThatIsBeingLookedAtIsNotHandedOut) {
  MakeReady("a");
  ASSERT_TRUE(store().RecordChanges(TouchOf({"a"})));
  EXPECT_FALSE(LeaseOne());
  ASSERT_TRUE(store().Settle(**store().FindStudyRow("a"), "stamp", std::nullopt));
  EXPECT_TRUE(LeaseOne());
}

TEST_P(LeasesTest, ManyWorkersAtOnceNeverGetTheSameJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) MakeReady(fmt::format("study {}", i));
  std::vector<std::vector<JobId>> got(4);
  std::vector<std::thread> threads;
  threads.reserve(got.size());
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

TEST_P(LeasesTest, LeftoversAreWhatEarlierAttemptsWroteAndThisOneDoesNot) {
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

TEST_P(LeasesTest, ALeaseThatWasExtendedIsNotEndedByWhoReadItBefore) {
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

TEST_P(LeasesTest, WhoSendsACopyHasItToItself) {
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

}  // namespace
}  // namespace osteon::plugin
