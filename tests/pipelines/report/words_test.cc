// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the report outside its impression: numbers, dates, sites, films, names of measures.
#include "pipelines/report/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "pipelines/model/measures.h"
#include "pipelines/report/films.h"
#include "tests/pipelines/report/lesion_in.h"

namespace osteon {
namespace {

using ::testing::ElementsAre;
using testing::LesionIn;
using testing::Unit;

TEST(WordsTest, NumbersByLanguage) {
  struct {
    double value;
    int decimals;
    const char *english, *german;
  } const cases[] = {{12.345, 1, "12.3", "12,3"},
                     {0, 2, "0.00", "0,00"},
                     {-0.001, 1, "0.0", "0,0"},
                     {1283, 0, "1283", "1283"},
                     {2.5, 2, "2.50", "2,50"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Number(Language::kEnglish, c.value, c.decimals), c.english);
    EXPECT_EQ(Number(Language::kGerman, c.value, c.decimals), c.german);
  }
}

TEST(WordsTest, ChangesInWholePercent) {
  struct {
    double percent;
    const char* text;
  } const cases[] = {{45.2, "+45 %"}, {-29.6, "-30 %"}, {0.4, "0 %"}, {-0.4, "0 %"}, {0.5, "+1 %"}};
  for (const auto& c : cases) {
    EXPECT_EQ(PercentChange(Language::kEnglish, c.percent), c.text);
    EXPECT_EQ(ChangeReasonsText(Language::kGerman, {{"volume", c.percent}}),
              std::string("Volumen ") + c.text);
  }
}

TEST(WordsTest, NumbersInARowAreSaidAsOne) {
  EXPECT_EQ(ListedNumbers(Language::kEnglish, {}), "");
  EXPECT_EQ(ListedNumbers(Language::kEnglish, {4}), "4");
  EXPECT_EQ(ListedNumbers(Language::kEnglish, {1, 2}), "1 and 2");
  EXPECT_EQ(ListedNumbers(Language::kEnglish, {1, 3, 4, 5, 6, 9}), "1, 3 to 6 and 9");
  EXPECT_EQ(ListedNumbers(Language::kGerman, {2, 3, 4}), "2 bis 4");
}

TEST(WordsTest, DatesByLanguage) {
  EXPECT_EQ(Date(Language::kEnglish, "20260312"), "12 Mar 2026");
  EXPECT_EQ(Date(Language::kEnglish, "20261105"), "5 Nov 2026");
  EXPECT_EQ(Date(Language::kGerman, "20260305"), "05.03.2026");
  for (const char* odd : {"", "2026", "20261305", "2026-1-1"}) {
    EXPECT_EQ(Date(Language::kEnglish, odd), odd);
  }
}

TEST(WordsTest, BothSidesAreSaidOnce) {
  const std::vector<UnitId> units = {Unit("femur_distal_left"), Unit("clavicle_left"),
                                     Unit("femur_distal_right"), Unit("femur_distal_left")};
  EXPECT_EQ(Listed(Language::kEnglish, SidesJoined(Language::kEnglish, units)),
            "distal femur (both sides) and left clavicle");
  EXPECT_EQ(Listed(Language::kGerman, SidesJoined(Language::kGerman, units)),
            "distales Femur (beidseits) und Klavikula links");
}

TEST(FilmsTest, BodyPartsShowTheirBones) {
  struct {
    const char *body_part, *unit;
    bool shown;
  } const cases[] = {{"KNEE", "femur_distal_left", true},
                     {"KNEE", "femur_proximal_left", false},
                     {"KNEE", "tibia_proximal_right", true},
                     {"knee", "patella_right", true},
                     {"LOWER LEG", "femur_distal_left", false},
                     {"LOWER LEG", "tibia_diaphysis_left", true},
                     {"PELVIS", "ilium_left", true},
                     {"HIP", "femur_proximal_right", true},
                     {"TSPINE", "thoracic_spine", true},
                     {"TSPINE", "lumbar_spine", false},
                     {"SPINE", "lumbar_spine", true},
                     {"CHEST", "clavicle_left", true},
                     {"ANKLE", "tibia_distal_left", true},
                     {"ANKLE", "foot_left", true},
                     {"WHOLEBODY", "hand_left", true},
                     {"", "hand_left", false},
                     {"ABDOMEN", "lumbar_spine", false}};
  for (const auto& c : cases) {
    EXPECT_EQ(ShowsUnit(c.body_part, UnitOf(Unit(c.unit))), c.shown)
        << c.body_part << " " << c.unit;
  }
}

TEST(FilmsTest, FilmsOfRegionsWithLesionsComeFirstWithTheirNumbers) {
  Findings findings;
  findings.lesions = {LesionIn(1, "femur_distal_left"), LesionIn(2, "tibia_proximal_left")};
  findings.radiographs = {{"1.2.1", "DX", "HAND", "20260301"},
                          {"1.2.2", "CR", "", "20260201"},
                          {"1.2.3", "DX", "KNEE", "20250101"},
                          {"1.2.4", "DX", "FEMUR", "20260101"}};
  EXPECT_THAT(FilmLines(findings, Language::kEnglish),
              ElementsAre("Radiograph of 1 Jan 2026 (DX FEMUR): region of lesion 1",
                          "Radiograph of 1 Jan 2025 (DX KNEE): region of lesions 1 and 2",
                          "Radiograph of 1 Feb 2026 (CR): region not known",
                          "Radiographs of regions without a lesion: 1"));
  EXPECT_THAT(FilmLines(findings, Language::kGerman)[0],
              "Röntgenaufnahme vom 01.01.2026 (DX FEMUR): Region von Herd 1");
}

TEST(MeasuresTest, KeysAndConceptsAreUniqueAndNamedInBothLanguages) {
  std::set<std::string_view> keys, concepts;
  for (const LesionMeasure& measure : LesionMeasures()) {
    EXPECT_TRUE(keys.insert(measure.key).second) << measure.key;
    EXPECT_FALSE(measure.name_en.empty() || measure.name_de.empty()) << measure.key;
    EXPECT_LE(measure.concept_name.meaning.size(), 64u);
    EXPECT_EQ(measure.concept_name.value.empty(), measure.in_sr != InSr::kNumber) << measure.key;
    if (!measure.concept_name.value.empty()) {
      EXPECT_TRUE(concepts.insert(measure.concept_name.value).second) << measure.key;
    }
  }
  for (const StudyMeasure& measure : StudyMeasures()) {
    EXPECT_TRUE(keys.insert(measure.key).second) << measure.key;
  }
}

}  // namespace
}  // namespace osteon
