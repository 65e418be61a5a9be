// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/rules/rules_file.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(Rules, TheFileOfDefaultsSaysWhatTheCodeHas) {
  const SiteRules site = DefaultRules();
  const SelectionRules code;
  const ContrastRules& file = site.rules.contrast;
  EXPECT_EQ(file.stir_words, code.contrast.stir_words);
  EXPECT_EQ(file.flair_words, code.contrast.flair_words);
  EXPECT_EQ(file.dixon_words, code.contrast.dixon_words);
  EXPECT_EQ(file.water_words, code.contrast.water_words);
  EXPECT_EQ(file.other_part_words, code.contrast.other_part_words);
  EXPECT_EQ(file.t1_words, code.contrast.t1_words);
  EXPECT_EQ(file.post_contrast_words, code.contrast.post_contrast_words);
  EXPECT_EQ(file.without_words, code.contrast.without_words);
  EXPECT_EQ(file.fat_saturated_words, code.contrast.fat_saturated_words);
  EXPECT_EQ(file.diffusion_words, code.contrast.diffusion_words);
  EXPECT_EQ(file.adc_words, code.contrast.adc_words);
  EXPECT_EQ(file.exponential_words, code.contrast.exponential_words);
  EXPECT_EQ(file.localiser_words, code.contrast.localiser_words);
  EXPECT_EQ(file.leave_out_words, code.contrast.leave_out_words);
  EXPECT_EQ(site.rules.choose.composed_words, code.choose.composed_words);
  EXPECT_EQ(file.stir_min_ti_ms, code.contrast.stir_min_ti_ms);
  EXPECT_EQ(file.stir_max_ti_ms, code.contrast.stir_max_ti_ms);
  EXPECT_EQ(file.stir_min_te_ms, code.contrast.stir_min_te_ms);
  EXPECT_EQ(file.stir_min_tr_ms, code.contrast.stir_min_tr_ms);
  EXPECT_EQ(file.t1_max_tr_ms, code.contrast.t1_max_tr_ms);
  EXPECT_EQ(file.t1_gre_max_tr_ms, code.contrast.t1_gre_max_tr_ms);
  EXPECT_EQ(site.rules.choose.min_coverage_mm, code.choose.min_coverage_mm);
  EXPECT_EQ(site.rules.choose.min_stations, code.choose.min_stations);
  EXPECT_EQ(site.rules.choose.min_width_mm, code.choose.min_width_mm);
  EXPECT_EQ(site.rules.choose.min_coverage_incomplete_mm, code.choose.min_coverage_incomplete_mm);
  EXPECT_EQ(site.rules.choose.min_station_mm, code.choose.min_station_mm);
  EXPECT_EQ(site.hash.size(), 64U);
  EXPECT_TRUE(site.json.empty());
}

TEST(Rules, AKeyLeftOutHasItsDefaultAndAListTakesThePlaceOfTheWhole) {
  const auto site =
      ParseRules(R"({"Words":{"Stir":["schnell*"]},"WholeBody":{"MinExtentMm":700}})");
  ASSERT_TRUE(site.ok()) << site.error().message();
  EXPECT_EQ(site->rules.contrast.stir_words, Words{"schnell*"});
  EXPECT_EQ(site->rules.contrast.t1_words, ContrastRules().t1_words);
  EXPECT_EQ(site->rules.choose.min_coverage_mm, 700);
  EXPECT_EQ(site->rules.choose.min_coverage_of_height, 0.70);
  // The text that a worker is sent gives the same rules.
  const auto sent = ParseRules(site->json);
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->hash, site->hash);
}

TEST(Rules, CommentsAndLayoutDoNotChangeTheHash) {
  const auto a = ParseRules(R"({"TimesMs":{"StirMinEchoTime":25}})");
  const auto b = ParseRules("{ // a note\n \"TimesMs\": {\"StirMinEchoTime\": 25} }");
  const auto c = ParseRules(R"({"TimesMs":{"StirMinEchoTime":26}})");
  EXPECT_EQ(a->hash, b->hash);
  EXPECT_NE(a->hash, c->hash);
}

TEST(Rules, ErrorsNameTheKey) {
  struct Case {
    const char* json;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "not a JSON object"},
      {"{", "not a JSON object"},
      {R"({"Word":{}})", "did you mean 'Words'"},
      {R"({"Series":[{"Class":"stir"}]})", "'Series' is not known"},
      {R"({"Words":[]})", "'Words' must be an object"},
      {R"({"Words":{"Stirr":[]}})", "'Words': 'Stirr' is not known; did you mean 'Stir'"},
      {R"({"Words":{"Stir":"stir"}})", "'Stir' must be a list of texts"},
      {R"({"Words":{"Stir":[7]}})", "'Stir' must be a list of texts"},
      {R"({"TimesMs":{"StirInversionTime":[270,100]}})", "'StirInversionTime' must be [from, to]"},
      {R"({"TimesMs":{"StirInversionTime":[1,100]}})", "must lie between 20.0 and 1000.0"},
      {R"({"WholeBody":{"MinShareOfHeight":7}})", "'MinShareOfHeight' is 7 and must be between"},
      {R"({"WholeBody":{"MinStations":1.5}})", "'MinStations' must be a whole number"},
  };
  for (const Case& c : cases) {
    const auto rules = ParseRules(c.json);
    ASSERT_FALSE(rules.ok()) << c.json;
    EXPECT_NE(rules.error().message().find(c.message), std::string::npos)
        << rules.error().message();
  }
  EXPECT_FALSE(ParseRules(std::string(kMaxRulesBytes + 1, ' ')).ok());
}

}  // namespace
}  // namespace osteon
