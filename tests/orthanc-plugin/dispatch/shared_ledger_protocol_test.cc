// SPDX-License-Identifier: GPL-3.0-or-later
// The job protocols of two Orthancs on one ledger.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

class TwoOrthancs : public testing::Test, protected Hospital {
 protected:
  TwoOrthancs() { options.shared_ledger = true; }

  // Lets time pass in steps, with a tick of both Orthancs after each; before it `touch` may let a
  // worker extend its lease.
  void Pass(
      SteadyMs ms, const std::function<void()>& touch = [] {}) {
    const SteadyMs step = options.scheduler.lease_ms / 4;
    for (SteadyMs passed = 0; passed < ms; passed += step) {
      clock.Pass(std::min(step, ms - passed));
      touch();
      for (TestOrthanc* orthanc : alive) orthanc->job_protocol->OnTick();
    }
  }

  const SteadyMs lease_ms = options.scheduler.lease_ms;
  std::vector<TestOrthanc*> alive;
};

TEST_F(TwoOrthancs, ALeaseThatTheOtherOneKeepsExtendingIsLeftAlone) {
  const JobId id = AddReadyJob();
  TestOrthanc first(*this);
  const protocol::Job job = first.Take();
  TestOrthanc second(*this);  // Starts later and finds the lease.
  ASSERT_NE(second.job_protocol->scheduler().Find(id), nullptr);
  alive = {&first, &second};
  Pass(5 * lease_ms, [&] { first.Say(protocol::Touch{job.lease, "detect", 0.5}); });
  EXPECT_EQ(Stored(id).state, JobState::kLeased);
  EXPECT_EQ(Stored(id).attempt, 1U);
  EXPECT_EQ(second.job_protocol->counts().leases_expired, 0);
}

TEST_F(TwoOrthancs, ALeaseThatTheOtherOneGaveComesHereWhenItDiesForGood) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  alive = {&first, &second};
  Pass(2 * lease_ms, [&] { first.Say(protocol::Touch{job.lease, "detect", 0.5}); });
  alive = {&second};
  Pass(lease_ms / 2);
  EXPECT_EQ(Stored(id).state, JobState::kLeased) << "it may only be slow";
  Pass(2 * lease_ms);
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  EXPECT_EQ(Stored(id).deaths, 1);
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms + kHourMs, kHourMs));
  EXPECT_EQ(second.Take().lease.attempt, 2U);
}

TEST_F(TwoOrthancs, WhatTheOtherOneHasEndedIsForgotten) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  AddReadyJob();
  const protocol::Job job = first.Take();
  alive = {&first, &second};
  Pass(lease_ms / 2, [&] { first.Say(protocol::Touch{job.lease, "detect", 0.5}); });
  EXPECT_EQ(second.job_protocol->scheduler().Leases().size(), 1U);
  first.Offer(job);
  first.FinishDelivery();
  Pass(lease_ms / 2);
  EXPECT_TRUE(second.job_protocol->scheduler().Leases().empty());
  EXPECT_EQ(second.job_protocol->counts().leases_expired, 0);
  EXPECT_EQ(second.job_protocol->counts().failures, 0);
}

TEST_F(TwoOrthancs, AResultThatTheOtherOneIsStoringIsNotTakenWhileItLives) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  first.Offer(job);
  ASSERT_EQ(Stored(id).state, JobState::kStoring);
  alive = {&first, &second};
  // Its worker has lost the connection meanwhile and connects to the second one.
  second.Join("p2");
  Pass(5 * lease_ms, [&] { second.Offer(job, "document", "p2"); });
  EXPECT_EQ(Stored(id).state, JobState::kStoring);
  EXPECT_TRUE(second.delivered.empty());
  first.FinishDelivery();
  second.Offer(job, "document", "p2");
  EXPECT_NE(second.LastSent<protocol::Committed>(), nullptr);
}

TEST_F(TwoOrthancs, AResultThatADeadOneWasStoringIsStoredWithTheNextAttempt) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  first.Offer(job);
  alive = {&second};
  Pass(2 * lease_ms);
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  EXPECT_EQ(Stored(id).deaths, 0) << "no worker has died of it";
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms + kHourMs, kHourMs));
  const protocol::Job again = second.Take("p2");
  EXPECT_EQ(again.fingerprint, job.fingerprint);
  second.Offer(again, "document", "p2");
  second.FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
}

TEST_F(TwoOrthancs, AWorkerThatComesFromTheOtherOneIsServed) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  // The second one has not seen the lease yet.
  ASSERT_EQ(second.job_protocol->scheduler().Find(id), nullptr);
  second.Join("p2");
  second.Say(protocol::Touch{job.lease, "detect", 0.5}, "p2");
  second.Say(protocol::Fetch{job.lease, 0, 0, 4}, "p2");
  EXPECT_EQ(second.fetched, std::vector<JobId>{id});
  second.Offer(job, "document", "p2");
  ASSERT_EQ(second.delivered.size(), 1U);
  second.FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
  EXPECT_EQ(second.sent.back().first, "p2");
  EXPECT_NE(second.LastSent<protocol::Committed>(), nullptr);
  // The first one sees in the ledger that its worker is connected to the second one.
  alive = {&first, &second};
  Pass(2 * lease_ms);
  EXPECT_EQ(Stored(id).state, JobState::kDone);
  EXPECT_EQ(first.job_protocol->counts().leases_expired, 0);
}

TEST_F(TwoOrthancs, AWorkerThatWentOverDoesNotLoseItsLeaseAtTheFirst) {
  TestOrthanc first(*this);
  TestOrthanc second(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  second.Join("p2");
  alive = {&first, &second};
  Pass(5 * lease_ms, [&] { second.Say(protocol::Touch{job.lease, "detect", 0.5}, "p2"); });
  EXPECT_EQ(Stored(id).state, JobState::kLeased);
  EXPECT_EQ(Stored(id).attempt, 1U);
}

TEST_F(TwoOrthancs, AResultIsNotCommittedToItsWorkerWhenTheJobWasTakenAway) {
  TestOrthanc first(*this);
  const JobId id = AddReadyJob();
  const protocol::Job job = first.Take();
  first.Offer(job);
  Transition taken{id, JobEvent::kFailedForNow, "the other one", "it was silent", 1U, {}};
  ASSERT_TRUE(ledger.store->Apply(taken, clock.now_ms));
  first.sent.clear();
  first.FinishDelivery();
  EXPECT_TRUE(first.sent.empty()) << "the spool must stay";
  EXPECT_EQ(first.job_protocol->counts().results_stored, 0);
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
}

}  // namespace
}  // namespace osteon::plugin
