// SPDX-License-Identifier: GPL-3.0-or-later
// Reading Orthanc's answers when they are right, unusual or missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orthanc-plugin/archive/changes.h"
#include "orthanc-plugin/archive/json.h"
#include "orthanc-plugin/archive/own_objects.h"
#include "orthanc-plugin/archive/study_entry.h"
#include "pipelines/base/version.h"
#include "tests/orthanc-plugin/fakes.h"

namespace osteon::plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Answers each GET with a text that the test has set.
class ScriptedArchive final : public Archive {
 public:
  std::map<std::string, std::string> answers;

  Result<std::optional<std::string>> Get(const std::string& uri) override {
    const auto found = answers.find(uri);
    if (found == answers.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  Result<std::string> Post(const std::string& uri, std::string_view) override {
    const auto found = answers.find(uri);
    if (found == answers.end()) return Unavailable("nothing for " + uri);
    return found->second;
  }
  Status Delete(const std::string&) override { return {}; }
  Result<std::string> ParseDicom(std::string_view) override { return InvalidInput("not asked"); }
};

TEST(ArchiveJson, NumbersOfDicomText) {
  const struct {
    const char* text;
    std::optional<std::vector<double>> numbers;
  } cases[] = {{"70", {{70}}},        {" 70 ", {{70}}},
               {"+1.5", {{1.5}}},     {"-1\\0\\2e2", {{-1, 0, 200}}},
               {"", std::nullopt},    {"1\\", std::nullopt},
               {"1,5", std::nullopt}, {"70 ms", std::nullopt},
               {"nan", std::nullopt}, {"1e999", std::nullopt}};
  for (const auto& c : cases) EXPECT_EQ(Numbers(c.text), c.numbers) << c.text;
}

TEST(ArchiveJson, TextIsEmptyWhereThereIsNone) {
  const auto json = nlohmann::json::parse(R"({"a": " x\u0000 ", "n": 5, "o": {}})");
  EXPECT_EQ(Text(json, "a"), "x");
  for (const char* key : {"n", "o", "missing"}) EXPECT_EQ(Text(json, key), "") << key;
  EXPECT_EQ(Text(nlohmann::json::array(), "a"), "");
  EXPECT_TRUE(Child(json, "missing").is_object());
}

TEST(ArchiveJson, AnAnswerThatIsNoJsonMayPass) {
  ScriptedArchive archive;
  archive.answers["/studies/s1"] = "<html>";
  const auto broken = GetJson(archive, "/studies/s1");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(broken.error().message(), HasSubstr("/studies/s1"));
  const auto missing = GetJson(archive, "/studies/s2");
  ASSERT_TRUE(missing.ok());
  EXPECT_FALSE(missing->has_value());
}

TEST(Changes, NameEachStudyOnceThatSomethingCameTo) {
  ScriptedArchive archive;
  archive.answers["/series/se1"] = R"({"ParentStudy": "s1"})";
  archive.answers["/instances/i1"] = R"({"ParentSeries": "se1"})";
  const struct {
    const char* what;
    const char* changes;
    std::vector<std::string> studies;
  } cases[] = {
      {"a study", R"([{"ChangeType":"NewStudy","ResourceType":"Study","ID":"s2"}])", {"s2"}},
      {"its instance and series",
       R"([{"ChangeType":"NewInstance","ResourceType":"Instance","ID":"i1"},
           {"ChangeType":"NewSeries","ResourceType":"Series","ID":"se1"}])",
       {"s1"}},
      {"gone meanwhile",
       R"([{"ChangeType":"NewInstance","ResourceType":"Instance","ID":"i9"}])",
       {}},
      {"a timer", R"([{"ChangeType":"StableStudy","ResourceType":"Study","ID":"s1"}])", {}},
      {"a patient", R"([{"ChangeType":"NewPatient","ResourceType":"Patient","ID":"p1"}])", {}},
      {"odd rows", R"([5, {"ChangeType": 7}, {}])", {}}};
  for (const auto& c : cases) {
    archive.answers["/changes?since=3&limit=10"] =
        std::string(R"({"Changes":)") + c.changes + R"(,"Done":true,"Last":9})";
    const auto batch = ReadChanges(archive, 3, 10);
    ASSERT_TRUE(batch.ok()) << c.what << ": " << batch.error().message();
    EXPECT_EQ(batch->study_ids, c.studies) << c.what;
    EXPECT_EQ(batch->last.number, 9) << c.what;
  }
  archive.answers["/changes?since=3&limit=10"] = R"({"Changes":[]})";
  EXPECT_EQ(ReadChanges(archive, 3, 10).error().code(), ErrorCode::kUnavailable) << "no Last";
}

TEST(Changes, ARowIsToldFromAnotherOfItsNumber) {
  ScriptedArchive archive;
  const auto row = [](int number, const char* id) {
    return R"({"Changes":[{"Seq":)" + std::to_string(number) +
           R"(,"Date":"20260901T1","ChangeType":"NewStudy","ID":")" + id +
           R"("}],"Done":true,"Last":)" + std::to_string(number) + "}";
  };
  const auto read = [&](int number, const char* id) {
    archive.answers["/changes?limit=1&since=6"] = row(number, id);
    return ReadChange(archive, 7).value();
  };
  EXPECT_EQ(read(7, "s1").digest, read(7, "s1").digest);
  EXPECT_NE(read(7, "s1").digest, read(7, "s2").digest);
  EXPECT_EQ(read(8, "s1").digest, "") << "the log has no row 7";
  EXPECT_EQ(read(8, "s1").number, 7);
}

TEST(StudyEntry, HoldsWhatIsThereAndNothingOfWhatWasRemoved) {
  FakeArchive archive;
  FakeArchive::Study study;
  study.uid = "1.2.3";
  study.series = {
      {.uid = "1.2.3.2", .header = StirHeader(), .sop_uids = {"9.2", "9.1"}, .metadata = {}},
      {.uid = "1.2.3.1", .modality = "CR", .header = {}, .sop_uids = {"8.1"}, .metadata = {}},
      {.uid = "1.2.3.3", .header = StirHeader(), .sop_uids = {}, .metadata = {}}};
  archive.studies["s1"] = study;
  const auto entry = ReadStudy(archive, "s1");
  ASSERT_TRUE(entry.ok() && entry->has_value());
  const StudyEntry& s = **entry;
  EXPECT_EQ(s.study_uid, "1.2.3");
  EXPECT_EQ(s.study_date, "20260901");
  EXPECT_EQ(s.patient_id, "P1");
  ASSERT_THAT(s.series, SizeIs(2)) << "a series without instances is being removed";
  EXPECT_EQ(s.series[0].modality, "CR");
  EXPECT_THAT(s.series[0].frames, IsEmpty()) << "other modalities are not read";
  EXPECT_EQ(s.series[1].instances.at(0).sop_instance_uid, "9.1") << "sorted";
  EXPECT_THAT(s.series[1].frames, SizeIs(2));
  EXPECT_EQ(s.series[1].problem, "");

  const auto none = ReadStudy(archive, "s9");
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  archive.down = true;
  EXPECT_EQ(ReadStudy(archive, "s1").error().code(), ErrorCode::kUnavailable);
}

TEST(StudyEntry, AHeaderWithOddValuesIsAProblemThatNamesTheInstance) {
  for (const auto& [tag, value] :
       {std::pair{"0028,0030", "1,0\\1,0"}, {"0020,0037", "1\\0"}, {"0028,0010", "many"}}) {
    FakeArchive archive;
    FakeSeries series{
        .uid = "1.2.3.2", .header = StirHeader(), .sop_uids = {"9.1"}, .metadata = {}};
    series.header[tag] = value;
    archive.studies["s1"].series = {series};
    const auto entry = ReadStudy(archive, "s1");
    ASSERT_TRUE(entry.ok() && entry->has_value()) << tag;
    EXPECT_THAT((*entry)->series.at(0).problem, HasSubstr("9.1")) << tag;
  }
}

TEST(OwnObjects, AreOsteonsButItsPhantom) {
  FakeArchive archive;
  const std::string own(kManufacturer);
  archive.studies["s1"].series = {
      {.uid = "1",
       .modality = "SR",
       .manufacturer = own,
       .header = {},
       .sop_uids = {"2.25.1"},
       .metadata = {"ModifiedFrom"}},
      {.uid = "2",
       .modality = "MR",
       .manufacturer = own,
       .header = {},
       .sop_uids = {"2.25.2"},
       .metadata = {}},
      {.uid = "3", .modality = "SR", .header = {}, .sop_uids = {"2.25.3"}, .metadata = {}},
      {.uid = "4",
       .modality = "SEG",
       .manufacturer = own,
       .header = {},
       .sop_uids = {"2.25.4"},
       .metadata = {"ReceptionDate"}}};
  const auto objects = ReadOwnObjects(archive, "s1");
  ASSERT_TRUE(objects.ok());
  ASSERT_THAT(*objects, SizeIs(2));
  EXPECT_EQ((*objects)[0].relabelled, "modified");
  EXPECT_EQ((*objects)[1].sop_instance_uid, "2.25.4");
  EXPECT_EQ((*objects)[1].relabelled, "");
}

TEST(OwnObjects, OfAnotherPatientHaveNoPlaceInAStudy) {
  const PatientIdentity anna{"1", "", "Anna", "20140501"}, other{"2", "", "Anna", "20140501"};
  const std::string sr = "1.2.840.10008.5.1.4.1.1.88.34", mr = "1.2.840.10008.5.1.4.1.1.4";
  const struct {
    const char* what;
    OwnObject object;
    ObjectHeader header;
    std::optional<ObjectHeader> study;
    bool written_elsewhere;
    const char* why;
  } cases[] = {
      {"its own", {"i", "2.25.1", ""}, {anna, sr}, ObjectHeader{anna, mr}, false, ""},
      {"no image to compare", {"i", "2.25.1", ""}, {anna, sr}, std::nullopt, false, ""},
      {"relabelled", {"i", "2.25.1", "anonymised"}, {anna, sr}, std::nullopt, false, "anonymised"},
      {"of another job", {"i", "2.25.1", ""}, {anna, sr}, std::nullopt, true, "made for another"},
      {"another UID root", {"i", "1.2.3", ""}, {anna, sr}, std::nullopt, false, "were copied"},
      {"another patient",
       {"i", "2.25.1", ""},
       {other, sr},
       ObjectHeader{anna, mr},
       false,
       "name another patient"},
      {"pages on removed identity",
       {"i", "2.25.1", ""},
       {anna, sr, false, true},
       ObjectHeader{anna, mr, true},
       false,
       "de-identified"},
      {"signed by a person",
       {"i", "1.2.3", "modified"},
       {other, sr, false, false, true},
       ObjectHeader{anna, mr},
       true,
       ""},
      {"no result", {"i", "1.2.3", ""}, {other, mr}, ObjectHeader{anna, mr}, false, ""}};
  for (const auto& c : cases) {
    const std::string why = WhyNotOfThisStudy(c.object, c.header, c.study, c.written_elsewhere);
    EXPECT_EQ(why.empty(), *c.why == 0) << c.what;
    EXPECT_THAT(why, HasSubstr(c.why)) << c.what;
  }
  EXPECT_FALSE(IsOtherPatient({"1", "", "A", "2"}, {"1", "hospital", "A", "2"}))
      << "an issuer that only one of them has";
  EXPECT_TRUE(IsOtherPatient({"1", "clinic", "A", "2"}, {"1", "hospital", "A", "2"}));
  EXPECT_NE(DigestOf(anna), DigestOf(other));
}

}  // namespace
}  // namespace osteon::plugin
