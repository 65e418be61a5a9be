// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/patient_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/report/words.h"
#include "pipelines/stages/lesion/criteria.h"
#include "pipelines/stages/lesion/red_flags.h"
#include "tests/pipelines/stages/lesion_scene.h"

namespace osteon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reported;
using ::testing::StartsWith;

std::vector<Lesion> At(const std::vector<const char*>& keys) {
  std::vector<Lesion> lesions;
  lesions.reserve(keys.size());
  for (const char* key : keys)
    lesions.push_back(Reported(key, 0.5, 2, static_cast<int>(lesions.size()) + 1));
  return lesions;
}

TEST(Summary, CountsPatternAndMultifocality) {
  struct Case {
    std::vector<const char*> units;
    int lesions, hands_feet;
    bool multifocal;
    const char* pattern;
    std::size_t pairs;
  };
  const Case cases[] = {
      {{}, 0, 0, false, "none", 0},
      {{"tibia_proximal_left"}, 1, 0, false, "none", 0},
      {{"tibia_proximal_left", "tibia_distal_left"}, 2, 0, false, "none", 0},
      {{"tibia_proximal_left", "tibia_proximal_right"}, 2, 0, true, "tibio-appendicular", 1},
      {{"tibia_distal_left", "ilium_left", "foot_left"}, 2, 1, true, "tibio-appendicular", 0},
      {{"clavicle_right"}, 1, 0, false, "none", 0},
      {{"thoracic_spine", "lumbar_spine"}, 2, 0, true, "none", 0},
      {{"clavicle_right", "thoracic_spine"}, 2, 0, true, "claviculo-spinal", 0},
      {{"clavicle_left", "lumbar_spine", "tibia_distal_right"}, 3, 0, true, "mixed", 0},
      {{"thoracic_spine", "tibia_distal_right"}, 2, 0, true, "none", 0},
      {{"sacrum", "tibia_distal_right", "tibia_distal_left"}, 3, 0, true, "none", 1},
      {{"ribs_left", "tibia_distal_right"}, 2, 0, true, "none", 0},
      {{"clavicle_left", "tibia_distal_right"}, 2, 0, true, "mixed", 0},
      {{"foot_left", "foot_right", "hand_left"}, 0, 3, true, "none", 1},
      {{"femur_distal_left", "femur_proximal_right"}, 2, 0, true, "none", 0},
  };
  for (const Case& c : cases) {
    const PatientSummary s = Summarise(At(c.units), {}, {});
    const std::string name = c.units.empty() ? "no lesion" : c.units.front();
    EXPECT_EQ(s.lesion_count, c.lesions) << name;
    EXPECT_EQ(s.hand_foot_count, c.hands_feet) << name;
    EXPECT_EQ(s.multifocal, c.multifocal) << name;
    EXPECT_EQ(s.pattern, c.pattern) << name;
    EXPECT_EQ(s.symmetric_pairs.size(), c.pairs) << name;
    EXPECT_DOUBLE_EQ(s.total_volume_ml, 2.0 * static_cast<double>(c.units.size())) << name;
  }
}

TEST(Summary, PairsAreTheNearestAndOneToOne) {
  std::vector<Lesion> lesions = {
      Reported("tibia_distal_right", 0.8, 1, 1), Reported("tibia_distal_right", 0.2, 1, 2),
      Reported("tibia_distal_left", 0.75, 1, 3), Reported("tibia_distal_left", 0.65, 1, 4),
      Reported("tibia_proximal_left", 0.2, 1, 5)};
  const auto pairs = SymmetricPairsOf(lesions);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].right_lesion, 1);
  EXPECT_EQ(pairs[0].left_lesion, 3);
  lesions[1].along_bone = Measured::Of(0.5);
  EXPECT_EQ(SymmetricPairsOf(lesions).size(), 2u) << "the second left lesion is 0.15 from it";
}

TEST(Burden, AddsSignalSizeAndStructureOverUnits) {
  Lesion a = Reported("tibia_distal_right", 0.5, 1, 1),
         b = Reported("tibia_distal_right", 0.9, 1, 2);
  a.share_of_unit_percent = b.share_of_unit_percent = Measured::Of(20);
  a.signal_grade = Measured::Of(1);
  EXPECT_EQ(BurdenOf({a}), 1 + 1);
  EXPECT_EQ(BurdenOf({a, b}), 2 + 2) << "grade of the brighter, shares added, one unit";
  b.expansion_ratio = Measured::Of(1.3);
  b.periosteal_mm = Measured::Of(15);
  b.soft_tissue_ml = Measured::Of(3);
  EXPECT_EQ(BurdenOf({a, b}), 2 + 2 + 1 + 1);
  Lesion spine = Reported("thoracic_spine", 0.5, 1, 3);
  spine.signal_grade = Measured::NotAssessed("no fluid");
  spine.height_loss_percent = Measured::Of(40);
  EXPECT_EQ(BurdenOf({spine}), 1 + 1 + 1);
  EXPECT_EQ(BurdenOf({a, b, spine}), 6 + 3);
}

TEST(RedFlags, EachIsRaisedByItsMeasurementAndByNothingLess) {
  struct Case {
    const char* code;
    std::vector<const char*> units;
    std::optional<double> age_years;
    void (*raise)(std::vector<Lesion>&, std::vector<FlagMeasures>&);
    std::vector<double> values;
    std::vector<int> lesions;
    bool strong = false;
  };
  const auto nothing = [](std::vector<Lesion>&, std::vector<FlagMeasures>&) {};
  const Case cases[] = {
      {"young_age", {"femur_distal_left"}, 2.5, nothing, {2.5}, {}},
      {"ring_like_lesion",
       {"femur_distal_left"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>&) {
         l[0].centre_to_rim = Measured::Of(0.5);
       },
       {0.5},
       {1}},
      {"off_the_physis",
       {"femur_distal_left", "tibia_distal_left", "tibia_distal_right"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>&) {
         for (Lesion& x : l) x.physis = PhysisRelation::kRemote;
       },
       {3},
       {1, 2, 3}},
      {"diffuse_marrow",
       {"femur_distal_left"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>&) { l[0].volume_ml = 40; },
       {40},
       {},
       true},
      {"patchy_lesions",
       {"femur_distal_left", "tibia_distal_left", "tibia_distal_right"},
       10,
       [](std::vector<Lesion>&, std::vector<FlagMeasures>& m) {
         for (FlagMeasures& x : m) x.signal_variation = Measured::Of(0.6);
       },
       {45},
       {1, 2, 3}},
      {"restricted_diffusion",
       {"femur_distal_left"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>& m) {
         l[0].adc_mean_um2_per_s = Measured::Of(600);
         l[0].t1_to_muscle = Measured::Of(0.9);
         m[0].b_high_to_muscle = Measured::Of(4);
       },
       {600},
       {1},
       true},
      {"soft_tissue_mass",
       {"femur_distal_left"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>&) {
         l[0].soft_tissue_ml = Measured::Of(9.5);
       },
       {9.5},
       {1},
       true},
      {"skull_lesion", {"skull"}, 10, nothing, {}, {1}},
      {"flat_bone_young", {"ribs_left"}, 5.5, nothing, {5.5}, {1}},
      {"flat_bone_young", {"skull"}, 5.5, nothing, {5.5}, {1}},  // One lesion raises one flag.
      {"long_shaft_lesion",
       {"tibia_diaphysis_left", "tibia_diaphysis_right"},
       10,
       [](std::vector<Lesion>& l, std::vector<FlagMeasures>&) {
         l[0].segment = Segment::kDiaphysis;
         l[0].share_of_unit_percent = Measured::Of(60);
         l[0].expansion_ratio = Measured::Of(1.5);
       },
       {1.5},
       {1}},
      {"one_sided",
       {"tibia_distal_left", "femur_distal_left", "ilium_left"},
       10,
       nothing,
       {3, 1},
       {1, 2, 3}},
  };
  const std::vector<UnitFrame> frames = {
      {.unit = 1, .volume_ml = 100, .centre = {}, .axis = {}, .proximal_end = {}}};
  for (const Case& c : cases) {
    std::vector<Lesion> lesions = At(c.units);
    std::vector<FlagMeasures> measures(lesions.size());
    const auto codes = [&] {
      std::vector<std::string> out;
      for (const RedFlag& flag : RedFlagsOf(lesions, measures, frames, c.age_years))
        out.push_back(flag.code);
      return out;
    };
    const bool by_unit_alone = c.raise == +nothing;
    if (!by_unit_alone) {
      EXPECT_THAT(codes(), ElementsAre()) << c.code;
    }
    c.raise(lesions, measures);
    EXPECT_THAT(codes(), ElementsAre(c.code));
    const auto flags = RedFlagsOf(lesions, measures, frames, c.age_years);
    ASSERT_EQ(flags.size(), 1u) << c.code;
    EXPECT_EQ(flags[0].values, c.values) << c.code;
    EXPECT_EQ(flags[0].lesions, c.lesions) << c.code;
    EXPECT_FALSE(flags[0].suggests.empty());
    for (const Language language : {Language::kEnglish, Language::kGerman})
      EXPECT_THAT(FlagText(language, flags[0]), Not(StartsWith(c.code))) << "no words for it";
    EXPECT_THAT(FlagText(Language::kGerman, flags[0]), Not(HasSubstr(flags[0].suggests)))
        << "no German for what it suggests";
    EXPECT_EQ(flags[0].strength == FlagStrength::kStrong, c.strong) << c.code;
    EXPECT_FALSE(flags[0].uncertain) << c.code;
    EXPECT_EQ(AtypicalForCno(flags), c.strong) << c.code << ": a weak flag alone is no ground";
    for (Lesion& lesion : lesions) lesion.probability = 0.4;
    const auto doubtful = RedFlagsOf(lesions, measures, frames, c.age_years);
    ASSERT_EQ(doubtful.size(), 1u) << c.code;
    EXPECT_TRUE(doubtful[0].uncertain) << c.code;
    EXPECT_FALSE(AtypicalForCno(doubtful)) << c.code;
  }
}

TEST(RedFlags, ACertainLesionBesideADoubtfulOneIsEnough) {
  std::vector<Lesion> lesions = At({"femur_distal_left", "tibia_distal_left"});
  for (Lesion& lesion : lesions) lesion.soft_tissue_ml = Measured::Of(6);
  lesions[0].probability = 0.3;
  const auto flags = RedFlagsOf(lesions, std::vector<FlagMeasures>(2), {}, 10);
  ASSERT_EQ(flags.size(), 1u);
  EXPECT_THAT(flags[0].lesions, ElementsAre(1, 2));
  EXPECT_FALSE(flags[0].uncertain);
}

TEST(RedFlags, AreGroundWhenStrongOrWhenTwoPointToOneDisease) {
  const auto flag = [](const char* suggests, FlagStrength strength, bool uncertain = false) {
    return RedFlag{"code", suggests, {}, {}, strength, uncertain};
  };
  using enum FlagStrength;
  struct Case {
    const char* what;
    std::vector<RedFlag> flags;
    bool atypical;
  };
  for (const Case& c :
       {Case{"none", {}, false},
        {"one weak", {flag("a", kWeak)}, false},
        {"two of two diseases", {flag("a", kWeak), flag("b", kWeak)}, false},
        {"two of one disease", {flag("a", kWeak), flag("a", kWeak)}, true},
        {"one of them uncertain", {flag("a", kWeak), flag("a", kWeak, true)}, false},
        {"a strong one", {flag("b", kWeak), flag("a", kStrong)}, true},
        {"an uncertain strong one", {flag("a", kStrong, true)}, false}}) {
    EXPECT_EQ(AtypicalForCno(c.flags), c.atypical) << c.what;
  }
}

TEST(RedFlags, SomeLesionsOfManyOffTheirGrowthPlatesAreNoFlag) {
  std::vector<Lesion> lesions =
      At({"femur_diaphysis_left", "tibia_diaphysis_left", "tibia_diaphysis_right", "clavicle_left",
          "ilium_left", "ilium_right", "thoracic_spine"});
  for (std::size_t n = 0; n < 3; ++n) lesions[n].physis = PhysisRelation::kRemote;
  const std::vector<FlagMeasures> measures(lesions.size());
  EXPECT_TRUE(RedFlagsOf(lesions, measures, {}, 10).empty());
}

TEST(Criteria, AreFactsOfSiteAndPattern) {
  struct Case {
    std::vector<const char*> units;
    std::string present;  // One letter an item, in their order: 1 present, 0 absent.
  };
  for (const Case& c : {Case{{}, ""},
                        {{"clavicle_left"}, "0101100"},
                        {{"femur_distal_left"}, "0000000"},
                        {{"femur_distal_left", "femur_distal_right"}, "1011011"},
                        {{"mandible", "thoracic_spine"}, "0111110"},
                        {{"tibia_distal_left", "tibia_distal_left"}, "0010000"}}) {
    const std::vector<Lesion> lesions = At(c.units);
    std::string present;
    for (const CriterionItem& item : CriteriaItemsOf(lesions, Summarise(lesions, {}, {})))
      present += item.present ? '1' : '0';
    EXPECT_EQ(present, c.present) << (c.units.empty() ? "none" : c.units.front());
  }
}

TEST(Criteria, AnItemThatNeedsAnUncertainLesionIsUncertain) {
  struct Case {
    std::vector<const char*> units;
    std::vector<std::size_t> doubtful;
    std::string uncertain;  // One letter an item: 1 uncertain.
    bool multifocal_of_certain;
  };
  for (const Case& c :
       {Case{{"mandible", "femur_distal_left"}, {0}, "0011110", false},
        {{"mandible", "clavicle_left"}, {0}, "0010010", false},
        {{"femur_distal_left", "femur_distal_right", "tibia_distal_left"}, {1}, "1000001", true},
        {{"mandible", "thoracic_spine"}, {0, 1}, "0111110", false},
        {{"mandible", "thoracic_spine"}, {}, "0000000", true}}) {
    std::vector<Lesion> lesions = At(c.units);
    for (std::size_t n : c.doubtful) lesions[n].probability = 0.4;
    const PatientSummary summary = Summarise(lesions, {}, {});
    EXPECT_EQ(summary.of_certain.multifocal, c.multifocal_of_certain) << c.units.front();
    std::string uncertain;
    for (const CriterionItem& item : CriteriaItemsOf(lesions, summary))
      uncertain += item.uncertain ? '1' : '0';
    EXPECT_EQ(uncertain, c.uncertain) << c.units.front() << ' ' << c.doubtful.size();
  }
}

TEST(RedFlags, PlainCnoRaisesNone) {
  std::vector<Lesion> lesions = At({"tibia_distal_left", "tibia_distal_right", "femur_distal_left",
                                    "clavicle_right", "thoracic_spine"});
  for (Lesion& l : lesions) {
    l.physis = PhysisRelation::kTouches;
    l.adc_mean_um2_per_s = Measured::Of(1283);
    l.soft_tissue_ml = Measured::Of(2);
    l.centre_to_rim = Measured::Of(1.1);
  }
  EXPECT_TRUE(RedFlagsOf(lesions, std::vector<FlagMeasures>(lesions.size()), {}, 11).empty());
}

}  // namespace
}  // namespace osteon
