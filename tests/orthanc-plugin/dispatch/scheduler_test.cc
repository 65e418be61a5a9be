// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/scheduler.h"

#include <gtest/gtest.h>

namespace osteon::plugin {
namespace {

protocol::Hello HelloOf(const std::string& name) { return {name, "1", "pipeline", "1", "hash", 2}; }

Job JobOf(JobId id, std::uint32_t attempt = 1) {
  Job job;
  job.id = id;
  job.attempt = attempt;
  job.worker = "worker a";
  return job;
}

class SchedulerTest : public testing::Test {
 protected:
  void Join(const PeerId& peer, std::uint32_t free_slots) {
    scheduler.Hello(peer, HelloOf("worker " + peer), now);
    ASSERT_TRUE(scheduler.Ready(peer, free_slots, now));
  }

  SteadyMs now = 1'000'000;
  Scheduler scheduler{SchedulerOptions{60'000, 3}};
};

TEST_F(SchedulerTest, AConnectionMustSayHelloFirst) {
  EXPECT_FALSE(scheduler.Ready("a", 1, now));
  EXPECT_FALSE(scheduler.Heard("a", now));
  EXPECT_FALSE(scheduler.NextFree());
  Join("a", 1);
  EXPECT_TRUE(scheduler.Heard("a", now));
  EXPECT_EQ(scheduler.NextFree(), "a");
}

TEST_F(SchedulerTest, TwoThatLiveUnderOneNameAreToldAndARestartIsNot) {
  scheduler.Hello("old", HelloOf("w"), now);
  scheduler.Hello("new", HelloOf("w"), now + 1'000);
  scheduler.Heard("new", now + 2'000);
  for (const WorkerView& worker : scheduler.Workers()) EXPECT_FALSE(worker.shares_name);
  scheduler.Heard("old", now + 3'000);
  for (const WorkerView& worker : scheduler.Workers()) EXPECT_TRUE(worker.shares_name);
}

TEST_F(SchedulerTest, WorkSpreadsAndStopsAtTheLimit) {
  Join("a", 2);
  Join("b", 2);
  JobId job = 0;
  std::map<PeerId, int> given;
  while (const auto peer = scheduler.NextFree()) {
    ++given[*peer];
    scheduler.Granted(*peer, JobOf(++job), now);
  }
  EXPECT_EQ(job, 3);  // max_in_flight
  EXPECT_EQ(given["a"], 2);
  EXPECT_EQ(given["b"], 1);
}

TEST_F(SchedulerTest, AJobOnItsWayCountsAgainstTheSlotsTheWorkerTells) {
  Join("a", 1);
  scheduler.Granted("a", JobOf(1), now);
  scheduler.Ready("a", 1, now);  // Sent before it had the job.
  EXPECT_FALSE(scheduler.NextFree());
  EXPECT_TRUE(scheduler.Touched("a", 1, 1, now));
  scheduler.Ready("a", 1, now);
  EXPECT_TRUE(scheduler.NextFree());
}

TEST_F(SchedulerTest, ALeaseLivesByTouchesOfTheCurrentAttemptOnly) {
  Join("a", 1);
  scheduler.Granted("a", JobOf(7, 2), now);
  now += 50'000;
  EXPECT_FALSE(scheduler.Touched("a", 7, 1, now));
  EXPECT_TRUE(scheduler.Touched("a", 7, 2, now));
  now += 59'999;
  EXPECT_TRUE(scheduler.Tick(now).expired.empty());
  now += 1;
  const auto due = scheduler.Tick(now);
  ASSERT_EQ(due.expired.size(), 1U);
  EXPECT_EQ(due.expired[0].job, 7);
  EXPECT_FALSE(scheduler.Touched("a", 7, 2, now));
}

TEST_F(SchedulerTest, WhileTheResultIsStoredTheLeaseDoesNotRunOut) {
  Join("a", 1);
  scheduler.Granted("a", JobOf(7), now);
  scheduler.Storing(7);
  EXPECT_TRUE(scheduler.Tick(now + 10'000'000).expired.empty());
}

TEST_F(SchedulerTest, AWorkerThatComesBackUnderAnotherConnectionKeepsItsLease) {
  Join("a", 1);
  scheduler.Granted("a", JobOf(7), now);
  scheduler.Lost("a");
  Join("a2", 0);
  EXPECT_TRUE(scheduler.Touched("a2", 7, 1, now));
  EXPECT_EQ(scheduler.Find(7)->peer, "a2");
}

TEST_F(SchedulerTest, AnAdoptedLeaseGetsAWholeLeaseToComeBack) {
  scheduler.Adopt(JobOf(7, 3), now);
  EXPECT_TRUE(scheduler.Tick(now + 59'999).expired.empty());
  EXPECT_EQ(scheduler.Tick(now + 60'000).expired.size(), 1U);
}

TEST_F(SchedulerTest, WhileTheLedgerIsAwayNobodyElsesLeaseRunsOut) {
  Join("a", 1);
  scheduler.Granted("a", JobOf(6), now);
  scheduler.Adopt(JobOf(7), now);
  scheduler.Postpone(now + 50'000);
  const auto due = scheduler.Tick(now + 60'000);
  ASSERT_EQ(due.expired.size(), 1U);
  EXPECT_EQ(due.expired[0].job, 6) << "its worker is ours, and silent";
  EXPECT_TRUE(scheduler.Tick(now + 109'999).expired.empty());
  EXPECT_EQ(scheduler.Tick(now + 110'000).expired.size(), 1U);
}

TEST_F(SchedulerTest, ASilentWorkerGetsNothingMore) {
  Join("a", 1);
  EXPECT_TRUE(scheduler.Tick(now + 29'999).silent.empty());
  EXPECT_EQ(scheduler.Tick(now + 30'000).silent, std::vector<std::string>{"worker a"});
  EXPECT_FALSE(scheduler.NextFree());
}

}  // namespace
}  // namespace osteon::plugin
