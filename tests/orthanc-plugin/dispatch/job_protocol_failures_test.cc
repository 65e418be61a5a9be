// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to the jobs of workers that fall silent, die or fail.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

using JobProtocolFailuresTest = JobProtocolFixture;

TEST_F(JobProtocolFailuresTest, ASilentWorkerLosesItsJobAndTheSecondMakesItStuck) {
  const JobId id = AddReadyJob();
  const protocol::Job first = Take("p1");
  Say(protocol::Touch{first.lease, "receive", 0}, "p1");
  clock.Pass(options.scheduler.lease_ms);
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  EXPECT_EQ(Stored(id).deaths, 1);
  clock.Pass(options.retry.base_ms);
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  const protocol::Job second = Take("p2");
  Say(protocol::Touch{second.lease, "receive", 0}, "p2");
  EXPECT_EQ(second.lease.attempt, 2U);
  Join("p1");
  Offer(first, "late", "p1");
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr)
      << "the result of the first worker comes too late";
  EXPECT_TRUE(delivered.empty());
  clock.Pass(options.scheduler.lease_ms);
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kStuck);
}

TEST_F(JobProtocolFailuresTest, AJobLostOnItsWayIsNoDeathOfAWorker) {
  const JobId id = AddReadyJob();
  Take();
  clock.Pass(options.scheduler.lease_ms);
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  EXPECT_EQ(Stored(id).deaths, 0);
}

TEST_F(JobProtocolFailuresTest, FailuresGoByTheirCode) {
  const std::pair<ErrorCode, JobState> cases[] = {{ErrorCode::kInvalidInput, JobState::kStuck},
                                                  {ErrorCode::kInternal, JobState::kStuck},
                                                  {ErrorCode::kUnavailable, JobState::kRetryWait},
                                                  {ErrorCode::kCancelled, JobState::kReady}};
  for (const auto& [code, state] : cases) {
    const JobId id = AddReadyJob(std::string(Name(code)));
    const protocol::Job job = Take();
    Say(protocol::Failed{job.lease, code, "detect", "why"});
    EXPECT_EQ(Stored(id).state, state) << Name(code);
    EXPECT_NE(LastSent<protocol::Committed>(), nullptr);
    ASSERT_TRUE(ledger.store->Apply({id, JobEvent::kCancel, "test", "", {}, {}}, clock.now_ms));
  }
}

TEST_F(JobProtocolFailuresTest, ARetryIsAFailureAfterWhichTheJobIsTriedAgain) {
  struct Case {
    ErrorCode code;
    std::int64_t failures, retries;  // In all, after it.
  };
  const Case cases[] = {{ErrorCode::kUnavailable, 1, 1},
                        {ErrorCode::kNotReady, 2, 2},
                        {ErrorCode::kInvalidInput, 3, 2},
                        {ErrorCode::kCancelled, 4, 2}};
  for (const Case& c : cases) {
    AddReadyJob(std::string(Name(c.code)));
    Say(protocol::Failed{Take().lease, c.code, "detect", "why"});
    EXPECT_EQ(job_protocol->counts().failures, c.failures) << Name(c.code);
    EXPECT_EQ(job_protocol->counts().retries, c.retries) << Name(c.code);
  }
}

TEST_F(JobProtocolFailuresTest, AWorkerThatComesBackAndTellsThatItWasKilledCountsAsLost) {
  const JobId id = AddReadyJob();
  for (const auto& [deaths, state] :
       {std::pair(1, JobState::kRetryWait), std::pair(2, JobState::kStuck)}) {
    const protocol::Job job = Take();
    Say(protocol::Failed{job.lease, ErrorCode::kUnavailable, "detect", "killed",
                         protocol::Ending::kDied});
    EXPECT_EQ(Stored(id).deaths, deaths);
    EXPECT_EQ(Stored(id).state, state);
    clock.Pass(options.retry.base_ms);
    ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  }
}

TEST_F(JobProtocolFailuresTest, AJobWithADeathRunsAloneSoThatTheSecondIsItsOwn) {
  const JobId deadly = AddReadyJob("deadly");
  clock.Pass(1);
  const JobId innocent = AddReadyJob("innocent");
  Say(protocol::Hello{"w", "1", "pipeline", "1", "hash", 2});
  Say(protocol::Ready{2});
  ASSERT_EQ(prepared.size(), 2U) << "two slots, two jobs";
  for (const JobId job : {deadly, innocent}) {
    const protocol::Lease lease{
        fmt::format("{}-{}", job, Sha256Hex(std::to_string(*ledger.store->BornMs())).substr(0, 6)),
        1};
    Say(protocol::Failed{lease, ErrorCode::kUnavailable, "detect", "the worker was killed",
                         protocol::Ending::kDied});
    EXPECT_EQ(Stored(job).deaths, 1);
  }
  clock.Pass(options.retry.base_ms);
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  const JobId fresh = AddReadyJob("fresh");

  Say(protocol::Ready{2});
  EXPECT_EQ(Stored(deadly).state, JobState::kLeased);
  EXPECT_EQ(Stored(innocent).state, JobState::kReady) << "a free slot, but not beside that job";
  EXPECT_EQ(Stored(fresh).state, JobState::kReady);
  ASSERT_TRUE(ledger.store->Apply({deadly, JobEvent::kFailedForGood, "w", "died again", 2U, {}},
                                  clock.now_ms));
  job_protocol->OnRevoked(deadly, 2, "stuck");
  Say(protocol::Ready{2});
  EXPECT_EQ(Stored(innocent).state, JobState::kLeased);
  EXPECT_EQ(Stored(fresh).state, JobState::kReady);
}

TEST_F(JobProtocolFailuresTest, AJobWithADeathWaitsUntilAWorkerIsEmpty) {
  const JobId running = AddReadyJob("running");
  Say(protocol::Hello{"w", "1", "pipeline", "1", "hash", 2});
  Say(protocol::Ready{2});
  ASSERT_EQ(Stored(running).state, JobState::kLeased);
  const JobId suspect = AddReadyJob("suspect");
  JobPatch patch;
  patch.deaths = 1;
  ASSERT_EQ(Stored(suspect).state, JobState::kReady);
  LeaseRequest request{"w", "p", "c", {Priority::kRoutine}, clock.now_ms, 1};
  ASSERT_TRUE(ledger.store->Lease(request)->has_value());
  ASSERT_TRUE(ledger.store->Apply({suspect, JobEvent::kFailedForNow, "w", "died", 1U, patch},
                                  clock.now_ms));
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  const JobId behind = AddReadyJob("behind");
  Say(protocol::Ready{1});
  EXPECT_EQ(Stored(suspect).state, JobState::kReady);
  EXPECT_EQ(Stored(behind).state, JobState::kReady) << "or the worker would never be empty";
  job_protocol->OnRevoked(running, 1, "done");
  Say(protocol::Ready{2});
  EXPECT_EQ(Stored(suspect).state, JobState::kLeased);
}

TEST_F(JobProtocolFailuresTest, ALostPeerGivesItsJobBackBeforeItHadIt) {
  const JobId id = AddReadyJob();
  Join();
  gone.insert("p1");
  job_protocol->OnReply(Prepared{prepared.back().first, "p1", Material{}});
  EXPECT_EQ(Stored(id).state, JobState::kReady);
  EXPECT_EQ(Stored(id).deaths, 0);
}

}  // namespace
}  // namespace osteon::plugin
