// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/job_protocol.h"

#include <gtest/gtest.h>

#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

class JobProtocolTest : public testing::Test, protected Hospital, protected TestOrthanc {
 protected:
  JobProtocolTest() : TestOrthanc(static_cast<Hospital&>(*this)) {}
};

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

TEST_F(JobProtocolTest, AReportThatSaysNotEvaluableIsNeverAPlainDone) {
  options.send_to = {"PACS"};
  MakeProtocol();
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  OfferNotEvaluable(job, "two of five stations are missing");
  EXPECT_EQ(Stored(id).state, JobState::kStoring);
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kNotEvaluable);
  EXPECT_NE(Stored(id).reason.find("two of five stations are missing"), std::string::npos);
  EXPECT_EQ(ledger.store->DueDeliveries(clock.now_ms, kHourMs, 10)->size(), 1U)
      << "the PACS has to know, too";
  sent.clear();
  OfferNotEvaluable(job, "two of five stations are missing");  // COMMITTED was lost.
  EXPECT_NE(LastSent<protocol::Committed>(), nullptr);
}

TEST_F(JobProtocolTest, NotEvaluableOutlastsARestartWhileTheReportIsBeingStored) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  OfferNotEvaluable(job, "no network");
  MakeProtocol();
  Join();
  OfferNotEvaluable(job, "no network");
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kNotEvaluable);
}

TEST_F(JobProtocolTest, ACopyForEachDestinationWaitsInTheOutboxTogetherWithDone) {
  options.send_to = {"PACS", "ARCHIVE"};
  MakeProtocol();
  const JobId id = AddReadyJob();
  Offer(Take());
  EXPECT_TRUE(ledger.store->Deliveries(id)->empty());
  FinishDelivery();
  EXPECT_EQ(ledger.store->DueDeliveries(clock.now_ms, kHourMs, 10)->size(), 2U);
}

TEST_F(JobProtocolTest, WhoHasNotSaidHelloIsAskedTo) {
  Say(protocol::Ready{1});
  ASSERT_NE(LastSent<protocol::Refused>(), nullptr);
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kHelloFirst);
}

TEST_F(JobProtocolTest, AnotherMajorVersionIsRefusedByThatName) {
  job_protocol->OnMessage("p1", Unsupported("version 2"));
  ASSERT_NE(LastSent<protocol::Refused>(), nullptr);
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kVersion);
  sent.clear();
  job_protocol->OnMessage("p1", InvalidInput("garbage"));
  EXPECT_TRUE(sent.empty()) << "strangers with garbage get no answer";
}

TEST_F(JobProtocolTest, ASilentWorkerLosesItsJobAndTheSecondMakesItStuck) {
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
      << "the first worker wakes up: its result is of no use";
  EXPECT_TRUE(delivered.empty());
  clock.Pass(options.scheduler.lease_ms);
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kStuck);
}

TEST_F(JobProtocolTest, AJobLostOnItsWayIsNoDeathOfAWorker) {
  const JobId id = AddReadyJob();
  Take();
  clock.Pass(options.scheduler.lease_ms);
  job_protocol->OnTick();
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  EXPECT_EQ(Stored(id).deaths, 0);
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

TEST_F(JobProtocolTest, FailuresGoByTheirCode) {
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

TEST_F(JobProtocolTest, AWorkerThatComesBackAndTellsThatItWasKilledCountsAsLost) {
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

TEST_F(JobProtocolTest, AJobWithADeathRunsAloneSoThatTheSecondIsItsOwn) {
  const JobId deadly = AddReadyJob("deadly");
  clock.Pass(1);
  const JobId innocent = AddReadyJob("innocent");
  Say(protocol::Hello{"w", "1", "pipeline", "1", "hash", 2});
  Say(protocol::Ready{2});
  ASSERT_EQ(prepared.size(), 2U) << "two slots, two jobs";
  for (const JobId job : {deadly, innocent}) {
    const protocol::Lease lease{
        std::to_string(job) + "-" + Sha256Hex(std::to_string(*ledger.store->BornMs())).substr(0, 6),
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

TEST_F(JobProtocolTest, AJobWithADeathWaitsUntilAWorkerIsEmpty) {
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

TEST_F(JobProtocolTest, AStudyDeletedWhileItsReportIsStoredIsCancelled) {
  const JobId id = AddReadyJob();
  Offer(Take());
  FinishDelivery(Cancelled("the study was deleted from Orthanc"));
  EXPECT_EQ(Stored(id).state, JobState::kCancelled);
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr) << "the worker throws its result away";
}

TEST_F(JobProtocolTest, ALostPeerGivesItsJobBackBeforeItHadIt) {
  const JobId id = AddReadyJob();
  Join();
  gone.insert("p1");
  job_protocol->OnReply(Prepared{prepared.back().first, "p1", Material{}});
  EXPECT_EQ(Stored(id).state, JobState::kReady);
  EXPECT_EQ(Stored(id).deaths, 0);
}

TEST_F(JobProtocolTest, ARestartOfThePluginKeepsLeasesAndTakesTheResult) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  ledger.Reopen(clock.now_ms);
  MakeProtocol();
  Say(protocol::Touch{job.lease, "detect", 0.5}, "p9");
  EXPECT_EQ(LastSent<protocol::Refused>()->reason, protocol::RefusedReason::kHelloFirst);
  Say(protocol::Hello{"w-p1", "1", "pipeline", "1", "hash", 1}, "p9");
  Offer(job, "document", "p9");
  ASSERT_EQ(delivered.size(), 1U);
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
}

TEST_F(JobProtocolTest, ARestartWhileStoringTakesTheResultAgain) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  Offer(job);
  ASSERT_EQ(Stored(id).state, JobState::kStoring);
  ledger.Reopen(clock.now_ms);
  MakeProtocol();
  Say(protocol::Hello{"w-p1", "1", "pipeline", "1", "hash", 1}, "p1");
  Offer(job);
  ASSERT_EQ(delivered.size(), 2U);
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
}

TEST_F(JobProtocolTest, WhenOrthancCannotStoreTheWorkerKeepsItsResult) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  Offer(job);
  sent.clear();
  FinishDelivery(Unavailable("disk full"));
  EXPECT_EQ(Stored(id).state, JobState::kRetryWait);
  Offer(job);
  EXPECT_TRUE(sent.empty()) << "neither COMMITTED nor STALE: the spool must stay";
  clock.Pass(options.retry.base_ms);
  ASSERT_TRUE(ledger.store->WakeRetries(clock.now_ms, kHourMs));
  const protocol::Job again = Take();
  EXPECT_EQ(again.fingerprint, job.fingerprint);
  Offer(again);
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
}

TEST_F(JobProtocolTest, AWrongDocumentMakesTheJobStuckAndTheSpoolGoes) {
  const JobId id = AddReadyJob();
  Offer(Take());
  FinishDelivery(InvalidInput("sr.dcm: it belongs to another patient"));
  EXPECT_EQ(Stored(id).state, JobState::kStuck);
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
}

TEST_F(JobProtocolTest, AResultThatIsTooLargeOrEmptyIsNotTakenIn) {
  options.max_result_bytes = 100;
  MakeProtocol();
  const JobId large = AddReadyJob("large");
  Offer(Take(), std::string(101, 'x'));
  EXPECT_EQ(Stored(large).state, JobState::kStuck);
  const JobId empty = AddReadyJob("empty");
  const protocol::Job job = Take();
  protocol::ResultManifest manifest;
  manifest.lease = job.lease;
  manifest.fingerprint = job.fingerprint;
  Say(manifest);
  EXPECT_EQ(Stored(empty).state, JobState::kStuck);
  EXPECT_TRUE(delivered.empty());
}

TEST_F(JobProtocolTest, NotAWholeBodyIsSkippedWithTheWorkersReason) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  protocol::ResultManifest manifest;
  manifest.lease = job.lease;
  manifest.fingerprint = job.fingerprint;
  manifest.outcome = protocol::ResultOutcome::kNotWholeBody;
  manifest.reason = "no legs";
  Say(manifest);
  EXPECT_EQ(Stored(id).state, JobState::kSkipped);
  EXPECT_EQ(Stored(id).reason, "no legs");
  EXPECT_NE(LastSent<protocol::Committed>(), nullptr);
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
