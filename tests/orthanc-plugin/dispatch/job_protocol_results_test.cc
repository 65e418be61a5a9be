// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to a result: stored, refused, too large, offered again after a restart.
#include <gtest/gtest.h>

#include "tests/orthanc-plugin/dispatch/job_protocol_fixture.h"

namespace osteon::plugin {
namespace {

using JobProtocolResultsTest = JobProtocolFixture;

TEST_F(JobProtocolResultsTest, AReportThatSaysNotEvaluableIsNeverAPlainDone) {
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
      << "its report is sent to the PACS, too";
  sent.clear();
  OfferNotEvaluable(job, "two of five stations are missing");  // COMMITTED was lost.
  EXPECT_NE(LastSent<protocol::Committed>(), nullptr);
}

TEST_F(JobProtocolResultsTest, NotEvaluableOutlastsARestartWhileTheReportIsBeingStored) {
  const JobId id = AddReadyJob();
  const protocol::Job job = Take();
  OfferNotEvaluable(job, "no network");
  MakeProtocol();
  Join();
  OfferNotEvaluable(job, "no network");
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kNotEvaluable);
}

TEST_F(JobProtocolResultsTest, ACopyForEachDestinationWaitsInTheOutboxTogetherWithDone) {
  options.send_to = {"PACS", "ARCHIVE"};
  MakeProtocol();
  const JobId id = AddReadyJob();
  Offer(Take());
  EXPECT_TRUE(ledger.store->Deliveries(id)->empty());
  FinishDelivery();
  EXPECT_EQ(ledger.store->DueDeliveries(clock.now_ms, kHourMs, 10)->size(), 2U);
}

TEST_F(JobProtocolResultsTest, TheReportOfASelftestGoesNowhereElse) {
  options.send_to = {"PACS"};
  MakeProtocol();
  const JobId id = AddReadyJob();
  ASSERT_TRUE(ledger.store->Describe(id, "2.25.1", "complete", ""));
  ASSERT_TRUE(ledger.store->ReplaceSelftest({}, {"2.25.1", clock.now_ms, 0, "operator"}));
  Offer(Take());
  FinishDelivery();
  EXPECT_EQ(Stored(id).state, JobState::kDone);
  EXPECT_TRUE(ledger.store->Deliveries(id)->empty());
}

TEST_F(JobProtocolResultsTest, TheHistoryTellsTimeAndPeakMemoryOfEachStage) {
  const JobId id = AddReadyJob();
  protocol::ResultManifest manifest;
  manifest.stages = {{"read", 210, 68U << 20}, {"detect", 1500, 577U << 20}};
  manifest.peak_memory_bytes = 620U << 20;
  Offer(Take(), manifest, "document", "p1");
  EXPECT_EQ(Stored(id).reason,
            "the result is here; stages: read 0.2 s (68 MiB), detect 1.5 s (577 MiB); at most 620 "
            "MiB of memory");
}

TEST_F(JobProtocolResultsTest, AStudyDeletedWhileItsReportIsStoredIsCancelled) {
  const JobId id = AddReadyJob();
  Offer(Take());
  FinishDelivery(Cancelled("the study was deleted from Orthanc"));
  EXPECT_EQ(Stored(id).state, JobState::kCancelled);
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr) << "the worker deletes its result";
}

TEST_F(JobProtocolResultsTest, ARestartOfThePluginKeepsLeasesAndTakesTheResult) {
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

TEST_F(JobProtocolResultsTest, ARestartWhileStoringTakesTheResultAgain) {
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

TEST_F(JobProtocolResultsTest, WhenOrthancCannotStoreTheWorkerKeepsItsResult) {
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

TEST_F(JobProtocolResultsTest, AWrongDocumentMakesTheJobStuckAndTheSpoolGoes) {
  const JobId id = AddReadyJob();
  Offer(Take());
  FinishDelivery(InvalidInput("sr.dcm: it belongs to another patient"));
  EXPECT_EQ(Stored(id).state, JobState::kStuck);
  EXPECT_NE(LastSent<protocol::Stale>(), nullptr);
}

TEST_F(JobProtocolResultsTest, AResultThatIsTooLargeOrEmptyIsNotTakenIn) {
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

TEST_F(JobProtocolResultsTest, NotAWholeBodyIsSkippedWithTheWorkersReason) {
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

}  // namespace
}  // namespace osteon::plugin
