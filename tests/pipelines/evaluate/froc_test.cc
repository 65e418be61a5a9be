// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/froc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/evaluate/summary.h"

namespace osteon {
namespace {

// A study of lesions found at these probabilities (negative: missed) and of false positives.
StudyOutcome Study(const std::vector<double>& lesions, const std::vector<double>& false_positives) {
  StudyOutcome study;
  for (const double p : lesions) {
    LesionOutcome lesion;
    lesion.volume_ml = 2;
    lesion.site = "femur";
    lesion.found = p >= 0;
    if (lesion.found) {
      lesion.best_probability = p;
      lesion.dice = 0.5 + p / 10;
      lesion.site_right = true;
      MarkOutcome mark;
      mark.probability = p;
      study.marks.push_back(mark);
    }
    study.lesions.push_back(lesion);
  }
  for (const double p : false_positives) {
    MarkOutcome mark;
    mark.probability = p;
    mark.kind = MarkKind::kFalsePositive;
    study.marks.push_back(mark);
  }
  return study;
}

// Two studies: four lesions, three false positives.
std::vector<StudyOutcome> Two() { return {Study({0.9, 0.6, -1}, {0.7}), Study({0.5}, {0.4, 0.4})}; }

TEST(FrocOf, WalksDownTheProbabilities) {
  const Froc froc = FrocOf(Two(), {});
  struct Want {
    double least, rate, sensitivity;
  };
  const std::vector<Want> want{
      {0.9, 0, 0.25}, {0.7, 0.5, 0.25}, {0.6, 0.5, 0.5}, {0.5, 0.5, 0.75}, {0.4, 1.5, 0.75}};
  ASSERT_EQ(froc.points.size(), want.size());
  for (std::size_t n = 0; n < want.size(); ++n) {
    EXPECT_DOUBLE_EQ(froc.points[n].least_probability, want[n].least);
    EXPECT_DOUBLE_EQ(froc.points[n].false_positives_per_study, want[n].rate) << n;
    EXPECT_DOUBLE_EQ(froc.points[n].sensitivity, want[n].sensitivity) << n;
  }
}

TEST(FrocOf, ReadsSensitivityAtFixedRatesUpToTheOperatingPoint) {
  const Froc froc = FrocOf(Two(), {});
  for (const FrocRate& rate : froc.at_rates) {
    const double at = rate.false_positives_per_study;
    if (at > 1.5) {
      EXPECT_FALSE(rate.sensitivity) << at;
    } else {
      // Below 0.5 no false positive is allowed, so only what is more probable than 0.7 counts.
      EXPECT_DOUBLE_EQ(rate.sensitivity.value(), at < 0.5 ? 0.25 : 0.75) << at;
    }
    EXPECT_FALSE(rate.ci95) << "two studies";
  }
}

TEST(FrocOf, HasIntervalsWithEnoughStudiesTheSameEveryTime) {
  std::vector<StudyOutcome> studies;
  studies.reserve(20);
  for (int n = 0; n < 20; ++n) {
    studies.push_back(
        Study({0.9, n % 2 == 0 ? 0.8 : -1}, n % 4 == 0 ? std::vector{0.3} : std::vector<double>{}));
  }
  const Froc froc = FrocOf(studies, {}), again = FrocOf(studies, {});
  const FrocRate& rate = froc.at_rates.front();  // 1/8 of the 1/4 at the operating point.
  EXPECT_DOUBLE_EQ(rate.sensitivity.value(), 0.75);
  ASSERT_TRUE(rate.ci95);
  // A mean of 20 values of 1 or 0.5: standard error 0.25 / sqrt(20) = 0.056.
  EXPECT_NEAR(rate.ci95->low, 0.75 - 0.11, 0.03);
  EXPECT_NEAR(rate.ci95->high, 0.75 + 0.11, 0.03);
  EXPECT_EQ(rate.ci95->low, again.at_rates.front().ci95->low);
}

TEST(FrocOf, IsOnePointWhenAMarkHasNoProbability) {
  auto studies = Two();
  studies[0].marks[0].probability.reset();
  studies[0].lesions[0].best_probability.reset();
  const Froc froc = FrocOf(studies, {});
  EXPECT_THAT(froc.no_curve, testing::HasSubstr("1 marks have no probability"));
  ASSERT_EQ(froc.points.size(), 1U);
  EXPECT_DOUBLE_EQ(froc.points[0].sensitivity, 0.75);
  EXPECT_DOUBLE_EQ(froc.points[0].false_positives_per_study, 1.5);
  EXPECT_TRUE(froc.at_rates.empty());
}

TEST(FrocOf, HasNoPointWithoutLesions) {
  const Froc froc = FrocOf({Study({}, {0.5})}, {});
  EXPECT_TRUE(froc.points.empty());
  EXPECT_EQ(froc.no_curve, "the reference has no lesion");
}

TEST(FrocOf, EndsAtTheOriginWhenNothingWasMarked) {
  const Froc froc = FrocOf({Study({-1, -1}, {})}, {});
  ASSERT_EQ(froc.points.size(), 1U);
  EXPECT_DOUBLE_EQ(froc.points[0].sensitivity, 0);
}

TEST(Summarise, CountsByHand) {
  auto studies = Two();
  studies.push_back(Study({}, {0.2}));    // A healthy one with a false positive.
  studies[1].lesions[0].volume_ml = 0.4;  // The lower end of a bin belongs to it.
  studies[1].lesions[0].site = "";
  studies[1].lesions[0].site_right.reset();
  studies[1].evaluable = false;
  const Summary s = Summarise(studies, {});
  EXPECT_EQ(s.studies, 3);
  EXPECT_EQ(s.studies_with_lesions, 2);
  EXPECT_EQ(s.studies_not_evaluable, 1);
  EXPECT_EQ(s.sensitivity.hits, 3);
  EXPECT_EQ(s.sensitivity.of, 4);
  EXPECT_EQ(s.false_positives.events, 4);
  EXPECT_EQ(s.false_positives_without_lesions.events, 1);
  EXPECT_EQ(s.false_positives_without_lesions.studies, 1);
  ASSERT_EQ(s.by_size.size(), 4U);
  EXPECT_EQ(s.by_size[0].sensitivity.of, 0);
  EXPECT_EQ(s.by_size[1].sensitivity.of, 1);
  EXPECT_EQ(s.by_size[2].sensitivity.of, 3);
  ASSERT_EQ(s.by_site.size(), 2U);
  EXPECT_EQ(s.by_site[0].name, "(not told)");
  EXPECT_EQ(s.by_site[1].sensitivity.hits, 2);
  EXPECT_DOUBLE_EQ(s.dice.value.value(), 0.56);  // Of 0.59, 0.56, 0.55.
  EXPECT_DOUBLE_EQ(s.dice_from_1_ml.value.value(), 0.575);
  EXPECT_EQ(s.site_right.of, 2);
  EXPECT_FALSE(s.side_right.value);
}

}  // namespace
}  // namespace osteon
