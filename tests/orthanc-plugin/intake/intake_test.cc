// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/intake.h"

#include <gtest/gtest.h>

#include "orthanc-plugin/intake/explain.h"
#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

using IntakeTest = IntakeFixture;

TEST_F(IntakeTest, ChangesThatAnotherOrthancReadAreNotReadAgain) {
  Round();
  AddStudy("a");
  JobStore::Touch theirs;
  theirs.study_ids = {"a"};
  theirs.cursor = CursorStep{0, {1, ""}};
  theirs.now_ms = clock.now_ms;
  theirs.quiet_ms = 10'000;
  theirs.force_ms = 60'000;
  ASSERT_TRUE(ledger.store->RecordChanges(theirs));
  clock.Pass(5'000);
  Round();
  EXPECT_EQ(*ledger.store->Cursor(), 1);
  EXPECT_EQ((*ledger.store->FindStudyRow("a"))->last_change_ms, clock.now_ms - 5'000);
  clock.Pass(5'000);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kReady) << "whichever Orthanc looks first";
}

TEST_F(IntakeTest, AWholeBodyStudyBecomesReadyWhenItIsQuiet) {
  Round();
  AddStudy("a");
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kCollecting);
  EXPECT_EQ(Latest("a").study_uid, "1.2.3.a");
  clock.Pass(9'999);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kCollecting);
  clock.Pass(1);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_FALSE(Latest("a").inputs_hash.empty());
  EXPECT_GT(wakes, 0);
}

TEST_F(IntakeTest, AStudyThatIsWantedNowWaitsForNoQuietTimeButForItsLastImages) {
  Round();
  AddStudy("a");
  Round();
  JobPatch patch;
  patch.priority = Priority::kStat;
  ASSERT_TRUE(ledger.store->Apply(
      {Latest("a").id, JobEvent::kOperatorRunNow, "operator alice", "", {}, patch}, clock.now_ms));
  clock.Pass(4'000);
  archive.Announce("a");
  Round();
  clock.Pass(4'999);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kCollecting) << "an image came 5 s ago";
  clock.Pass(1);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kReady) << "the quiet time is 10 s";
}

TEST_F(IntakeTest, ARestartInsideTheQuietTimeLosesNothing) {
  Round();
  AddStudy("a");
  Round();
  AddStudy("b");  // The process dies before it reads this change.
  Restart();
  Round();
  clock.Pass(10'000);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_EQ(Latest("b").state, JobState::kReady);
}

TEST_F(IntakeTest, OurOwnReportAndASecondSendingMakeNoSecondJob) {
  Round();
  AddStudy("a");
  Settle();
  Finish(Latest("a").id);
  AddReport("a");
  Settle();
  archive.Announce("a");
  Settle();
  EXPECT_EQ(ledger.store->List({})->size(), 1U);
  EXPECT_EQ(Latest("a").state, JobState::kDone);
}

TEST_F(IntakeTest, NewInstancesAfterDoneMakeAJobThatSupersedes) {
  Round();
  AddStudy("a");
  Settle();
  const Job first = Latest("a");
  Finish(first.id);
  archive.studies["a"].series[0].sop_uids.push_back("a.3");
  archive.Announce("a");
  Settle();
  EXPECT_EQ(Latest("a").supersedes, first.id);
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  // And back again: those inputs have their report.
  Finish(Latest("a").id);
  archive.studies["a"].series[0].sop_uids.pop_back();
  archive.Announce("a");
  Settle();
  EXPECT_EQ(ledger.store->List({})->size(), 2U);
}

TEST_F(IntakeTest, NewInstancesWhileAWorkerHasTheJobTakeItBack) {
  Round();
  AddStudy("a");
  Settle();
  LeaseRequest request{"w", "pipeline", "config", {Priority::kRoutine}, clock.now_ms, 60'000};
  ASSERT_TRUE(ledger.store->Lease(request)->has_value());
  archive.studies["a"].series[0].sop_uids.push_back("a.3");
  archive.Announce("a");
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_EQ(revoked, std::vector<JobId>{Latest("a").id});
  EXPECT_EQ(ledger.store->List({})->size(), 1U);
}

TEST_F(IntakeTest, WhatAnOperatorClosedStaysClosed) {
  Round();
  AddStudy("a");
  Settle();
  ASSERT_TRUE(ledger.store->Apply(
      {Latest("a").id, JobEvent::kOperatorSkip, "operator alice", "a test", {}, {}}, clock.now_ms));
  archive.studies["a"].series[0].sop_uids.push_back("a.3");
  archive.Announce("a");
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kSkipped);
}

TEST_F(IntakeTest, ADeletedStudyIsCancelledAndComesBackWithItsImages) {
  Round();
  AddStudy("a");
  Settle();
  const FakeArchive::Study kept = archive.studies["a"];
  archive.studies.erase("a");
  Intake::Wake wake;
  wake.deleted_studies = {"a"};
  Round(wake);
  EXPECT_EQ(Latest("a").state, JobState::kCancelled);
  archive.studies["a"] = kept;
  archive.Announce("a");
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(IntakeTest, AStudyDeletedWithItsReportIsAnalysedAgainWhenItIsSentAgain) {
  Round();
  AddStudy("a");
  Settle();
  const Job first = Latest("a");
  Finish(first.id);
  const FakeArchive::Study kept = archive.studies["a"];
  archive.studies.erase("a");
  clock.Pass(30'000);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kCancelled);
  archive.studies["a"] = kept;
  archive.Announce("a");
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_EQ(Latest("a").id, first.id);
  Finish(first.id);
}

TEST_F(IntakeTest, AStudySentAgainBeforeItsDeletionWasHeardOfIsAnalysedAgain) {
  Round();
  AddStudy("a");
  Settle();
  const JobId id = Latest("a").id;
  results = {{"9.1", "1.2.840.10008.5.1.4.1.1.88.34", ""}};
  Finish(id);
  Intake::Wake wake;
  wake.deleted_studies = {"a"};
  archive.files["9.1"] = "the report";
  Round(wake);
  EXPECT_EQ(Latest("a").state, JobState::kDone) << "its report stands, so nothing is missing";
  archive.files.clear();
  Round(wake);
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(IntakeTest, AClockSetBackDelaysAStudyOnlyByItsQuietTime) {
  Round();
  AddStudy("a");
  Round();
  clock.now_ms -= 3 * kHourMs;
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(IntakeTest, ADeletionNobodyToldIsFoundByTheNextScan) {
  Round();
  AddStudy("a");
  Settle();
  archive.studies.erase("a");
  clock.Pass(30'000);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kCancelled);
}

TEST_F(IntakeTest, AJobLeftCollectingByACrashIsFoundByTheNextScan) {
  Round();
  AddStudy("a");
  Settle();
  const Job first = Latest("a");
  Finish(first.id);
  // A backfill that died before it touched the study.
  ASSERT_TRUE(ledger.store->Open(
      {"a", "1.2.3.a", Priority::kBackfill, "operator", "again", first.id}, clock.now_ms));
  clock.Pass(30'000);
  Round();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(IntakeTest, NothingIsLostWhileOrthancDoesNotAnswer) {
  Round();
  AddStudy("a");
  archive.down = true;
  EXPECT_EQ(intake->Round({}).error().code(), ErrorCode::kUnavailable);
  archive.down = false;
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(IntakeTest, ExplainTellsEverySeriesAndChangesNothing) {
  Round();
  AddStudy("a", 300);
  const auto text =
      Explain(archive, *ledger.store, site, {10'000, 60'000}, "1.2.3.a", clock.now_ms);
  ASSERT_TRUE(text.ok());
  const auto json = nlohmann::json::parse(**text);
  EXPECT_EQ(json["series"].size(), 1U);
  EXPECT_TRUE(json["series"][0]["taken"]);
  EXPECT_EQ(json["extent_mm"], 300);
  EXPECT_TRUE(json["job"].is_null());
  EXPECT_FALSE(ledger.store->Latest("a")->has_value());
  EXPECT_FALSE(Explain(archive, *ledger.store, site, {}, "9.9.9", clock.now_ms)->has_value());
}

}  // namespace
}  // namespace osteon::plugin
