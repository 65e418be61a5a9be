// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/report/words.h"
#include "tests/pipelines/report/lesion_in.h"

namespace osteon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using testing::All;
using testing::LesionIn;

TEST(TextTest, ABoneOfTheMidlineHasASideByWhereTheLesionLies) {
  Lesion lesion = LesionIn(1, "mandible");
  EXPECT_EQ(SiteName(Language::kEnglish, lesion), "mandible");
  lesion.midline_side = Side::kRight;
  EXPECT_EQ(SiteName(Language::kEnglish, lesion), "mandible, right of the midline");
  lesion.midline_side = Side::kLeft;
  EXPECT_EQ(SiteName(Language::kGerman, lesion), "Unterkiefer, links der Mittellinie");
}

TEST(TextTest, ALesionIsOneLineOfWhatAReaderAsksFor) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  Lesion& lesion = findings.lesions[0];
  lesion.signal_grade = Measured::Of(1);
  lesion.segment = Segment::kMetaphysis;
  lesion.along_bone = Measured::Of(0.4);
  lesion.centre_to_rim = Measured::Of(0.95);
  lesion.expansion_ratio = Measured::Of(1.02);
  const char* const kPlain =
      "Left distal femur, metaphysis: 23 × 14 × 9 mm, 2.1 ml, 3.2 × muscle, certainty 94 %.";
  EXPECT_EQ(WriteText(findings, {}).lesions[0].description, kPlain);
  lesion.physis = PhysisRelation::kTouches;
  lesion.expansion_ratio = Measured::Of(1.35);
  lesion.soft_tissue_ml = Measured::Of(4.8);
  EXPECT_EQ(WriteText(findings, {}).lesions[0].description,
            std::string(kPlain) +
                " Touches the growth plate. Soft-tissue signal 4.8 ml. Cross-section 1.4 × other "
                "side.");
  ReportOptions german;
  german.language = Language::kGerman;
  EXPECT_THAT(WriteText(findings, german).lesions[0].description,
              HasSubstr("2,1 ml, 3,2 × Muskel, Sicherheit 94 %. Grenzt an die "
                        "Wachstumsfuge."));
  lesion.physis = PhysisRelation::kCrosses;
  EXPECT_THAT(WriteText(findings, german).lesions[0].description,
              HasSubstr("94 %. Überschreitet die Wachstumsfuge."));
}

TEST(TextTest, ThePageOfALesionNamesWhatTheLineNames) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  findings.lesions[0].physis = PhysisRelation::kCrosses;
  findings.lesions[0].t1_to_muscle = Measured::Of(0.84);
  using ::testing::Contains;
  using ::testing::Pair;
  EXPECT_THAT(WriteText(findings, {}).lesions[0].measures,
              ::testing::IsSupersetOf(
                  {Pair("Growth plate", "crossed"), Pair("T1 signal", "0.8 × muscle")}));
  ReportOptions german;
  german.language = Language::kGerman;
  EXPECT_THAT(WriteText(findings, german).lesions[0].measures,
              Contains(Pair("T1-Signal", "0,8 × Muskel")));
}

TEST(TextTest, NormalVariantsShareOneLine) {
  Findings findings;
  findings.other_marks = {LesionIn(1, "mandible"), LesionIn(2, "femur_distal_left"),
                          LesionIn(3, "foot_left"), LesionIn(4, "mandible")};
  for (Lesion& mark : findings.other_marks) mark.judgement = LesionClass::kNormalVariant;
  findings.other_marks[1].judgement = LesionClass::kIndeterminate;
  const ReportText text = WriteText(findings, {});
  EXPECT_EQ(
      text.variants,
      "Normal for age or variant, not counted as lesions: mandible (1, 4) and left foot (3).");
  EXPECT_TRUE(text.other_marks[0].in_variants);
  EXPECT_FALSE(text.other_marks[1].in_variants);
  ReportOptions german;
  german.language = Language::kGerman;
  EXPECT_EQ(WriteText(findings, german).variants,
            "Altersentsprechend oder Normvariante, nicht als Herde gezählt: Unterkiefer (1, 4) und "
            "Fuß links (3).");
  findings.other_marks[0].change = Change::kStable;  // What is left of a lesion has its own line.
  EXPECT_FALSE(WriteText(findings, {}).other_marks[0].in_variants);
  EXPECT_EQ(WriteText(Findings(), {}).variants, "");
}

TEST(TextTest, NothingIsRemarkableOrMissedOfANormalVariant) {
  Findings findings;
  findings.other_marks = {LesionIn(1, "tibia_distal_left")};
  Lesion& mark = findings.other_marks[0];
  mark.judgement = LesionClass::kNormalVariant;
  mark.physis = PhysisRelation::kCrosses;
  mark.expansion_ratio = Measured::Of(2.2);
  mark.t1_to_muscle = Measured::NotAssessed("series does not cover the lesion");
  const ReportText text = WriteText(findings, {});
  EXPECT_THAT(text.other_marks[0].description,
              ::testing::AllOf(Not(HasSubstr("Crosses")), Not(HasSubstr("Cross-section"))));
  EXPECT_THAT(All(text.limitations), Not(HasSubstr("Not assessed: ")));
}

TEST(TextTest, NoMarkIsSaidToBeCertain) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  findings.lesions[0].probability = 0.999;
  EXPECT_EQ(WriteText(findings, {}).lesions[0].certainty, "99 %");
}

// Sure lesions elsewhere raise a certainty (stages/detect/company.h); a reader has to know which
// lesion needs them.
TEST(TextTest, ALesionThatAloneWouldBeUncertainSaysSo) {
  const struct {
    LesionClass judgement;
    std::optional<double> if_only;
    const char *said, *english, *german;
  } cases[] = {
      {LesionClass::kLesion, std::nullopt, "", "certainty 62 %.", "Sicherheit 62 %."},
      {LesionClass::kLesion, 0.5, "", "certainty 62 %.", "Sicherheit 62 %."},
      {LesionClass::kLesion, 0.41, "41 %", "certainty 62 % (41 % if it were the only one).",
       "Sicherheit 62 % (41 %, wäre er der einzige)."},
      {LesionClass::kIndeterminate, 0.41, "", "certainty 62 %. Indeterminate", "Sicherheit 62 %."}};
  ReportOptions german;
  german.language = Language::kGerman;
  for (const auto& c : cases) {
    Findings findings;
    findings.lesions = {LesionIn(1, "femur_distal_left")};
    findings.lesions[0].judgement = c.judgement;
    findings.lesions[0].probability = 0.62;
    findings.lesions[0].probability_if_only = c.if_only;
    const LesionText text = WriteText(findings, {}).lesions[0];
    EXPECT_EQ(text.certainty_if_only, c.said) << c.english;
    EXPECT_THAT(text.description, HasSubstr(c.english));
    EXPECT_THAT(WriteText(findings, german).lesions[0].description, HasSubstr(c.german));
  }
}

TEST(TextTest, AMarkThatIsNoLesionSaysWhatItIs) {
  Findings findings;
  findings.other_marks = {LesionIn(1, "femur_distal_left"), LesionIn(2, "ilium_left")};
  findings.other_marks[0].judgement = LesionClass::kIndeterminate;
  findings.other_marks[1].judgement = LesionClass::kNormalVariant;
  const ReportText text = WriteText(findings, {});
  EXPECT_THAT(text.other_marks[0].description,
              HasSubstr("certainty 94 %. Indeterminate, not counted as a lesion."));
  EXPECT_THAT(text.other_marks[1].description,
              HasSubstr("3.2 × muscle. Normal for age or variant."));
}

TEST(TextTest, AMarkThatMayBeFluidSaysSoInsteadOfWhatLiesBesideIt) {
  Findings findings;
  findings.other_marks = {LesionIn(1, "femur_distal_right")};
  findings.other_marks[0].judgement = LesionClass::kIndeterminate;
  findings.other_marks[0].soft_tissue_ml = Measured::Of(1.6);
  findings.other_marks[0].reasons = {"fluid: as bright as fluid throughout, of the way to fluid"};
  EXPECT_THAT(
      WriteText(findings, {}).other_marks[0].description,
      ::testing::AllOf(HasSubstr(" As bright as fluid: indeterminate, not counted as a lesion."),
                       Not(HasSubstr("oft-tissue"))));
  findings.other_marks[0].reasons.clear();
  EXPECT_THAT(WriteText(findings, {}).other_marks[0].description,
              HasSubstr("Soft-tissue signal 1.6 ml. Indeterminate, not counted as a lesion."));
}

TEST(TextTest, SeriesThatAreMissingAreSaidInOneClause) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  findings.lesions[0].t1_to_muscle = Measured::NotAssessed("no T1 series");
  findings.lesions[0].enhancement_ratio = Measured::NotAssessed("no contrast-enhanced series");
  findings.caveats = {{"no_adc", "No ADC series: diffusion was not assessed."}};
  const std::string text = All(WriteText(findings, {}).limitations);
  EXPECT_THAT(text, HasSubstr("T1 signal, mean ADC and T1 signal post contrast (no such series)"));
  EXPECT_THAT(text, Not(HasSubstr("No ADC series")));
  findings.lesions.clear();
  EXPECT_THAT(All(WriteText(findings, {}).limitations), HasSubstr("No ADC series"));
}

TEST(TextTest, AFollowedLesionHasItsPriorVolumeAndThePercentBesideTheVolume) {
  Findings findings;
  findings.prior = PriorReference{};
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  Lesion& lesion = findings.lesions[0];
  lesion.prior_volume_ml = Measured::Of(3.0);
  lesion.change = Change::kImproved;
  lesion.change_reasons = {{"grade_lower", {}}, {"volume", -29.6}};
  EXPECT_THAT(WriteText(findings, {}).lesions[0].description,
              HasSubstr("2.1 ml (3.0 before, -30 %), 3.2 × muscle, certainty 94 %, improved "
                        "(signal grade lower)."));
  EXPECT_EQ(WriteText(findings, {}).lesions[0].change_reason, "signal grade lower, volume -30 %");
}

TEST(TextTest, AStudyThatIsNotEvaluableListsNoBonesAndIsNotSaidToHaveNoPrior) {
  Findings findings;
  findings.evaluable = false;
  findings.caveats = {{"partial_body", "Not imaged or not recognised, so not assessed: skull."},
                      {"bone_named_by_place", "It is named by its place. Check the names there."}};
  EXPECT_THAT(All(WriteText(findings, {}).limitations),
              AllOf(Not(HasSubstr("skull")), Not(HasSubstr("names there"))));
  EXPECT_EQ(WriteText(findings, {}).comparison, "");
}

TEST(TextTest, CriteriaListWhatIsMet) {
  Findings findings;
  findings.patient.criteria = {{"Jansson 2009", "symmetric lesions", true},
                               {"Jansson 2009", "vertebra, clavicle or sternum", false},
                               {"Jansson 2009", "more than one lesion", true},
                               {"EULAR/ACR 2025", "multifocal", false}};
  EXPECT_EQ(WriteText(findings, {}).criteria,
            "Imaging criteria met (no score): Jansson 2009: symmetric "
            "lesions; more than one lesion. EULAR/ACR 2025: none.");
}

TEST(TextTest, ACriterionThatNeedsAnUncertainLesionSaysSo) {
  Findings findings;
  findings.lesions = {LesionIn(1, "clavicle_left"), LesionIn(2, "mandible")};
  findings.lesions[1].probability = 0.3;
  findings.patient.criteria = {{"Jansson 2009", "vertebra, clavicle or sternum", true, false},
                               {"Jansson 2009", "more than one lesion", true, true},
                               {"EULAR/ACR 2025", "multifocal", true, true}};
  ReportOptions german;
  german.language = Language::kGerman;
  EXPECT_EQ(WriteText(findings, {}).criteria,
            "Imaging criteria met (no score): Jansson 2009: vertebra, clavicle or sternum; more "
            "than one lesion (only with uncertain lesion 2). EULAR/ACR 2025: multifocal (only with "
            "uncertain lesion 2).");
  findings.lesions[0].probability = 0.3;
  findings.patient.criteria[0].uncertain = true;
  EXPECT_EQ(WriteText(findings, {}).criteria,
            "Imaging criteria met (no score; only with uncertain lesions): Jansson 2009: vertebra, "
            "clavicle or sternum; more than one lesion. EULAR/ACR 2025: multifocal.");
  EXPECT_THAT(WriteText(findings, german).criteria,
              ::testing::StartsWith("Erfüllte Bildkriterien (kein Score; nur mit unsicheren "));
}

TEST(TextTest, TheTechniqueIsSaidAsItIsDictated) {
  Findings findings;
  Technique& technique = findings.technique;
  technique.contrast = Contrast::kStir;
  technique.spacing_mm = {1.5, 1.5, 6};
  technique.field_strength_t = 1.494;
  technique.repetition_time_ms = 4500;
  technique.echo_time_ms = 70;
  EXPECT_EQ(WriteText(findings, {}).technique,
            "Technique: Coronal STIR, 1.5 T, TR/TE 4500/70 ms, 1.5 × 1.5 × 6 mm");
}

TEST(TextTest, WhatWasNotAssessedIsSaidOnceWithItsReason) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left"), LesionIn(2, "ilium_left")};
  for (Lesion& lesion : findings.lesions) lesion.t1_to_muscle = Measured::Of(0.8);
  findings.lesions[1].t1_to_muscle = Measured::NotAssessed("no T1 series");
  ReportOptions options;
  const std::string english = All(WriteText(findings, options).limitations);
  EXPECT_THAT(english, HasSubstr("Not assessed: "));
  EXPECT_THAT(english, HasSubstr("; T1 signal (no T1 series; no. 2); mean ADC (no such series)."));
  options.language = Language::kGerman;
  const ReportText german = WriteText(findings, options);
  EXPECT_THAT(All(german.limitations), HasSubstr("mittlerer ADC (keine solche Serie)"));
  EXPECT_EQ(german.lesions[0].volume, "2,1 ml");
}

TEST(TextTest, DigitsAreThoseAVolumeIsGoodFor) {
  struct {
    double ml;
    const char* text;
  } const cases[] = {{0.1251, "0.13 ml"}, {0.994, "0.99 ml"}, {0.996, "1.0 ml"}, {1.94, "1.9 ml"},
                     {23.44, "23.4 ml"},  {99.96, "100 ml"},  {123.4, "123 ml"}};
  for (const auto& c : cases) {
    Findings findings;
    findings.lesions = {LesionIn(1, "femur_distal_left")};
    findings.lesions[0].volume_ml = c.ml;
    findings.lesions[0].soft_tissue_ml = Measured::Of(c.ml);
    const LesionText text = WriteText(findings, {}).lesions[0];
    EXPECT_EQ(text.volume, c.text);
    if (c.ml >= 1) {
      EXPECT_THAT(text.measures,
                  ::testing::Contains(::testing::Pair("Soft-tissue signal", c.text)));
    }
  }
}

TEST(TextTest, WhatCannotApplyIsNotSaid) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  findings.lesions[0].height_loss_percent = Measured::NotAssessed("not a vertebra");
  const ReportText text = WriteText(findings, {});
  EXPECT_THAT(text.lesions[0].description, Not(HasSubstr("height loss")));
  EXPECT_THAT(All(text.limitations), Not(HasSubstr("height loss")));
  EXPECT_THAT(All(text.limitations), HasSubstr("mean ADC (no such series)"));
}

}  // namespace
}  // namespace osteon
