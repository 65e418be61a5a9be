// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/confidence.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace osteon {
namespace {

// Ten studies of one lesion each are independent cases: Wilson's interval of the textbooks.
TEST(ClusteredProportion, IsWilsonsIntervalForIndependentCases) {
  struct Case {
    int hits, of;
    double low, high;  // R 4.2: prop.test(hits, of, correct = FALSE)$conf.int
  };
  for (const Case& c :
       {Case{8, 10, 0.490162, 0.943318}, Case{10, 10, 0.722467, 1.0}, Case{0, 10, 0.0, 0.277533},
        Case{1, 2, 0.094529, 0.905471}, Case{90, 100, 0.825634, 0.944771}}) {
    std::vector<Count> studies;
    studies.reserve(static_cast<std::size_t>(c.of));
    for (int n = 0; n < c.of; ++n) studies.push_back({n < c.hits ? 1 : 0, 1});
    const Proportion p = ClusteredProportion(studies);
    EXPECT_EQ(p.hits, c.hits);
    EXPECT_DOUBLE_EQ(p.value.value(), static_cast<double>(c.hits) / c.of);
    // One case a study has the design effect n / (n - 1), whose Wilson interval is wider by that
    // much.
    EXPECT_LE(p.ci95->low, c.low + 1e-6) << c.hits << "/" << c.of;
    EXPECT_GE(p.ci95->high, c.high - 1e-6) << c.hits << "/" << c.of;
    EXPECT_NEAR(p.ci95->low, c.low, c.of == 2 ? 0.05 : 0.02);
    EXPECT_NEAR(p.ci95->high, c.high, c.of == 2 ? 0.05 : 0.02);
  }
}

TEST(ClusteredProportion, IsWiderWhenPatientsDiffer) {
  // 20 of 40 in both cases: each study finds half, or two studies find all and two find none.
  const std::vector<Count> alike{{5, 10}, {5, 10}, {5, 10}, {5, 10}};
  const std::vector<Count> apart{{10, 10}, {10, 10}, {0, 10}, {0, 10}};
  const Interval narrow = ClusteredProportion(alike).ci95.value();
  const Interval wide = ClusteredProportion(apart).ci95.value();
  EXPECT_NEAR(narrow.low, 0.352, 0.001);  // Wilson of 20/40.
  // Between-study variance 4/3 * 4 * 25 / 1600 = 1/12 against 1/160: 13.3 times, so 20/40 is
  // worth 1.5/3.
  EXPECT_NEAR(wide.low, 0.125, 0.01);
  EXPECT_NEAR(wide.high, 0.875, 0.01);
}

TEST(ClusteredProportion, OfNothingHasNoValue) {
  EXPECT_FALSE(ClusteredProportion({}).value);
  const std::vector<Count> empty_studies{{0, 0}, {0, 0}};
  EXPECT_FALSE(ClusteredProportion(empty_studies).ci95);
}

TEST(StudyResampler, DrawsTheSameEverywhereAndAllAlike) {
  StudyResampler one(7, 42), two(7, 42);
  std::vector<int> counts(7);
  for (int n = 0; n < 1000; ++n) {
    const auto drawn = one.Draw();
    ASSERT_EQ(drawn, two.Draw());
    for (const std::size_t study : drawn) ++counts.at(study);
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);  // Five standard deviations.
  // The first numbers of mt19937_64 with seed 5489 are fixed by the C++ standard:
  // 14514284786278117030 first.
  StudyResampler standard(10, 5489);
  EXPECT_EQ(standard.Draw().front(), 7U);
}

TEST(BootstrapInterval, CoversTheMeanOfManyStudies) {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), 0.0);  // Mean 49.5, standard error 2.9.
  const auto mean = [&](std::span<const std::size_t> drawn) {
    double sum = 0;
    for (const std::size_t n : drawn) sum += values[n];
    return std::optional(sum / static_cast<double>(drawn.size()));
  };
  const auto ci = BootstrapInterval(values.size(), {}, mean);
  ASSERT_TRUE(ci);
  EXPECT_NEAR(ci->low, 49.5 - 1.96 * 2.887, 0.5);
  EXPECT_NEAR(ci->high, 49.5 + 1.96 * 2.887, 0.5);
  EXPECT_FALSE(BootstrapInterval(kLeastStudiesForBootstrap - 1, {}, mean));
}

TEST(RateOf, KnowsThatNoEventIsNotNoRisk) {
  const std::vector<int> none(20, 0);
  const Rate rate = RateOf(none, {});
  EXPECT_DOUBLE_EQ(rate.per_study.value(), 0);
  EXPECT_DOUBLE_EQ(rate.ci95->low, 0);
  EXPECT_NEAR(rate.ci95->high, 3.6889 / 20, 1e-4);
  const std::vector<int> few{1, 0};
  EXPECT_DOUBLE_EQ(RateOf(few, {}).per_study.value(), 0.5);
  EXPECT_FALSE(RateOf(few, {}).ci95) << "two studies tell nothing of their spread";
  EXPECT_FALSE(RateOf({}, {}).per_study);
}

}  // namespace
}  // namespace osteon
