// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/gather.h"

#include <gtest/gtest.h>

#include "tests/orthanc-plugin/intake/intake_fixture.h"

namespace osteon::plugin {
namespace {

using GatherTest = IntakeFixture;

TEST_F(GatherTest, AWorkerGetsTheTakenInstancesThePriorReportAndThePlainFilms) {
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
  FakeSeries t1 = prior.series.front();
  t1.uid = "b.t1";
  t1.header["0018,0020"] = "SE";
  t1.header["0018,0081"] = "10";
  t1.header["0018,0080"] = "500";
  t1.header.erase("0018,0082");
  t1.sop_uids = {"b.t1.1"};
  prior.series.push_back(t1);
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
  EXPECT_EQ(prior_uids, (std::vector<std::string>{"b.report.SR", "b.report.SEG", "b.1", "b.2"}))
      << "the report, and the STIR that it is about";
  ASSERT_EQ(material->radiographs.size(), 1U);
  EXPECT_EQ(material->radiographs[0].date, "20260301");
  archive.studies["a"].series[0].sop_uids.push_back("a.3");
  EXPECT_EQ(Gather(archive, rules, Latest("a")).error().code(), ErrorCode::kNotReady);
}

TEST_F(GatherTest, ImagesOfThePriorGoAlongWhereTheyAreThereAndNotTooMany) {
  const struct {
    const char* what;
    std::uint64_t most_bytes;
    void (*change)(FakeArchive::Study&);
    std::size_t images;
  } cases[] = {{"as it is", kMostPriorImageBytes, [](FakeArchive::Study&) {}, 2},
               {"just small enough", 22, [](FakeArchive::Study&) {}, 2},  // "file of b.1" twice.
               {"too large", 21, [](FakeArchive::Study&) {}, 0},
               {"deleted but for the report", kMostPriorImageBytes,
                [](FakeArchive::Study& study) { study.series.erase(study.series.begin()); }, 0},
               {"perhaps another's", kMostPriorImageBytes,
                [](FakeArchive::Study& study) { study.patient = nlohmann::json::object(); }, 0}};
  for (const auto& c : cases) {
    archive.studies.clear();
    AddStudy("a");
    AddStudy("b").date = "20260301";
    AddReport("b");
    c.change(archive.studies["b"]);
    Job job;
    job.study_id = "a";
    job.inputs_hash = Select(**ReadStudy(archive, "a"), rules).inputs_hash;
    const auto material = Gather(archive, rules, job, c.most_bytes);
    ASSERT_TRUE(material.ok()) << c.what << ": " << material.error().message();
    // Two of the study, one report.
    EXPECT_EQ(material->instances.size(), 3 + c.images) << c.what;
  }
}

TEST_F(GatherTest, APriorIsOfThisPatientForCertainOrTheWorkerIsLeftToSaySo) {
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

TEST_F(GatherTest, WithoutDatesNothingIsKnownToBeThePrior) {
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
