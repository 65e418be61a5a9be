// SPDX-License-Identifier: GPL-3.0-or-later
// Results that stand under another patient than they were made for.
#include <gtest/gtest.h>

#include "orthanc-plugin/archive/own_objects.h"
#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

constexpr const char* kSr = "1.2.840.10008.5.1.4.1.1.88.34";
constexpr const char* kBasicTextSr = "1.2.840.10008.5.1.4.1.1.88.11";
const PatientIdentity kAnna = {"P1", "", "Muster^Anna", "20140210"};

TEST(OwnObjects, WhatMayStandInAStudy) {
  PatientIdentity issued = kAnna, other_issuer = kAnna, renamed = kAnna, reborn = kAnna;
  issued.issuer = "A";
  other_issuer.issuer = "B";
  renamed.name = "Muster^Anne";
  reborn.birth_date = "20140211";
  const ObjectHeader page{kAnna, kSr, false, true, false};
  const auto with = [&](auto change) {
    ObjectHeader header = page;
    change(header);
    return header;
  };
  struct Case {
    const char* what;
    OwnObject object;
    ObjectHeader header;
    std::optional<ObjectHeader> study;
    bool written_elsewhere;
    bool stays;
  };
  const OwnObject ours{"i", "2.25.1", ""};
  const std::optional<ObjectHeader> anna = ObjectHeader{kAnna, "", false, false, false};
  const auto of = [](const PatientIdentity& patient) {
    return std::optional<ObjectHeader>({patient, "", false, false, false});
  };
  const Case cases[] = {
      {"came with its study from another Osteon", ours, page, anna, false, true},
      {"no image here yet", ours, page, std::nullopt, false, true},
      {"anonymised by Orthanc", {"i", "1.2.276.1", "anonymised"}, page, anna, false, false},
      {"modified, UIDs kept", {"i", "2.25.1", "modified"}, page, anna, false, false},
      {"merged or split: a new UID", {"i", "1.2.276.1", ""}, page, anna, false, false},
      {"written for another study", ours, page, anna, true, false},
      {"another name", ours, page, of(renamed), false, false},
      {"another birth date", ours, page, of(reborn), false, false},
      {"an issuer that only one states", ours, page, of(issued), false, true},
      {"two issuers", ours, with([&](auto& h) { h.patient = issued; }), of(other_issuer), false,
       false},
      {"pages with a name under de-identified images", ours, page,
       ObjectHeader{kAnna, "", true, false, false}, false, false},
      {"pages without a name there", ours, with([](auto& h) { h.burned_in = false; }),
       ObjectHeader{kAnna, "", true, false, false}, false, true},
      {"signed by a person",
       {"i", "1.2.276.1", "modified"},
       with([](auto& h) { h.verified = true; }),
       anna,
       true,
       true},
      {"no class of ours",
       {"i", "1.2.276.1", "modified"},
       with([](auto& h) { h.sop_class_uid = kBasicTextSr; }),
       anna,
       true,
       true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(WhyNotOfThisStudy(c.object, c.header, c.study, c.written_elsewhere).empty(), c.stays)
        << c.what;
}

nlohmann::json HeaderOf(const PatientIdentity& patient, nlohmann::json header = StirHeader()) {
  header["PatientID"] = patient.id;
  header["PatientName"] = patient.name;
  header["PatientBirthDate"] = patient.birth_date;
  if (!patient.issuer.empty()) header["IssuerOfPatientID"] = patient.issuer;
  return header;
}

class WithdrawalsTest : public IntakeFixture {
 protected:
  // A study of the patient Anna, which holds its report.
  Job MakeDone(const std::string& id) {
    AddStudy(id).series[0].header = HeaderOf(kAnna);
    Settle();
    results = {{"2.25." + id, kSr, ""}, {"2.25." + id + ".kept", kSr, ""}};
    Finish(Latest(id).id);
    AddOwn(id, "2.25." + id);
    Settle();
    return Latest(id);
  }
  FakeSeries& AddOwn(const std::string& id, const std::string& uid,
                     const std::vector<std::string>& metadata = {}) {
    FakeSeries report;
    report.uid = uid + ".series";
    report.modality = "SR";
    report.manufacturer = "Osteon project";
    report.header = HeaderOf(kAnna, {{"SOPClassUID", kSr}});
    report.sop_uids = {uid};
    report.metadata = metadata;
    archive.studies[id].series.push_back(report);
    archive.studies[id].last_update += "1";
    archive.Announce(id);
    return archive.studies[id].series.back();
  }
  std::size_t OwnSeries(const std::string& id) {
    std::size_t own = 0;
    for (const FakeSeries& series : archive.studies[id].series)
      own += series.manufacturer == "Osteon project" ? 1 : 0;
    return own;
  }
  std::string HistoryOf(JobId job) {
    std::string text;
    const auto rows = ledger.store->History(job);
    for (const HistoryRow& row : *rows) text += row.event + ": " + row.reason + "\n";
    return text;
  }
};

TEST_F(WithdrawalsTest, ItsOwnReportStays) {
  Round();
  const Job job = MakeDone("a");
  EXPECT_EQ(job.state, JobState::kDone);
  EXPECT_EQ(OwnSeries("a"), 1U);
}

TEST_F(WithdrawalsTest, CopiesThatCameWithAnotherStudyAreRemovedBeforeItIsQuiet) {
  Round();
  MakeDone("a");
  AddStudy("b").series[0].header = HeaderOf({"ANON", "", "Anonymized1", ""});
  AddOwn("b", "1.2.276.5", {"AnonymizedFrom", "Origin"});
  AddOwn("b", "2.25.a.kept");  // As when a patient is modified with the UIDs kept.
  Round();
  EXPECT_EQ(OwnSeries("b"), 0U);
  EXPECT_EQ(Latest("b").state, JobState::kCollecting);
  const std::string history = HistoryOf(Latest("b").id);
  EXPECT_NE(history.find("withdrawn: 2 objects of Osteon were removed"), std::string::npos)
      << history;
  EXPECT_EQ(OwnSeries("a"), 1U) << "the original stays";
  clock.Pass(10'000);
  Round();
  EXPECT_EQ(Latest("b").state, JobState::kReady) << "the copy is analysed on its own";
}

TEST_F(WithdrawalsTest, AReportOfAnotherOsteonThatCameWithItsStudyStays) {
  Round();
  AddStudy("a").series[0].header = HeaderOf(kAnna);
  AddOwn("a", "2.25.99");
  Settle();
  EXPECT_EQ(OwnSeries("a"), 1U);
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(WithdrawalsTest, APatientCorrectedInPlaceGetsAnotherReport) {
  Round();
  const Job before = MakeDone("a");
  PatientIdentity corrected = kAnna;
  corrected.name = "Muster^Anne";
  archive.studies["a"].series[0].header = HeaderOf(corrected);  // Overwritten, the UIDs kept.
  archive.Announce("a");
  Settle();
  EXPECT_EQ(OwnSeries("a"), 0U);
  Job after = Latest("a");
  EXPECT_EQ(after.state, JobState::kReady);
  const std::string history = HistoryOf(after.id);
  EXPECT_NE(history.find("the patient of its images was corrected"), std::string::npos) << history;
  EXPECT_NE(history.find("inputs_changed: the patient of the study was corrected"),
            std::string::npos)
      << history;
  EXPECT_EQ(history.find("Muster"), std::string::npos);
  results = {{"2.25.a2", kSr, ""}};
  Finish(after.id);
  after = Latest("a");
  EXPECT_NE(after.fingerprint, before.fingerprint) << "its objects get other UIDs";
  AddOwn("a", "2.25.a2");
  Settle();
  EXPECT_EQ(Latest("a").state, JobState::kDone) << "once";
  EXPECT_EQ(OwnSeries("a"), 1U);
}

TEST_F(WithdrawalsTest, AJobUnderWayIsTakenBackWhenItsPatientIsCorrected) {
  Round();
  AddStudy("a").series[0].header = HeaderOf(kAnna);
  Settle();
  LeaseRequest request{"w", "p", "c", {Priority::kRoutine}, clock.now_ms, 60'000};
  ASSERT_TRUE((*ledger.store->Lease(request)).has_value());
  archive.studies["a"].series[0].header = HeaderOf({"P1", "", "Muster^Anne", "20140210"});
  archive.Announce("a");
  Settle();
  EXPECT_EQ(revoked.size(), 1U);
  EXPECT_EQ(Latest("a").state, JobState::kReady);
}

TEST_F(WithdrawalsTest, WhatAnOperatorClosedStaysClosedWhenCopiesAreRemoved) {
  Round();
  AddStudy("a");
  Settle();
  ASSERT_TRUE(ledger.store->Apply(
      {Latest("a").id, JobEvent::kOperatorSkip, "operator", "no", {}, {}}, clock.now_ms));
  AddOwn("a", "1.2.276.5", {"ModifiedFrom"});
  Settle();
  EXPECT_EQ(OwnSeries("a"), 0U);
  EXPECT_EQ(Latest("a").state, JobState::kSkipped);
  EXPECT_EQ(Latest("a").reason, "no");
}

}  // namespace
}  // namespace osteon::plugin
