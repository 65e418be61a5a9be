// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/job_protocol.h"

#include <gtest/gtest.h>

#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

using JobProtocolTest = JobProtocolFixture;

TEST_F(JobProtocolTest, AJobFromReadyToDone) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  EXPECT_EQ(job.lease.attempt, 1U);
  EXPECT_EQ(job.fingerprint, Stored(id).fingerprint);
  EXPECT_EQ(job.instances.size(), 1U);
  Say(protocol::Touch{job.lease, "detect", 0.5});
  EXPECT_EQ(job_protocol->scheduler().Find(id)->stage, "detect");
  Say(protocol::Fetch{job.lease, 0, 0, 4});
  EXPECT_EQ(fetched, std::vector<JobId>{id});
  Offer(job);
  EXPECT_EQ(Stored(id).state, JobState::kStoring);
  EXPECT_EQ(LastSent<protocol::Committed>(), nullptr) << "not before it is stored";
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
  ASSERT_NE(LastSent<protocol::Committed>(), nullptr);
  Offer(job);  // COMMITTED was lost.
  EXPECT_NE(LastSent<protocol::Committed>(), nullptr);
  EXPECT_EQ(delivered.size(), 1U);
}

TEST_F(JobProtocolTest, WhoHasNotSaidHelloIsAskedTo) {
  Say(protocol::Ready{1});
  ASSERT_NE(LastSent<protocol::Refused>(), nullptr);
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kHelloFirst);
}

TEST_F(JobProtocolTest, HowFarAWorkersClockIsFromOursIsKnownIfItSaysSo) {
  Join("old");
  Join("new");
  Say(protocol::Ready{1, "", static_cast<std::uint64_t>(clock.now_ms - 90'000)}, "new");
  EXPECT_EQ(job_protocol->scheduler().Worker("old")->clock_ahead_ms, std::nullopt);
  EXPECT_EQ(job_protocol->scheduler().Worker("new")->clock_ahead_ms, -90'000);
}

TEST_F(JobProtocolTest, AnotherMajorVersionIsRefusedByThatName) {
  job_protocol->OnMessage("p1", Unsupported("version 2"));
  ASSERT_NE(LastSent<protocol::Refused>(), nullptr);
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kVersion);
  sent.clear();
  job_protocol->OnMessage("p1", InvalidInput("garbage"));
  EXPECT_TRUE(sent.empty()) << "an unknown peer that sends no message of ours gets no answer";
}

TEST_F(JobProtocolTest, TouchesKeepALeaseAndTheWallClockDoesNotMatter) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  for (int i = 0; i < 10; ++i) {
    clock.Pass(options.scheduler.lease_ms - 1'000);
    Say(protocol::Touch{job.lease, "detect", 0.1 * i});
    job_protocol->OnTick();
  }
  clock.now_ms += 86'400'000;  // Somebody sets the clock.
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kLeased);
}

TEST_F(JobProtocolTest, ARevokedJobIsCancelledAtItsWorker) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  ASSERT_TRUE(
      ledger.store->Apply({id, JobEvent::kOperatorSkip, "operator", "no", {}, {}}, clock.now_ms));
  job_protocol->OnRevoked(id, 1, "no");
  ASSERT_NE(LastSent<protocol::Cancel>(), nullptr);
  Say(protocol::Failed{job.lease, ErrorCode::kCancelled, "detect", "cancelled"});
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
  EXPECT_EQ(Stored(id).state, JobState::kSkipped);
}

TEST_F(JobProtocolTest, ALeaseTheLedgerTookAwayIsStaleAtTheNextTouch) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  ASSERT_TRUE(
      ledger.store->Apply({id, JobEvent::kCancel, "intake", "deleted", {}, {}}, clock.now_ms));
  Say(protocol::Touch{job.lease, "detect", 0.5});
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
}

TEST_F(JobProtocolTest, AJobOfAnotherLedgerIsStale) {
  AddReadyJob();
  protocol::Job job = Take();
  job.lease.job = "1-000000";
  Offer(job);
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
  job.lease.job = "99999999999999999999";
  Say(protocol::Touch{job.lease, "detect", 0});
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
  EXPECT_TRUE(delivered.empty());
}

TEST_F(JobProtocolTest, SilentModeChecksOnlyAndOffHandsOutNothing) {
  options.mode = DispatchMode::kSilent;
  MakeProtocol();
  const JobId id = AddReadyJob();
  Offer(Take());
  EXPECT_EQ(delivery_mode, DeliveryMode::kCheckOnly);
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
  EXPECT_TRUE(ledger.store->Results(id)->empty());
  options.mode = DispatchMode::kOff;
  MakeProtocol();
  AddReadyJob("s2");
  prepared.clear();
  Join();
  job_protocol->OnTick();
  EXPECT_TRUE(prepared.empty());
}

TEST_F(JobProtocolTest, WhatOnlyAPluginSaysIsMalformedFromAWorker) {
  Join();
  Say(protocol::Committed{{"1-abcdef", 1}});
  ASSERT_NE(LastSent<protocol::Refused>(), nullptr);
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kMalformed);
}

}  // namespace
}  // namespace osteon::plugin
