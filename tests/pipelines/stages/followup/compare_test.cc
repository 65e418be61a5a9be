// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/followup/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "pipelines/stages/followup/comparability.h"
#include "tests/pipelines/stages/followup/compare_case.h"

namespace osteon {
namespace {

using testing::Codes;
using testing::Compared;
using testing::Now;
using testing::Prior;
using testing::Reported;
using testing::Then;

TEST(Compare, ClassesFollowVolumeGradeAndStructure) {
  struct Case {
    const char* name;
    void (*change)(Lesion&);
    Change want;
  };
  const Case cases[] = {
      {"the same", [](Lesion&) {}, Change::kStable},
      {"29 % more", [](Lesion& l) { l.volume_ml = 5.16; }, Change::kStable},
      {"31 % more", [](Lesion& l) { l.volume_ml = 5.24; }, Change::kWorse},
      {"29 % less", [](Lesion& l) { l.volume_ml = 2.84; }, Change::kStable},
      {"30 % more", [](Lesion& l) { l.volume_ml = 5.2; }, Change::kWorse},
      {"30 % less", [](Lesion& l) { l.volume_ml = 2.8; }, Change::kImproved},
      {"29.6 % less: said as 30", [](Lesion& l) { l.volume_ml = 2.816; }, Change::kImproved},
      {"29.4 % less: said as 29", [](Lesion& l) { l.volume_ml = 2.824; }, Change::kStable},
      {"31 % less", [](Lesion& l) { l.volume_ml = 2.76; }, Change::kImproved},
      {"a quarter less and a grade lower",
       [](Lesion& l) {
         l.volume_ml = 3;
         l.signal_grade = Measured::Of(1);
         l.stir_position = Measured::Of(0.4);
       },
       Change::kImproved},
      {"a grade lower by a hair",
       [](Lesion& l) {
         l.signal_grade = Measured::Of(1);
         l.stir_position = Measured::Of(0.68);
       },
       Change::kStable},
      {"nearly gone",
       [](Lesion& l) {
         l.volume_ml = 0.3;
         l.signal_grade = Measured::Of(0);
         l.stir_position = Measured::Of(0.1);
       },
       Change::kResolved},
      {"small but still bright", [](Lesion& l) { l.volume_ml = 0.3; }, Change::kImproved},
      {"new soft-tissue signal", [](Lesion& l) { l.soft_tissue_ml = Measured::Of(2); },
       Change::kWorse},
  };
  for (const Case& c : cases) {
    Lesion then = Then();
    then.soft_tissue_ml = Measured::Of(0);
    Lesion now = Then();
    c.change(now);
    const Findings f = Compared(Now({now}), Prior({then}));
    EXPECT_EQ(f.lesions[0].change, c.want)
        << c.name << ": " << Name(f.lesions[0].change) << ", " << Codes(f.lesions[0]);
    EXPECT_EQ(*f.lesions[0].prior_volume_ml.value, 4) << c.name;
    EXPECT_EQ(f.lesions[0].tracking_uid, "2.25.10019") << "kept";
    EXPECT_EQ(f.prior->counts.at(c.want), 1) << c.name;
  }
}

// The percentage in the text agrees with the class, or the text says why it does not.
TEST(Compare, AChangeOfFewVoxelsIsStableAndSaysSo) {
  struct Case {
    double then_ml, now_ml;
    Change want;
    const char* codes;
  };
  for (const Case& c : {Case{0.50, 0.34, Change::kImproved, "volume "},
                        Case{0.44, 0.30, Change::kStable, "volume small_change "},
                        Case{0.30, 0.44, Change::kStable, "volume small_change "},
                        Case{0.44, 0.40, Change::kStable, "volume "}}) {
    Lesion then = Then(), now = Then();
    then.volume_ml = c.then_ml;
    now.volume_ml = c.now_ml;
    const Lesion got = Compared(Now({now}), Prior({then})).lesions[0];
    EXPECT_EQ(got.change, c.want) << c.then_ml << " to " << c.now_ml;
    EXPECT_EQ(Codes(got), c.codes) << c.then_ml << " to " << c.now_ml;
  }
}

TEST(Compare, AHigherGradeIsWorse) {
  Lesion then = Then(), now = Then();
  then.signal_grade = Measured::Of(1);
  then.stir_position = Measured::Of(0.4);
  EXPECT_EQ(Compared(Now({now}), Prior({then})).lesions[0].change, Change::kWorse);
}

TEST(Compare, MatchesByPlaceInTheBone) {
  struct Case {
    const char *now_unit, *then_unit;
    double now_along, then_along;
    bool same;
  };
  const Case cases[] = {
      {"tibia_distal_left", "tibia_distal_left", 0.5, 0.7, true},   // 20 mm of 400.
      {"tibia_distal_left", "tibia_distal_left", 0.1, 0.9, false},  // 80 mm.
      {"tibia_distal_left", "tibia_diaphysis_left", 0.05, 0.97,
       true},  // Across the border of two units: 11 mm.
      {"tibia_distal_left", "tibia_proximal_left", 0.5, 0.5, false},
      {"tibia_distal_left", "tibia_distal_right", 0.5, 0.5, false},
      {"tibia_distal_left", "fibula_distal_left", 0.5, 0.5, false},
      {"lumbar_spine", "lumbar_spine", 0.5, 0.6, true},  // No frame: by fraction.
      {"lumbar_spine", "lumbar_spine", 0.1, 0.9, false},
  };
  for (const Case& c : cases) {
    const Findings f = Compared(Now({Reported(c.now_unit, c.now_along, 2)}),
                                Prior({Reported(c.then_unit, c.then_along, 2)}));
    EXPECT_EQ(f.lesions[0].change == Change::kStable, c.same)
        << c.now_unit << " " << c.then_unit << " " << c.then_along;
    EXPECT_EQ(f.lesions[0].change == Change::kNew, !c.same);
    EXPECT_EQ(f.prior->resolved.size(), c.same ? 0u : 1u);
  }
}

TEST(Compare, MatchesOneToOneNearestFirst) {
  const Findings f = Compared(Now({Reported("tibia_diaphysis_left", 0.20, 2, 1),
                                   Reported("tibia_diaphysis_left", 0.30, 2, 2)}),
                              Prior({Reported("tibia_diaphysis_left", 0.32, 2, 7),
                                     Reported("tibia_diaphysis_left", 0.22, 2, 8)}));
  EXPECT_EQ(f.lesions[0].tracking_uid, "2.25.10089");
  EXPECT_EQ(f.lesions[1].tracking_uid, "2.25.10079");
}

TEST(Compare, MergedAndSplitLesionsAreOne) {
  Lesion whole = Reported("tibia_diaphysis_left", 0.5, 6, 1);
  whole.length_mm = 60;
  const Lesion upper = Reported("tibia_diaphysis_left", 0.45, 3, 2),
               lower = Reported("tibia_diaphysis_left", 0.57, 3, 3);
  const Findings merged = Compared(Now({whole}), Prior({upper, lower}));
  EXPECT_EQ(merged.lesions[0].change, Change::kStable) << Codes(merged.lesions[0]);
  EXPECT_EQ(*merged.lesions[0].prior_volume_ml.value, 6);
  EXPECT_TRUE(merged.prior->resolved.empty());
  const Findings split = Compared(Now({upper, lower}), Prior({whole}));
  EXPECT_EQ(split.lesions[0].change, Change::kStable);
  EXPECT_EQ(split.lesions[1].change, Change::kStable);
  EXPECT_NE(split.lesions[0].tracking_uid, split.lesions[1].tracking_uid);
}

TEST(Compare, LesionsFarFromEachOtherAreNotParts) {
  Lesion whole = Reported("tibia_diaphysis_left", 0.5, 6, 1);
  whole.length_mm = 60;
  const Lesion near = Reported("tibia_diaphysis_left", 0.45, 3, 2);
  Lesion far = Reported("tibia_diaphysis_left", 0.57, 3, 3);
  far.centroid_mm = {45, 0, 0};
  const Findings f = Compared(Now({near, far}), Prior({whole}));
  EXPECT_EQ(f.lesions[0].change, Change::kImproved);
  EXPECT_EQ(f.lesions[1].change, Change::kNew);
}

TEST(Compare, AFragmentBesideAGrownLesionIsPartOfIt) {
  Lesion small = Reported("tibia_diaphysis_left", 0.5, 2, 1);
  small.length_mm = 16;
  Lesion grown = Reported("tibia_diaphysis_left", 0.5, 8, 1);
  grown.length_mm = 40;
  Lesion fragment =
      Reported("tibia_diaphysis_left", 0.62, 0.4, 2);  // 24 mm away: not within the 16.
  fragment.length_mm = 8;
  fragment.centroid_mm = grown.centroid_mm + Vec3{0, 0, 24};
  const Findings f = Compared(Now({grown, fragment}), Prior({small}));
  EXPECT_EQ(f.lesions[0].change, Change::kWorse);
  EXPECT_EQ(f.lesions[1].change, Change::kWorse) << Codes(f.lesions[1]);
  fragment.volume_ml = 3;  // A lesion of its own.
  EXPECT_EQ(Compared(Now({grown, fragment}), Prior({small})).lesions[1].change, Change::kNew);
}

TEST(Compare, WhatWasNotImagedIsNotComparable) {
  Findings now = Now({Reported("foot_left", 0.5, 2, 1)});
  now.not_imaged = {*UnitByKey("hand_right")};
  PriorReport prior = Prior({Reported("hand_right", 0.5, 2, 2)});
  prior.not_imaged = {*UnitByKey("foot_left")};
  const Findings f = Compared(now, prior);
  EXPECT_EQ(f.lesions[0].change, Change::kNotComparable);
  EXPECT_TRUE(f.prior->resolved.empty());
  EXPECT_EQ(f.prior->counts.at(Change::kNotComparable), 2);
  ASSERT_EQ(f.caveats.size(), 1u);
  EXPECT_EQ(f.caveats[0].code, "prior_lesion_not_imaged");
}

TEST(Compare, AFadedLesionIsFollowedAndAnIndeterminateOneIsNotNew) {
  Findings now = Now({});
  Lesion faded = Then();
  faded.judgement = LesionClass::kIndeterminate;
  faded.volume_ml = 1;
  now.other_marks = {faded};
  const Findings f = Compared(now, Prior({Then()}));
  EXPECT_TRUE(f.prior->resolved.empty());
  EXPECT_EQ(f.other_marks[0].change, Change::kImproved);

  PriorReport prior = Prior({});
  prior.other_marks = {faded};
  EXPECT_EQ(Compared(Now({Then()}), prior).lesions[0].change, Change::kWorse);
}

TEST(Compare, WhatPassesForAVariantIsFollowedWhereALesionWas) {
  Findings now = Now({});
  Lesion rest = Then();
  rest.judgement = LesionClass::kNormalVariant;
  rest.volume_ml = 0.8;
  now.other_marks = {rest};
  const Findings f = Compared(now, Prior({Then()}));
  EXPECT_EQ(f.other_marks[0].change, Change::kImproved) << Codes(f.other_marks[0]);
  EXPECT_TRUE(f.prior->resolved.empty());
}

// Counts are of lesions. A mark that is not a lesion is followed, but not counted.
TEST(Compare, CountsAgreeWithTheLesionsListed) {
  const auto mark = [](double volume_ml, double position, LesionClass judgement) {
    Lesion rest = Then();
    rest.volume_ml = volume_ml;
    rest.stir_position = Measured::Of(position);
    rest.judgement = judgement;
    return rest;
  };
  struct Case {
    Lesion rest;
    std::map<Change, int> counts;
  };
  for (const Case& c :
       {Case{mark(4, 0.7, LesionClass::kNormalVariant), {}},
        Case{mark(2, 0.7, LesionClass::kIndeterminate), {}},
        Case{mark(9, 0.7, LesionClass::kIndeterminate), {}},
        Case{mark(0.2, 0.1, LesionClass::kNormalVariant), {{Change::kResolved, 1}}}}) {
    Findings now = Now({});
    now.other_marks = {c.rest};
    const Findings f = Compared(now, Prior({Then()}));
    EXPECT_EQ(f.prior->counts, c.counts) << c.rest.volume_ml;
    EXPECT_NE(f.other_marks[0].change, Change::kNoPrior) << "followed";
  }
}

TEST(Compare, OnlyNewHeightLossIsUrgent) {
  Lesion collapsed = Reported("thoracic_spine", 0.5, 2);
  collapsed.height_loss_percent = Measured::Of(35);
  Lesion upright = collapsed;
  upright.height_loss_percent = Measured::Of(5);
  EXPECT_TRUE(Compared(Now({collapsed}), Prior({upright})).patient.urgent_height_loss);
  EXPECT_EQ(Compared(Now({collapsed}), Prior({upright})).lesions[0].change, Change::kWorse);
  EXPECT_FALSE(Compared(Now({collapsed}), Prior({collapsed})).patient.urgent_height_loss);
}

TEST(Compare, RefusesABrokenPrior) {
  Lesion no_unit = Then(), no_volume = Then();
  no_unit.unit = 0;
  no_volume.volume_ml = std::numeric_limits<double>::quiet_NaN();
  for (const Lesion& broken : {no_unit, no_volume}) {
    const Result<Findings> compared = CompareWithPrior(Now({Then()}), Prior({broken}), {});
    ASSERT_FALSE(compared.ok());
    EXPECT_EQ(compared.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(compared.error().message(), ::testing::HasSubstr("prior"));
  }
}

}  // namespace
}  // namespace osteon
