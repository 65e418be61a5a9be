// SPDX-License-Identifier: GPL-3.0-or-later
// The impression, the first thing that is read.
#include "pipelines/report/impression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/report/text.h"
#include "tests/pipelines/report/lesion_in.h"

namespace osteon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using testing::All;
using testing::LesionIn;
using testing::Unit;

std::string ImpressionIn(Language language, const Findings& findings) {
  ReportOptions options;
  options.language = language;
  return All(WriteText(findings, options).impression);
}

TEST(ImpressionTest, NoLesionNamesWhatWasNotImaged) {
  Findings findings;
  findings.not_imaged = {Unit("hand_left"), Unit("hand_right")};
  findings.partly_imaged = {Unit("skull")};
  const std::string text = ImpressionIn(Language::kEnglish, findings);
  EXPECT_THAT(text,
              HasSubstr("No STIR-hyperintense bone lesion in the assessed skeleton. Not imaged or "
                        "not recognised: hand (both sides). Only partly assessed: skull."));
  EXPECT_THAT(
      ImpressionIn(Language::kGerman, findings),
      HasSubstr(
          "Kein STIR-hyperintenser Knochenherd im beurteilten Skelett. Nicht "
          "abgebildet oder nicht erkannt: Hand (beidseits). Nur teilweise beurteilt: Schädel."));
}

TEST(ImpressionTest, NotEvaluableIsNotNegative) {
  Findings findings;
  findings.evaluable = false;
  findings.not_evaluable_reason = "motion";
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              ::testing::AllOf(HasSubstr("Not evaluable: motion."),
                               HasSubstr("not a negative result"), Not(HasSubstr("bone lesion"))));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings), HasSubstr("kein unauffälliger Befund"));
}

TEST(ImpressionTest, NewHeightLossComesFirst) {
  Findings findings;
  findings.lesions = {LesionIn(1, "thoracic_spine")};
  findings.lesions[0].height_loss_percent = Measured::Of(31);
  findings.patient.urgent_height_loss = true;
  ReportOptions options;
  EXPECT_EQ(WriteText(findings, options).impression.front(),
            "URGENT: vertebral height loss: lesion 1 (thoracic spine): 31 %.");
  findings.prior = PriorReference{};
  EXPECT_EQ(WriteText(findings, options).impression.front(),
            "URGENT: new vertebral height loss: lesion 1 (thoracic spine): 31 %.");
  findings.patient.urgent_height_loss = false;
  EXPECT_THAT(WriteText(findings, options).impression.front(), HasSubstr("One STIR-hyperintense"));
}

TEST(ImpressionTest, ComparisonCountsClassesAndNamesSitesThatAreNewWorseOrGone) {
  Findings findings;
  findings.lesions = {LesionIn(1, "ilium_right"), LesionIn(2, "femur_distal_left"),
                      LesionIn(3, "clavicle_left")};
  findings.lesions[0].change = Change::kNew;
  findings.lesions[1].change = Change::kStable;
  findings.lesions[2].change = Change::kWorse;
  findings.patient.burden = 4;
  findings.patient.burden_version = "1";
  findings.prior = PriorReference{};
  findings.prior->study_date = "20260312";
  for (const char* gone : {"tibia_distal_left", "tibia_distal_right", "foot_left"}) {
    findings.prior->resolved.push_back(LesionIn(0, gone));
    findings.prior->resolved.back().change = Change::kResolved;
  }
  findings.prior->counts = {
      {Change::kNew, 1}, {Change::kStable, 1}, {Change::kWorse, 1}, {Change::kResolved, 3}};
  EXPECT_THAT(
      ImpressionIn(Language::kEnglish, findings),
      HasSubstr("Compared with 12 Mar 2026: 1 new (right ilium), 1 worse (left clavicle), 1 stable "
                "and 3 resolved (distal tibia (both sides) and left foot)."));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              HasSubstr("Im Vergleich zum 12.03.2026: 1 neu (Os ilium rechts), 1 zunehmend "
                        "(Klavikula links), 1 stabil"));
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings), Not(HasSubstr("burden")))
      << "a score without a scale, which may fall while the volume rises";
}

TEST(ImpressionTest, AnEarlierLesionThatIsOnlyAMarkNowIsNamedAndNotCounted) {
  Findings findings;
  findings.other_marks = {LesionIn(1, "tibia_distal_left"), LesionIn(2, "foot_left")};
  findings.other_marks[0].judgement = LesionClass::kNormalVariant;
  findings.other_marks[0].change = Change::kStable;
  findings.other_marks[1].judgement = LesionClass::kNormalVariant;
  findings.prior = PriorReference{};
  findings.prior->study_date = "20260312";
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("Compared with 12 Mar 2026: no lesion now. Earlier lesions, now "
                        "indeterminate or like a variant, not counted: left distal tibia."));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              HasSubstr("Frühere Herde, jetzt unklar oder wie eine Variante, nicht gezählt: "
                        "distale Tibia links."));
}

TEST(ImpressionTest, AWeakFlagIsNamedAndIsNoAlarm) {
  Findings findings;
  findings.lesions = {LesionIn(1, "tibia_distal_left")};
  findings.patient.red_flags = {{"off_the_physis", "mycobacteriosis", {3}, {1, 2, 3}}};
  findings.patient.red_flags[0].uncertain = true;
  const std::string english = ImpressionIn(Language::kEnglish, findings);
  EXPECT_THAT(english,
              HasSubstr("Less typical of CNO: None of 3 lesions lies near a growth plate; in CNO "
                        "87 % do (consider mycobacteriosis; rests on marks that may not "
                        "be lesions)."));
  EXPECT_THAT(english, HasSubstr("less typical features named are to be weighed clinically"));
  const std::string german = ImpressionIn(Language::kGerman, findings);
  EXPECT_THAT(german, HasSubstr("beruht auf Markierungen, die keine Herde sein müssen)."));
  for (const std::string& text : {english, german}) {
    EXPECT_THAT(text, Not(HasSubstr("iopsy")));
    EXPECT_THAT(text, Not(HasSubstr("Biopsie")));
    EXPECT_THAT(text, Not(HasSubstr("alignan")));
  }
}

TEST(ImpressionTest, RedFlagTakesBackCompatible) {
  Findings findings;
  findings.lesions = {LesionIn(1, "skull"), LesionIn(2, "mandible")};
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings), HasSubstr("Compatible with CNO"));
  findings.patient.red_flags = {{"ring_like_lesion", "mycobacteriosis", {0.5}, {1}}};
  findings.patient.atypical = true;
  const std::string text = ImpressionIn(Language::kEnglish, findings);
  EXPECT_THAT(text, HasSubstr("Dark centre (lesion 1): signal of the centre 0.50 of the rim "
                              "(consider mycobacteriosis)"));
  EXPECT_THAT(text, HasSubstr("Atypical for CNO"));
  EXPECT_THAT(text, Not(HasSubstr("Compatible")));
}

TEST(ImpressionTest, NeverDiagnosticOf) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left"), LesionIn(2, "femur_distal_right")};
  findings.patient.multifocal = true;
  for (Language language : {Language::kEnglish, Language::kGerman}) {
    EXPECT_THAT(ImpressionIn(language, findings), Not(HasSubstr("iagnostic of")));
    EXPECT_THAT(ImpressionIn(language, findings), Not(HasSubstr("beweisend")));
  }
}

TEST(ImpressionTest, TheImpressionSaysWhichLesionsAreUncertain) {
  Findings findings;
  findings.lesions = {LesionIn(1, "clavicle_left"), LesionIn(2, "ribs_right"),
                      LesionIn(3, "ribs_left"), LesionIn(4, "ribs_right")};
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings), Not(HasSubstr("ncertain")));
  for (std::size_t n : {1U, 2U, 3U}) findings.lesions[n].probability = 0.22;
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("Uncertain (certainty below 50 %): right ribs (2, 4) and left ribs (3)."));
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings), HasSubstr("\nCompatible with CNO"));
  findings.lesions[0].probability = 0.3;
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              ::testing::AllOf(HasSubstr("All are uncertain (certainty below 50 %)."),
                               HasSubstr("If confirmed: compatible with CNO")));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              ::testing::AllOf(HasSubstr("Alle sind unsicher (Sicherheit unter 50 %)."),
                               HasSubstr("Falls bestätigt: vereinbar mit einer CNO")));
}

TEST(ImpressionTest, APatternThatNeedsAnUncertainLesionSaysSo) {
  Findings findings;
  findings.lesions = {LesionIn(1, "tibia_distal_left"), LesionIn(2, "clavicle_left")};
  findings.lesions[1].probability = 0.3;
  findings.patient.multifocal = true;
  findings.patient.pattern = "mixed";
  findings.patient.of_certain.pattern = "none";
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              ::testing::AllOf(
                  HasSubstr("Possibly multifocal (n = 2) STIR-hyperintense"),
                  HasSubstr("Distribution: tibia and clavicle (only with uncertain lesion 2).")));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              ::testing::AllOf(HasSubstr("Möglicherweise multifokale (n = 2) STIR-hyperintense"),
                               HasSubstr(" (nur mit dem unsicheren Herd 2).")));

  findings.lesions.push_back(LesionIn(3, "tibia_distal_right"));
  findings.patient.symmetric_pairs = {{3, 1}};
  findings.patient.of_certain = {true, {{3, 1}}, "mixed"};
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              ::testing::AllOf(HasSubstr("Multifocal (n = 3), partly symmetric STIR"),
                               HasSubstr("Distribution: tibia and clavicle. ")))
      << "the certain lesions alone have it";
  findings.patient.of_certain.symmetric_pairs.clear();
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("Multifocal (n = 3), possibly partly symmetric STIR"));
}

TEST(ImpressionTest, OneUncertainLesionIsAPossibleOne) {
  Findings findings;
  findings.lesions = {LesionIn(1, "mandible")};
  findings.lesions[0].probability = 0.28;
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("One possible STIR-hyperintense bone lesion (certainty 28 %): mandible."));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              HasSubstr("Ein möglicher STIR-hyperintenser Knochenherd (Sicherheit 28 %): "
                        "Unterkiefer."));
}

// CNO has several lesions in most; one alone is as well an infection or a tumour, but for the
// clavicle.
TEST(ImpressionTest, ASingleLesionHasOtherCauses) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left")};
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("\nA single lesion: CNO is possible, as are infection and tumour.\n"));
  EXPECT_THAT(ImpressionIn(Language::kGerman, findings),
              HasSubstr("\nEin einzelner Herd: CNO möglich, ebenso Infektion und Tumor.\n"));
  findings.lesions[0].probability = 0.3;
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings),
              HasSubstr("\nIf confirmed: CNO is possible, as are infection and tumour.\n"));
  findings.lesions = {LesionIn(1, "clavicle_left")};
  EXPECT_THAT(ImpressionIn(Language::kEnglish, findings), HasSubstr("\nCompatible with CNO in"));
}

}  // namespace
}  // namespace osteon
