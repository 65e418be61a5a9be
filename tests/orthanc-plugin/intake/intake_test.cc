// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/intake.h"

#include <gtest/gtest.h>

#include "orthanc-plugin/intake/backfill.h"
#include "orthanc-plugin/intake/explain.h"
#include "orthanc-plugin/intake/gather.h"
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
  EXPECT_EQ(Latest("a").state, JobState::kReady) << "whoever looks first";
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

TEST_F(IntakeTest, StudiesFromBeforeTheFirstStartAreLeftToABackfill) {
  AddStudy("old").last_update = "20200101T000000";
  Settle();
  EXPECT_FALSE(ledger.store->Latest("old")->has_value());
  const auto unseen = Backfill(archive, *ledger.store, {10'000, 60'000},
                               {"", "", BackfillScope::kUnseen, "operator"}, clock.now_ms);
  EXPECT_EQ(unseen->queued, 1U);
  Settle();
  EXPECT_EQ(Latest("old").state, JobState::kReady);
  EXPECT_EQ(Latest("old").priority, Priority::kBackfill);
}

TEST_F(IntakeTest, BackfillKeepsToItsDatesAndAnalysesAgainOnlyWhenAsked) {
  Round();
  AddStudy("a");
  Settle();
  Finish(Latest("a").id);
  const GateOptions gate{10'000, 60'000};
  EXPECT_EQ(Backfill(archive, *ledger.store, gate, {"", "", BackfillScope::kUnseen, "operator"},
                     clock.now_ms)
                ->queued,
            0U);
  EXPECT_EQ(Backfill(archive, *ledger.store, gate,
                     {"20260902", "", BackfillScope::kReanalyse, "operator"}, clock.now_ms)
                ->queued,
            0U);
  EXPECT_EQ(Backfill(archive, *ledger.store, gate,
                     {"20260901", "20260901", BackfillScope::kReanalyse, "operator"}, clock.now_ms)
                ->queued,
            1U);
  EXPECT_FALSE(Backfill(archive, *ledger.store, gate,
                        {"1 Sep", "", BackfillScope::kUnseen, "operator"}, clock.now_ms)
                   .ok());
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kReady);
  EXPECT_TRUE(Latest("a").supersedes.has_value());
}

TEST_F(IntakeTest, ARestartInsideTheQuietTimeLosesNothing) {
  Round();
  AddStudy("a");
  Round();
  AddStudy("b");  // Announced, and the process dies before it reads that.
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

TEST_F(IntakeTest, AWorkerGetsTheTakenInstancesThePriorReportAndThePlainFilms) {
  Round();
  AddStudy("a");
  FakeArchive::Study& prior = AddStudy("b");
  prior.date = "20260301";
  AddReport("b", "SR");
  AddReport("b", "SEG");
  FakeSeries film;
  film.uid = "film";
  film.modality = "DX";
  film.sop_uids = {"film.1"};
  prior.series.push_back(film);
  AddStudy("later").date = "20270101";
  AddReport("later");
  AddStudy("other").patient_id = "P2";
  AddReport("other");
  Settle();
  const auto material = Gather(archive, rules, Latest("a"));
  ASSERT_TRUE(material.ok()) << material.error().message();
  std::vector<std::string> study_uids;
  std::vector<std::string> prior_uids;
  for (const MaterialInstance& instance : material->instances) {
    EXPECT_EQ(instance.md5.size(), 32U);
    (instance.role == MaterialRole::kPrior ? prior_uids : study_uids)
        .push_back(instance.sop_instance_uid);
  }
  EXPECT_EQ(study_uids, (std::vector<std::string>{"a.1", "a.2"}));
  EXPECT_EQ(prior_uids, (std::vector<std::string>{"b.report.SR", "b.report.SEG"}));
  ASSERT_EQ(material->radiographs.size(), 1U);
  EXPECT_EQ(material->radiographs[0].date, "20260301");
  archive.studies["a"].series[0].sop_uids.push_back("a.3");
  EXPECT_EQ(Gather(archive, rules, Latest("a")).error().code(), ErrorCode::kNotReady);
}

TEST_F(IntakeTest, APriorIsOfThisPatientForCertainOrTheWorkerIsLeftToSaySo) {
  const nlohmann::json own = {{"PatientBirthDate", "20140501"}, {"PatientName", "Doe^Ann"}};
  const struct {
    const char* what;
    const char* patient_id;
    nlohmann::json now, older, newer;  // Patient module of this study and of two earlier reports.
    const char* prior;
    std::size_t films;  // Of the two older studies.
  } cases[] = {{"both the same", "P1", own, own, own, "newer", 2},
               {"the newer one is another's",
                "P1",
                own,
                own,
                {{"PatientBirthDate", "20150501"}},
                "older",
                1},
               {"the newer one is unsure", "P1", own, own, nlohmann::json::object(), "older", 1},
               {"both are another's",
                "P1",
                own,
                {{"PatientBirthDate", "20130501"}},
                {{"PatientBirthDate", "20150501"}},
                "",
                0},
               {"nothing is known", "P1", nlohmann::json::object(), nlohmann::json::object(),
                nlohmann::json::object(), "newer", 0},
               {"no patient ID", "", own, own, own, "newer", 0},
               {"a placeholder", "UNKNOWN", own, own, own, "newer", 0},
               {"another issuer",
                "P1",
                {{"IssuerOfPatientID", "A"}, {"PatientName", "Doe^Ann"}},
                {{"IssuerOfPatientID", "A"}},
                {{"IssuerOfPatientID", "B"}, {"PatientName", "Doe^Ann"}},
                "older",
                1},
               {"another issuer by its qualifiers",
                "P1",
                {{"IssuerOfPatientIDQualifiersSequence", {{{"UniversalEntityID", "1.2.3"}}}}},
                {{"IssuerOfPatientIDQualifiersSequence", {{{"UniversalEntityID", "1.2.3"}}}}},
                {{"IssuerOfPatientIDQualifiersSequence", {{{"UniversalEntityID", "1.2.4"}}}}},
                "older",
                1}};
  for (const auto& c : cases) {
    archive.studies.clear();
    const auto add = [&](const char* id, const char* date, const nlohmann::json& patient) {
      FakeArchive::Study& study = AddStudy(id);
      study.date = date;
      study.patient_id = c.patient_id;
      study.patient = patient;
      if (std::string(id) == "now") return;
      FakeSeries film;
      film.uid = std::string(id) + ".film";
      film.modality = "DX";
      film.sop_uids = {std::string(id) + ".film.1"};
      study.series.push_back(film);
      AddReport(id);
    };
    add("now", "20260901", c.now);
    add("older", "20240901", c.older);
    add("newer", "20250901", c.newer);
    const auto history =
        ReadHistory(archive, std::string("patient-") + c.patient_id, "now", "20260901");
    ASSERT_TRUE(history.ok()) << c.what << ": " << history.error().message();
    EXPECT_EQ(history->reports.size(), *c.prior ? 1U : 0U) << c.what;
    if (!history->reports.empty()) {
      EXPECT_EQ(history->reports[0].sop_instance_uid, std::string(c.prior) + ".report.SR")
          << c.what;
    }
    EXPECT_EQ(history->radiographs.size(), c.films) << c.what;
  }
}

TEST_F(IntakeTest, WithoutDatesNothingIsKnownToBeThePrior) {
  for (const auto& [now, then, given] : {std::tuple{"", "20250901", true},
                                         {"20260901", "", true},
                                         {"20260901", "20270901", false}}) {
    archive.studies.clear();
    AddStudy("now").date = now;
    AddStudy("then").date = then;
    AddReport("then");
    const auto history = ReadHistory(archive, "patient-P1", "now", now);
    ASSERT_TRUE(history.ok());
    EXPECT_EQ(history->reports.size(), given ? 1U : 0U) << now << " " << then;
  }
}

}  // namespace
}  // namespace osteon::plugin
