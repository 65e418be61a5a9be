// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of the self-test with an Orthanc in memory; the test plays intake and worker.
#include "orthanc-plugin/selftest/selftest.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/orthanc-plugin/fakes.h"
#include "tests/orthanc-plugin/selftest/one_study_archive.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr const char* kStudy = "2.25.100000000000000000000000000001";

class SelftestTest : public testing::Test {
 protected:
  WebContext Context() {
    return {archive,
            *ledger.store,
            [] { return std::make_shared<const SiteRules>(DefaultRules()); },
            intake,
            mode,
            clock,
            [this] { return dispatch; },
            [] { return std::string(); },
            [] {},
            [] {},
            [](const Job&, const std::string&) {},
            [] {}};
  }
  void Start() {
    selftest = std::make_unique<Selftest>([this] { return Context(); }, study, times);
  }
  static bool Soon(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  bool Runs() { return !ledger.store->RunningSelftest()->study_uid.empty(); }
  // How it ended, when nothing of it is left.
  Json Ended() {
    EXPECT_TRUE(Soon([this] { return !Runs(); }));
    EXPECT_EQ(archive.study(), "");
    return Json::parse(*ledger.store->LastSelftest(), nullptr, false);
  }
  // As intake does when the images have come.
  Job Collect() {
    EXPECT_TRUE(Soon([this] { return archive.instances() == study.files.size(); }));
    JobStore::Touch touch;
    touch.study_ids = {"s1"};
    touch.now_ms = clock.Now();
    touch.reason = "instances came";
    EXPECT_TRUE(ledger.store->RecordChanges(touch));
    return **ledger.store->Latest("s1");
  }
  void Change(JobEvent event, const std::string& reason = "because") {
    const Job job = **ledger.store->Latest("s1");
    const auto changed =
        ledger.store->Apply({job.id, event, "test", reason, std::nullopt, {}}, clock.Now());
    ASSERT_TRUE(changed.ok()) << changed.error().message();
  }
  // As a worker does.
  void Report() {
    const Job job = Collect();
    EXPECT_TRUE(Soon([&] { return (*ledger.store->Find(job.id))->priority == Priority::kStat; }))
        << "it does not wait until the study is quiet";
    Change(JobEvent::kGateOpened);
    const LeaseRequest request{"w", "p", "c", {Priority::kStat}, clock.Now() + 1'000, 1'000};
    ASSERT_TRUE(Soon([&] {
      EXPECT_TRUE(ledger.store->Settle(**ledger.store->FindStudyRow("s1"), "", std::nullopt));
      return (*ledger.store->Lease(request)).has_value();
    }));
    Change(JobEvent::kResultReceived);
    Change(JobEvent::kVerified);
  }

  SystemClock clock;
  OneStudyArchive archive;
  TemporaryLedger ledger{clock.Now()};
  IntakeOptions intake;
  DispatchStatus dispatch;
  DispatchMode mode = DispatchMode::kAssist;
  PackedStudy study{kStudy,
                    {{"left clavicle", {30, -104, 554}, 4, true}},
                    {"2.25.100000000000000000000000000001 2.25.100000000000000000000000000002",
                     "2.25.100000000000000000000000000001 2.25.100000000000000000000000000003"}};
  SelftestTimes times{.poll_ms = 5,
                      .look_ms = 5,
                      .deadline_ms = 60'000,
                      .no_worker_ms = 60'000,
                      .abandoned_ms = 100};
  std::unique_ptr<Selftest> selftest;
};

TEST_F(SelftestTest, PassesWhenTheReportHasWhatWasDrawn) {
  Start();
  ASSERT_TRUE(selftest->Begin("operator alice"));
  EXPECT_EQ(selftest->Begin("operator bob").error().code(), ErrorCode::kCancelled);
  archive.Report("1 left clavicle", {31, -104, 554}, 4.2);
  Report();
  const Json end = Ended();
  EXPECT_EQ(end["passed"], true);
  EXPECT_EQ(end["by"], "operator alice");
  EXPECT_EQ(end["found"], 1);
  EXPECT_EQ(end["of"], 1);
  EXPECT_EQ(end["code"], "");
  ASSERT_TRUE(selftest->Begin("operator bob")) << "the next one may run";
  EXPECT_TRUE(Soon([this] { return archive.instances() == 4; })) << "under other UIDs";
}

TEST_F(SelftestTest, SaysWhatIsMissingInTheReport) {
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  archive.Report("1 right foot", {-90, 0, -900}, 5);
  Report();
  const Json end = Ended();
  EXPECT_EQ(end["passed"], false);
  EXPECT_EQ(end["code"], "too_few");
  EXPECT_EQ(end["found"], 0);
  EXPECT_EQ(end["of"], 1);
  EXPECT_NE(end["detail"].get<std::string>().find("not in the report: 4.0 ml in the left clavicle"),
            std::string::npos);
}

TEST_F(SelftestTest, InSilentModeNoReportIsTheRightAnswer) {
  mode = DispatchMode::kSilent;
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Report();
  EXPECT_EQ(Ended()["passed"], true);
  mode = DispatchMode::kAssist;
}

TEST_F(SelftestTest, ADoneJobWithoutItsReportFails) {
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Report();
  EXPECT_EQ(Ended()["code"], "reports");
}

TEST_F(SelftestTest, SaysWhyItsStudyWasNotTaken) {
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Collect();
  Change(JobEvent::kNotSelected, "not a whole-body MRI");
  const Json end = Ended();
  EXPECT_EQ(end["code"], "job_skipped");
  EXPECT_EQ(end["detail"], "not a whole-body MRI");
  EXPECT_EQ(end["reason"], "its study was skipped: not a whole-body MRI");
}

TEST_F(SelftestTest, DoesNotWaitForEverForAWorker) {
  times.no_worker_ms = 20;
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Collect();
  EXPECT_EQ(Ended()["code"], "no_worker");
}

TEST_F(SelftestTest, HasADeadline) {
  dispatch.workers.resize(1);
  times.deadline_ms = 20;
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Collect();
  EXPECT_EQ(Ended()["code"], "deadline");
}

TEST_F(SelftestTest, SendsNothingWhereNothingWouldBeAnalysed) {
  ASSERT_TRUE(ledger.store->SetHold({HoldKind::kPause, clock.Now(), "operator", "the move"}));
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  EXPECT_EQ(Ended()["code"], "held");
  EXPECT_EQ(archive.instances(), 0U);
}

TEST_F(SelftestTest, SaysThatOrthancDoesNotTakeTheStudy) {
  archive.Fill();
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  const Json end = Ended();
  EXPECT_EQ(end["code"], "not_sent");
  EXPECT_EQ(end["detail"], "the disk is full");
}

TEST_F(SelftestTest, TheStudyGoesAlsoWhenOrthancFirstRefuses) {
  archive.RefuseDeletions(3);
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Collect();
  Change(JobEvent::kNotSelected);
  EXPECT_EQ(Ended()["code"], "job_skipped");
}

TEST_F(SelftestTest, TheStudyGoesWhenOrthancIsStopped) {
  Start();
  ASSERT_TRUE(selftest->Begin("operator"));
  Collect();
  selftest->Stop();
  EXPECT_FALSE(Runs());
  EXPECT_EQ(Ended()["code"], "stopped");
  EXPECT_FALSE(selftest->Begin("operator").ok());
}

TEST_F(SelftestTest, TheNextStartEndsOneThatOrthancDiedOf) {
  archive.Put("2.25.7");
  ASSERT_TRUE(ledger.store->ReplaceSelftest({}, {"2.25.7", clock.Now(), 3, "operator alice"}));
  Start();
  EXPECT_FALSE(selftest->Begin("operator").ok());
  const Json end = Ended();
  EXPECT_EQ(end["code"], "stopped");
  EXPECT_EQ(end["by"], "operator alice");
}

TEST_F(SelftestTest, TheOneOfAnOrthancThatLivesIsLeftAlone) {
  archive.Put("2.25.7");
  SelftestRun run{"2.25.7", clock.Now(), 0, "operator alice"};
  ASSERT_TRUE(ledger.store->ReplaceSelftest({}, run));
  Start();
  const SteadyMs end_ms = clock.Steady() + 3 * times.abandoned_ms;
  while (clock.Steady() < end_ms) {
    SelftestRun next = run;
    ++next.beat;
    ASSERT_TRUE(ledger.store->ReplaceSelftest(run, next));
    run = next;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(archive.study(), "2.25.7");
}

}  // namespace
}  // namespace osteon::plugin
