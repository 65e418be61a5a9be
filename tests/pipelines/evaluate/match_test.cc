// SPDX-License-Identifier: GPL-3.0-or-later
// Boxes on the lattice, with answers that can be counted by hand.
#include "pipelines/evaluate/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osteon {
namespace {

// Cells [x0, x1) x [0, 10) x [0, 10), 0.1 ml for each in x.
Region Box(int x0, int x1, const std::string& site = "femur", Side side = Side::kLeft) {
  Region region;
  region.file = "seg.dcm";
  for (int x = x0; x < x1; ++x) {
    for (int y = 0; y < 10; ++y) {
      for (int z = 0; z < 10; ++z) region.cells.push_back({x, y, z});
    }
  }
  region.volume_ml = static_cast<double>(region.cells.size()) / 1000;
  region.site = site;
  region.side = side;
  return region;
}

Region With(Region region, double probability) {
  region.probability = probability;
  return region;
}

std::vector<bool> Found(const StudyOutcome& outcome) {
  std::vector<bool> found;
  for (const LesionOutcome& lesion : outcome.lesions) found.push_back(lesion.found);
  return found;
}

std::vector<MarkKind> Kinds(const StudyOutcome& outcome) {
  std::vector<MarkKind> kinds;
  for (const MarkOutcome& mark : outcome.marks) kinds.push_back(mark.kind);
  return kinds;
}

TEST(MatchStudy, FindsByCoverageOrByLyingInside) {
  struct Case {
    const char* name;
    int mark_from, mark_to;
    MarkKind kind;
  };
  // The lesion fills x 0..99. A cell at x = -1 is 1 mm outside.
  for (const Case& c :
       {Case{"the same", 0, 100, MarkKind::kHit},
        Case{"10 of 100 covered, and 10 of 100 inside", -90, 10, MarkKind::kHit},
        Case{"9 of 100 covered, 9 + 4 of 100 inside with slack", -91, 9, MarkKind::kBeside},
        Case{"small, wholly inside", 50, 51, MarkKind::kHit},
        Case{"4 of 16 within the slack", -16, 0, MarkKind::kHit},
        Case{"4 of 17 within the slack", -17, 0, MarkKind::kBeside},
        Case{"6 mm away", -10, -5, MarkKind::kBeside},
        Case{"7 mm away", -10, -6, MarkKind::kFalsePositive},
        Case{"far", 200, 210, MarkKind::kFalsePositive}}) {
    const StudyOutcome outcome = MatchStudy({Box(0, 100)}, {Box(c.mark_from, c.mark_to)}, 0, {});
    ASSERT_EQ(outcome.marks.size(), 1U);
    EXPECT_EQ(Name(outcome.marks[0].kind), Name(c.kind)) << c.name;
    EXPECT_EQ(outcome.lesions.at(0).found, c.kind == MarkKind::kHit) << c.name;
  }
}

TEST(MatchStudy, GivesWhatLiesBetweenTwoLesionsToTheNearer) {
  // 0..9 and 20..29; the mark 9..15 covers one of the first and lies within 4 mm of it for 5 of 7.
  const StudyOutcome outcome = MatchStudy({Box(0, 10), Box(20, 30)}, {Box(9, 16)}, 0, {});
  EXPECT_THAT(Found(outcome), testing::ElementsAre(true, false));
}

TEST(MatchStudy, LetsOneMarkFindTwoLesionsAndTwoMarksOne) {
  const StudyOutcome one = MatchStudy({Box(0, 10), Box(12, 22)}, {Box(0, 22)}, 0, {});
  EXPECT_THAT(Found(one), testing::ElementsAre(true, true));
  EXPECT_DOUBLE_EQ(one.lesions[0].dice.value(), 2.0 * 10 / (10 + 22));  // Merging costs.
  const StudyOutcome two =
      MatchStudy({Box(0, 20)}, {With(Box(0, 8), 0.4), With(Box(12, 20), 0.7)}, 0, {});
  EXPECT_THAT(Kinds(two), testing::ElementsAre(MarkKind::kHit, MarkKind::kHit));
  EXPECT_DOUBLE_EQ(two.lesions[0].dice.value(), 2.0 * 16 / (20 + 16));
  EXPECT_DOUBLE_EQ(two.lesions[0].best_probability.value(), 0.7);
}

TEST(MatchStudy, DoesNotAskForSmallLesionsButForgivesMarksOnThem) {
  const StudyOutcome outcome = MatchStudy({Box(0, 2), Box(50, 60)}, {Box(0, 2)}, 0.5, {});
  ASSERT_EQ(outcome.lesions.size(), 1U);
  EXPECT_DOUBLE_EQ(outcome.lesions[0].volume_ml, 1.0);
  EXPECT_THAT(Kinds(outcome), testing::ElementsAre(MarkKind::kHit));
}

TEST(MatchStudy, JudgesSiteAndSideOnlyOfFoundLesionsThatTellThem) {
  const auto place = [](const Region& lesion, const Region& mark) {
    return MatchStudy({lesion}, {mark}, 0, {}).lesions.at(0);
  };
  const LesionOutcome right = place(Box(0, 9), Box(0, 9));
  EXPECT_TRUE(right.site_right.value() && right.side_right.value() && right.place_right.value());
  const LesionOutcome other_side = place(Box(0, 9), Box(0, 9, "femur", Side::kRight));
  EXPECT_TRUE(other_side.site_right.value());
  EXPECT_FALSE(other_side.side_right.value() || other_side.place_right.value());
  const LesionOutcome unpaired =
      place(Box(0, 9, "sternum", Side::kNone), Box(0, 9, "ribs", Side::kLeft));
  EXPECT_FALSE(unpaired.site_right.value());
  EXPECT_FALSE(unpaired.side_right.has_value());
  const LesionOutcome untold = place(Box(0, 9, "", Side::kLeft), Box(0, 9));
  EXPECT_FALSE(untold.site_right.has_value() || untold.place_right.has_value());
  EXPECT_TRUE(untold.side_right.value());
  const LesionOutcome missed = place(Box(0, 9), Box(100, 109));
  EXPECT_FALSE(missed.site_right.has_value() || missed.dice.has_value());
}

TEST(MatchStudy, KnowsStudiesWithoutLesionsAndWithoutMarks) {
  const StudyOutcome healthy = MatchStudy({}, {Box(0, 5)}, 0, {});
  EXPECT_THAT(Kinds(healthy), testing::ElementsAre(MarkKind::kFalsePositive));
  EXPECT_THAT(Found(MatchStudy({Box(0, 5)}, {}, 0, {})), testing::ElementsAre(false));
}

}  // namespace
}  // namespace osteon
