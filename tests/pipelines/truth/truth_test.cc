// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/truth/truth.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

using Json = nlohmann::ordered_json;

Json Code(const char* value) { return Json::array({{{"CodeValue", value}}}); }

Json Item(const char* concept_code, Json members) {
  members["ConceptNameCodeSequence"] = Code(concept_code);
  return members;
}

Json Group(const char* finding, const char* comment, const char* centre, const char* ml) {
  return Item(
      "125007",
      {{"ContentSequence",
        {Item("121071", {{"ConceptCodeSequence", Code(finding)}}),
         Item("111030", {{"GraphicData", centre}}),
         Item("118565006", {{"MeasuredValueSequence", Json::array({{{"NumericValue", ml}}})}}),
         Item("121106", {{"TextValue", comment}})}}});
}

Json Report(const Json& groups) {
  return {{"ContentSequence",
           {Item("121072", Json::object()), Item("126010", {{"ContentSequence", groups}})}}};
}

TEST(LesionsOfReport, AreTheGroupsWithALesionsCode) {
  const auto lesions =
      LesionsOfReport(Report({Group("52988006", "1 left clavicle", "30.8\\-104\\554.5", "4.59"),
                              Group("17621005", "5 left ribs", "1\\2\\3", "0.72")}));
  ASSERT_TRUE(lesions.ok()) << lesions.error().message();
  ASSERT_EQ(lesions->size(), 1U);
  EXPECT_EQ(lesions->front().name, "1 left clavicle");
  EXPECT_EQ(lesions->front().centre_mm, (Vec3{30.8, -104, 554.5}));
  EXPECT_EQ(lesions->front().volume_ml, 4.59);
  EXPECT_TRUE(LesionsOfReport(Report(Json::array())).ok()) << "a report without lesions";
  for (const Json& none : {Json::object(), Json("text"), Json{{"ContentSequence", 3}}})
    EXPECT_FALSE(LesionsOfReport(none).ok());
}

struct Case {
  const char* what;
  std::vector<DrawnLesion> drawn;
  std::vector<ReportedLesion> reported;
  int found;
  std::vector<std::string> differences;
};

TEST(CompareWithTruth, SaysWhatDiffers) {
  const DrawnLesion clavicle{"left clavicle", {30, -104, 554}, 4, true};
  const ReportedLesion found{"1 left clavicle", {32, -104, 560}, 5};
  const Case cases[] = {
      {"none, none", {}, {}, 0, {}},
      {"as drawn", {clavicle}, {found}, 1, {}},
      {"missed", {clavicle}, {}, 0, {"not in the report: 4.0 ml in the left clavicle"}},
      {"far away",
       {clavicle},
       {{"1 right foot", {-90, 0, -900}, 5}},
       0,
       {"not in the report: 4.0 ml in the left clavicle",
        "in the report, but not drawn: '1 right foot' with 5.0 ml"}},
      {"larger",
       {clavicle},
       {{"1 left clavicle", {32, -104, 560}, 12}},
       1,
       {"drawn with 4.0 ml in the left clavicle, reported as '1 left clavicle' with 12.0 ml"}},
      {"another bone",
       {clavicle},
       {{"1 left ribs", {32, -104, 560}, 5}},
       1,
       {"drawn in the left clavicle, reported as '1 left ribs'"}},
      {"too small to be required", {{"left foot", {0, 0, 0}, 0.1, false}}, {}, 0, {}},
      {"one mark for two lesions",
       {clavicle, {"left clavicle", {34, -104, 554}, 4, true}},
       {found},
       1,
       {"not in the report: 4.0 ml in the left clavicle"}},
  };
  for (const Case& c : cases) {
    const TruthComparison comparison = CompareWithTruth(c.drawn, c.reported);
    EXPECT_EQ(comparison.found, c.found) << c.what;
    EXPECT_EQ(comparison.differences, c.differences) << c.what;
  }
}

TEST(JudgeTruth, FailsBelowHalf) {
  EXPECT_TRUE(JudgeTruth({0, 0, {}}));
  EXPECT_TRUE(JudgeTruth({4, 2, {"a"}}));
  const Status failed = JudgeTruth({4, 1, {"not in the report: 1.0 ml in the sacrum"}});
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message().find("only 1 of 4 lesions"), std::string::npos);
  EXPECT_NE(failed.error().message().find("in the sacrum"), std::string::npos);
}

}  // namespace
}  // namespace osteon
