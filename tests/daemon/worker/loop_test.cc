// SPDX-License-Identifier: GPL-3.0-or-later
// A real osteond process and a ROUTER that loses, repeats and delays messages and goes away.
#include <gmock/gmock.h>

#include <fstream>

#include "pipelines/base/clock.h"
#include "tests/daemon/worker/fake_pipeline.h"
#include "tests/daemon/worker/loop_fixture.h"

namespace osteon {
namespace {

using protocol::Failed;
using protocol::Fetch;
using protocol::Hello;
using protocol::Job;
using protocol::Ready;
using protocol::ResultManifest;
using protocol::Touch;
using testing::FakePlugin;
using ::testing::HasSubstr;
using testing::JobOf;
using testing::WorkerProcess;
namespace fs = std::filesystem;

using LoopTest = testing::LoopFixture;

TEST_F(LoopTest, AStudyGoesInAndItsDocumentsComeOut) {
  worker_ = std::make_unique<WorkerProcess>(folder(), plugin_->endpoint());
  const auto hello = plugin_->Await<Hello>();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->worker, "test");
  EXPECT_EQ(hello->pipeline_hash, std::string(64, 'e'));
  const auto ready = plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 1; });
  ASSERT_TRUE(ready);
  EXPECT_NEAR(static_cast<double>(ready->clock_ms), static_cast<double>(SystemClock().Now()),
              60'000);
  const std::string large(5'000'000, 'x');
  const Job job = JobOf("17", 1, {"result 3000000", large});
  plugin_->Give(job, {"result 3000000", large});
  const auto received = plugin_->AwaitResult();
  ASSERT_TRUE(received);
  EXPECT_EQ(received->manifest.lease, job.lease);
  EXPECT_EQ(received->manifest.fingerprint, job.fingerprint);
  EXPECT_EQ(received->manifest.outcome, protocol::ResultOutcome::kAnalysed);
  ASSERT_EQ(received->documents.size(), 1U);
  EXPECT_TRUE(received->documents[0] == testing::FakeDocument(job.fingerprint, 3'000'000));
  EXPECT_EQ(SpoolFolders().size(), 1U) << "the result stays until it is committed";
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, LostPiecesAreAskedForAgain) {
  Start();
  const std::vector<std::string> contents = {"result 10",
                                             std::string(20 * protocol::kChunkBytes, 'x')};
  const Job job = JobOf("17", 1, contents);
  plugin_->Give(job, contents, [](int i) { return i != 3 && i != 25; });
  EXPECT_TRUE(plugin_->AwaitResult());
}

TEST_F(LoopTest, AStudyThatNeverArrivesIsGivenBack) {
  Start();
  plugin_->Give(JobOf("17", 1, {"result 10"}), {"result 10"}, [](int) { return false; });
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::kUnavailable);
  EXPECT_EQ(failed->stage, "receive");
}

TEST_F(LoopTest, LostCommittedIsAnsweredByOfferingAgain) {
  Start();
  const Job job = Give("17", 1, "result 1000");
  const auto first = plugin_->AwaitResult();
  const auto second = plugin_->AwaitResult();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->manifest == second->manifest);
  EXPECT_EQ(first->documents, second->documents);
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
  EXPECT_TRUE(plugin_->Silent<ResultManifest>(1500));
}

TEST_F(LoopTest, AResultOutlivesTheWorker) {
  Start();
  const Job job = Give("17", 1, "result 1000000");
  const auto first = plugin_->AwaitResult();
  ASSERT_TRUE(first);
  KillWorker();
  Start();
  const auto again = plugin_->AwaitResult();
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->manifest == first->manifest);
  EXPECT_EQ(again->documents, first->documents);
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, AnOldResultIsDroppedWhenItIsStale) {
  Start();
  const Job job = Give("17", 1, "result 1000");
  ASSERT_TRUE(plugin_->AwaitResult());
  KillWorker();
  Start();
  ASSERT_TRUE(plugin_->AwaitResult());
  plugin_->Send(protocol::Stale{job.lease, "attempt 2 is current"});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, AnOldResultServesANewAttemptOfTheSameFingerprint) {
  Start();
  const Job job = Give("17", 1, "result 1000");
  const auto first = plugin_->AwaitResult();
  ASSERT_TRUE(first);
  KillWorker();
  Start();
  Job next = job;
  next.lease.attempt = 2;
  plugin_->Send(next);
  const auto result = plugin_->Await<ResultManifest>(
      [&](const ResultManifest& m) { return m.lease == next.lease; });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->documents, first->manifest.documents);
  EXPECT_TRUE(plugin_->Silent<Fetch>(200)) << "nothing had to be received again";
  plugin_->Send(protocol::Committed{next.lease});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, ADoubledJobRunsOnce) {
  Start();
  const fs::path gate = folder() / "gate";
  const Job job = Give("17", 1, "wait " + gate.string());
  plugin_->Send(job);
  ASSERT_TRUE(AwaitRunning(job));
  plugin_->Send(job);
  std::ofstream(gate) << "open";
  ASSERT_TRUE(plugin_->AwaitResult());
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
  EXPECT_TRUE(plugin_->Silent<Failed>(300));
}

TEST_F(LoopTest, ANewerAttemptReplacesTheOneThatRuns) {
  Start();
  const Job old = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(old));
  const Job job = Give("17", 2, "result 10");
  const auto received = plugin_->AwaitResult();
  ASSERT_TRUE(received);
  EXPECT_EQ(received->manifest.lease, job.lease);
}

TEST_F(LoopTest, AWorkerKilledInTheMiddleGivesTheStudyBack) {
  Start();
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  KillWorker();
  Start();
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->lease, job.lease);
  EXPECT_EQ(failed->code, ErrorCode::kUnavailable);
  EXPECT_EQ(failed->ending, protocol::Ending::kDied) << "two of those make the study stuck";
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, CancelStopsTheChildAndFreesTheSlot) {
  Start();
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  plugin_->Send(protocol::Cancel{job.lease, "by an administrator"});
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->lease, job.lease);
  EXPECT_EQ(failed->code, ErrorCode::kCancelled);
  EXPECT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 1; }));
  EXPECT_TRUE(SpoolFolders().empty());
  plugin_->Send(protocol::Cancel{{"unknown", 4}, "by an administrator"});
  EXPECT_TRUE(plugin_->Await<Failed>([](const Failed& f) { return f.lease.job == "unknown"; }));
}

TEST_F(LoopTest, StaleStopsTheChildWithoutAnAnswer) {
  Start();
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  plugin_->Send(protocol::Stale{job.lease, "the lease ran out"});
  EXPECT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 1; }));
  EXPECT_TRUE(SpoolFolders().empty());
  EXPECT_TRUE(plugin_->Silent<Failed>(200));
}

TEST_F(LoopTest, ACrashIsReportedAndTheNextStudyRuns) {
  Start();
  const Job bad = Give("17", 1, "crash");
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::kInternal);
  EXPECT_EQ(failed->stage, "detect");
  plugin_->Send(protocol::Committed{bad.lease});
  const Job good = Give("18", 1, "result 10");
  const auto received = plugin_->AwaitResult();
  ASSERT_TRUE(received);
  EXPECT_EQ(received->manifest.lease, good.lease);
}

TEST_F(LoopTest, AHangEndsAndIsReported) {
  Start("", "[limits]\nwall_seconds = 1\n");
  const Job job = Give("17", 1, "hang");
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_THAT(failed->message, HasSubstr("wall_seconds = 1"));
  EXPECT_EQ(failed->stage, "detect");
}

TEST_F(LoopTest, FailuresAreRepeatedUntilCommittedAcrossARestart) {
  Start();
  const Job job = Give("17", 1, "invalid");
  const auto first = plugin_->Await<Failed>();
  const auto second = plugin_->Await<Failed>();
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(*first == *second);
  EXPECT_EQ(first->code, ErrorCode::kInvalidInput);
  KillWorker();
  Start();
  const auto third = plugin_->Await<Failed>();
  ASSERT_TRUE(third);
  EXPECT_TRUE(*first == *third);
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(SpoolEmpties());
}

TEST_F(LoopTest, AJobTooManyIsGivenBack) {
  Start();
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  Give("18", 1, "result 10");
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->lease.job, "18");
  EXPECT_EQ(failed->code, ErrorCode::kUnavailable);
}

TEST_F(LoopTest, AStudyTooLargeIsRefusedBeforeAnythingIsSent) {
  Start("", "[limits]\nmax_study_mib = 1\n");
  const std::string large(2 << 20, 'x');
  plugin_->Give(JobOf("17", 1, {large}), {large});
  const auto failed = plugin_->Await<Failed>();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->code, ErrorCode::kUnsupported);
  EXPECT_THAT(failed->message, HasSubstr("max_study_mib = 1"));
}

TEST_F(LoopTest, ARunningStudyOutlivesTheRestartOfThePlugin) {
  Start();
  const fs::path gate = folder() / "gate";
  const Job job = Give("17", 1, "wait " + gate.string());
  ASSERT_TRUE(AwaitRunning(job));
  const int port = plugin_->port();
  plugin_.reset();
  plugin_ = std::make_unique<FakePlugin>(std::nullopt, port);
  ASSERT_TRUE(plugin_->Await<Hello>());
  ASSERT_TRUE(plugin_->Await<Touch>([&](const Touch& t) { return t.lease == job.lease; }));
  std::ofstream(gate) << "open";
  EXPECT_TRUE(plugin_->AwaitResult());
}

TEST_F(LoopTest, HelloIsSaidAgainWhenAskedFor) {
  Start();
  plugin_->Send(protocol::Refused{protocol::RefusedReason::kHelloFirst, "who is there?"});
  AwaitIdle();
}

TEST_F(LoopTest, TouchComesBeforeTheLeaseRunsOut) {
  Start();
  const Job job = Give("17", 1, "hang");
  ASSERT_TRUE(AwaitRunning(job));
  auto last = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(plugin_->Await<Touch>());
    const auto now = std::chrono::steady_clock::now();
    EXPECT_LT(now - last, std::chrono::seconds(job.lease_seconds));
    last = now;
  }
}

TEST_F(LoopTest, AJobThatFailsAtOnceFreesItsSlotAtOnce) {
  Start("", "[limits]\nmax_study_mib = 1\n");
  const Job job = Give("17", 1, std::string((2 << 20), 'x'));
  ASSERT_TRUE(plugin_->Await<Failed>());
  plugin_->Send(protocol::Committed{job.lease});
  EXPECT_TRUE(plugin_->Await<Ready>([](const Ready& r) { return r.free_slots == 1; }))
      << "the plugin subtracted the slot when it sent the job";
}

}  // namespace
}  // namespace osteon
