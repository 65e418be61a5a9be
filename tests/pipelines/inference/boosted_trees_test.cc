// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/inference/boosted_trees.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

namespace osteon {
namespace {

using ::testing::HasSubstr;

std::filesystem::path Write(const std::string& name, const std::string& text) {
  auto file = std::filesystem::path(::testing::TempDir()) / fmt::format("{}-{}", ::getpid(), name);
  std::ofstream(file) << text;
  return file;
}

// Two trees on "bright" and "bony": bright adds 2 or takes 2 away, bony adds 1 or takes 1 away when
// bright.
const char kTwoTrees[] = R"({"version": "7", "features": ["bright", "bony"], "bias": 0.5,
  "calibration": {"slope": 2, "offset": -1}, "trees": [
  {"feature": [0, -1, -1], "threshold": [0.5, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0], "value": [0, -2, 2]},
  {"feature": [0, -1, 1, -1, -1], "threshold": [0.5, 0, 10, 0, 0], "left": [1, 0, 3, 0, 0], "right": [2, 0, 4, 0, 0],
   "value": [0.1, 0, 0.2, -1, 1]}]})";

TEST(BoostedTrees, SumsLeavesAndCalibrates) {
  const auto model = ReadBoostedTrees(Write("two.json", kTwoTrees));
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->version, "7");
  EXPECT_EQ(model->sha256.size(), 64U);
  struct Case {
    double bright, bony, log_odds;
  };
  for (const Case& c :
       {Case{0.5, 99, 0.5 - 2 + 0}, Case{0.6, 10, 0.5 + 2 - 1}, Case{0.6, 11, 0.5 + 2 + 1}}) {
    const Verdict verdict = Judge(*model, {{"bright", c.bright}, {"bony", c.bony}});
    EXPECT_NEAR(verdict.log_odds, c.log_odds, 1e-12);
    EXPECT_NEAR(verdict.probability, 1 / (1 + std::exp(-(2 * c.log_odds - 1))), 1e-12);
  }
}

TEST(BoostedTrees, CompanyIsReadAndIsNoneInAFileWithout) {
  const auto without = ReadBoostedTrees(Write("two.json", kTwoTrees));
  ASSERT_TRUE(without);
  EXPECT_EQ(without->calibration_company, 0);
  const auto with = ReadBoostedTrees(Write(
      "company.json",
      R"({"version": "1", "features": [], "bias": 0, "calibration": {"slope": 1, "offset": 0, "company": 0.5},
    "trees": []})"));
  ASSERT_TRUE(with) << with.error().message();
  EXPECT_EQ(with->calibration_company, 0.5);
}

TEST(BoostedTrees, NamesWhatMovedTheVerdictStrongestFirst) {
  const auto model = ReadBoostedTrees(Write("two.json", kTwoTrees));
  ASSERT_TRUE(model);
  const Verdict verdict = Judge(*model, {{"bright", 1.0}, {"bony", 0.0}});
  ASSERT_EQ(verdict.contributions.size(), 2U);
  EXPECT_EQ(verdict.contributions[0].first, "bright");
  EXPECT_NEAR(verdict.contributions[0].second, 2.0 + 0.1, 1e-12);
  EXPECT_EQ(verdict.contributions[1].first, "bony");
  EXPECT_NEAR(verdict.contributions[1].second, -1.2, 1e-12);
}

TEST(BoostedTrees, AFeatureThatIsNotMeasuredIsNamed) {
  const auto model = ReadBoostedTrees(Write("two.json", kTwoTrees));
  ASSERT_TRUE(model);
  EXPECT_TRUE(CheckFeatures(*model, "two.json", {{"bright", 0}, {"bony", 0}, {"new", 0}}));
  const Status missing = CheckFeatures(*model, "two.json", {{"bright", 0}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("two.json wants the feature 'bony'"));
}

TEST(BoostedTrees, RefusesWhatIsMissingOrDamagedAndNamesTheFile) {
  struct Case {
    const char* what;
    std::string text;
    const char* message;
  };
  const std::string loop =
      R"({"version": "1", "features": ["a"], "bias": 0, "calibration": {"slope": 1, "offset": 0},
    "trees": [{"feature": [0, 0], "threshold": [0, 0], "left": [1, 0], "right": [1, 0], "value": [0, 0]}]})";
  const std::string unknown =
      R"({"version": "1", "features": ["a"], "bias": 0, "calibration": {"slope": 1, "offset": 0},
    "trees": [{"feature": [1, -1, -1], "threshold": [0, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0], "value": [0, 0, 0]}]})";
  for (const Case& c : {Case{"truncated", std::string(kTwoTrees).substr(0, 200), "parse error"},
                        Case{"no trees", R"({"version": "1"})", "features"},
                        Case{"a child before its parent", loop, "tree 0 is damaged"},
                        Case{"a feature that is not listed", unknown, "tree 0 is damaged"}}) {
    const auto model = ReadBoostedTrees(Write("bad.json", c.text));
    ASSERT_FALSE(model) << c.what;
    EXPECT_EQ(model.error().code(), ErrorCode::kInvalidInput) << c.what;
    EXPECT_THAT(model.error().message(), HasSubstr("bad.json")) << c.what;
    EXPECT_THAT(model.error().message(), HasSubstr(c.message)) << c.what;
  }
  const auto missing = ReadBoostedTrees("nowhere/lesion.json");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr("nowhere/lesion.json"));
}

}  // namespace
}  // namespace osteon
