// SPDX-License-Identifier: GPL-3.0-or-later
// Whole folders, written by evaluate_files.py, which says what is in each study.
#include "pipelines/evaluate/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace osteon {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class EvaluateFolders : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = (fs::temp_directory_path() / "osteon-evaluate-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    WriteFiles("known");
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static void WriteFiles(const std::string& set) {
    const char* source = std::getenv("OSTEON_SOURCE_DIR");
    ASSERT_NE(source, nullptr) << "run by ctest, or set OSTEON_SOURCE_DIR to the repository";
    const std::string command = "/usr/bin/python3 -B '" + std::string(source) +
                                "/tests/pipelines/evaluate/evaluate_files.py' " + set + " '" +
                                (folder_ / set).string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  static Result<Evaluation> Run(const char* set, const EvaluateOptions& options = {}) {
    RunContext run;
    return Evaluate(folder_ / set / "truth", folder_ / set / "results", options, run);
  }

  static fs::path folder_;
};
fs::path EvaluateFolders::folder_;

TEST_F(EvaluateFolders, GivesTheAnswersOneCanCount) {
  const auto evaluation = Run("known");
  ASSERT_TRUE(evaluation) << evaluation.error().message();
  const Summary& s = evaluation->summary;
  EXPECT_EQ(s.studies, 4);
  EXPECT_EQ(s.studies_with_lesions, 3);
  EXPECT_EQ(s.studies_not_evaluable, 1);
  EXPECT_EQ(s.sensitivity.hits, 2);
  EXPECT_EQ(s.sensitivity.of, 5);
  EXPECT_EQ(s.false_positives.events, 2);
  EXPECT_EQ(s.false_positives_without_lesions.events, 1);
  EXPECT_EQ(s.site_right.hits, 2);
  EXPECT_EQ(s.side_right.hits, 1);
  EXPECT_EQ(s.side_right.of, 2);
  // 7.2 ml, 0.9 ml, 0.5 ml, 1.4 ml twice.
  EXPECT_EQ(s.by_size[1].sensitivity.of, 2);
  EXPECT_EQ(s.by_size[2].sensitivity.of, 2);
  EXPECT_EQ(s.by_size[3].sensitivity.hits, 1);
  EXPECT_GT(s.dice_from_1_ml.value.value(), 0.8);  // A ball of 12 mm moved by 2 mm, on two grids.
  EXPECT_LT(s.dice_from_1_ml.value.value(), 0.92);
}

TEST_F(EvaluateFolders, DrawsTheFrocFromTheProbabilities) {
  const auto evaluation = Run("known");
  ASSERT_TRUE(evaluation);
  const Froc& froc = evaluation->summary.froc;
  EXPECT_EQ(froc.no_curve, "");
  ASSERT_THAT(froc.points, SizeIs(4));  // 0.95 found; 0.7 false; 0.6 found; 0.3 false.
  EXPECT_DOUBLE_EQ(froc.points[0].sensitivity, 0.2);
  EXPECT_DOUBLE_EQ(froc.points[1].false_positives_per_study, 0.25);
  EXPECT_DOUBLE_EQ(froc.points[3].sensitivity, 0.4);
  EXPECT_DOUBLE_EQ(froc.points[3].false_positives_per_study, 0.5);
  const auto png = FrocPng(*evaluation);
  ASSERT_TRUE(png) << png.error().message();
  EXPECT_THAT(*png, testing::StartsWith("\x89PNG"));
  EXPECT_GT(png->size(), 5000U);
}

TEST_F(EvaluateFolders, ListsWhatIsInNoFigure) {
  const auto evaluation = Run("known");
  ASSERT_TRUE(evaluation);
  EXPECT_THAT(evaluation->only_in_truth, ElementsAre("1.2.5"));
  EXPECT_THAT(evaluation->only_in_results, ElementsAre("1.2.6"));
  ASSERT_THAT(evaluation->unreadable, SizeIs(1));
  EXPECT_EQ(evaluation->unreadable[0].study_instance_uid, "1.2.7");
  EXPECT_THAT(evaluation->unreadable[0].reason, HasSubstr("seg.dcm: cannot be read to its end"));
  const std::string text = EvaluationText(*evaluation);
  for (const char* said : {"4 studies, 3 with lesions", "1 not evaluable", "2/5 = 40.0 %", "1.2.5",
                           "1.2.6", "1.2.7: seg.dcm", "[too few studies]", "leg/tibia"}) {
    EXPECT_THAT(text, HasSubstr(said));
  }
}

TEST_F(EvaluateFolders, AsksForLargeLesionsOnlyWhenTold) {
  EvaluateOptions options;
  options.least_ml = 1;
  const auto evaluation = Run("known", options);
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->summary.sensitivity.of, 3);
  EXPECT_EQ(evaluation->summary.false_positives.events, 2)
      << "marks on small lesions are not false";
}

TEST_F(EvaluateFolders, WritesJsonThatIsTheSameEveryTime) {
  const auto one = Run("known"), two = Run("known");
  ASSERT_TRUE(one && two);
  EXPECT_EQ(EvaluationJson(*one), EvaluationJson(*two));
  const auto json = nlohmann::json::parse(EvaluationJson(*one));
  EXPECT_EQ(json["summary"]["sensitivity"]["hits"], 2);
  EXPECT_TRUE(json["summary"]["dice"]["ci95"].is_null()) << "too few studies";
  EXPECT_EQ(json["studies"].size(), 4U);
  EXPECT_EQ(json["studies"][0]["marks"][2]["kind"], "false_positive");
  EXPECT_EQ(json["studies"][0]["marks"][2]["site"], "pelvis/ilium");
}

TEST_F(EvaluateFolders, RefusesFoldersWithoutACommonStudy) {
  RunContext run;
  const auto none = Evaluate(folder_ / "known/truth/e", folder_ / "known/results/f", {}, run);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(),
            "no study is in both folders; reference: 1.2.5; results: 1.2.6");
  const auto absent = Evaluate(folder_ / "nowhere", folder_ / "known/results", {}, run);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code(), ErrorCode::kInvalidInput);
}

TEST_F(EvaluateFolders, StopsWhenCancelled) {
  RunContext run;
  run.Cancel();
  const auto evaluation = Evaluate(folder_ / "known/truth", folder_ / "known/results", {}, run);
  ASSERT_FALSE(evaluation);
  EXPECT_EQ(evaluation.error().code(), ErrorCode::kCancelled);
}

// score.py of the simulator knows the truth as a label volume and shares no line with this code.
TEST_F(EvaluateFolders, AgreesWithTheSimulatorsScore) {
  const char* shared = std::getenv("OSTEON_SHARED");
  if (shared == nullptr || !fs::exists(fs::path(shared) / "wbmri-sim/score.py")) {
    GTEST_SKIP() << "no wbmri-sim/score.py below OSTEON_SHARED to compare with";
  }
  WriteFiles("random");
  std::ifstream file(folder_ / "random/score.json");
  ASSERT_TRUE(file);
  const auto score = nlohmann::json::parse(file);
  EvaluateOptions required_only;
  required_only.least_ml = 0.3;  // LEAST_ML of evaluate_files.py.
  const auto required = Run("random", required_only), all = Run("random");
  ASSERT_TRUE(required && all);
  ASSERT_EQ(required->studies.size(), score["cases"].size());
  int lesions = 0, false_positives = 0;
  for (std::size_t n = 0; n < score["cases"].size(); ++n) {
    const auto& want = score["cases"][n];
    const Summary got = Summarise({required->studies[n]}, {});
    const Summary got_all = Summarise({all->studies[n]}, {});
    SCOPED_TRACE(required->studies[n].study_instance_uid);
    EXPECT_EQ(got.sensitivity.of, want["required"]);
    EXPECT_EQ(got.sensitivity.hits, want["found"]);
    EXPECT_EQ(got.false_positives.events, want["false_positives"]);
    EXPECT_EQ(got.marks, want["segments"]);
    EXPECT_EQ(got_all.place_right.hits, want["site_right"]);
    EXPECT_EQ(got_all.place_right.of, want["site_of"]);
    lesions += got.sensitivity.of;
    false_positives += got.false_positives.events;
  }
  EXPECT_GT(lesions, 20);
  EXPECT_GT(false_positives, 5);
}

}  // namespace
}  // namespace osteon
