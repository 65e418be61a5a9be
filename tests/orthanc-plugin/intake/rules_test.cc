// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/rules.h"

#include <gtest/gtest.h>

namespace osteon::plugin {
namespace {

TEST(Rules, TheDefaultsAreThere) {
  const SelectionRules rules = DefaultRules();
  EXPECT_GE(rules.series.size(), 8U);
  EXPECT_EQ(rules.whole_body.min_extent_mm, 800);
  EXPECT_EQ(rules.hash.size(), 64U);
}

TEST(Rules, CommentsAndLayoutDoNotChangeTheHash) {
  const auto a = ParseRules(R"({"Series":[{"Class":"stir","EchoTimeMs":[25,400]}]})");
  const auto b = ParseRules(
      "{ // a note\n \"Series\": [ {\"EchoTimeMs\": [25, 400], \"Class\": \"stir\"} ] }");
  const auto c = ParseRules(R"({"Series":[{"Class":"stir","EchoTimeMs":[26,400]}]})");
  EXPECT_EQ(a->hash, b->hash);
  EXPECT_NE(a->hash, c->hash);
}

TEST(Rules, ErrorsNameRuleAndKey) {
  struct Case {
    const char* json;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "not a JSON object"},
      {"{", "not a JSON object"},
      {R"({"Serie":[]})", "did you mean 'Series'"},
      {R"({"Series":[]})", "1 to 200 rules"},
      {R"({"Series":[7]})", "series rule 1 must be an object"},
      {R"({"Series":[{"Take":true}]})", "'Class' is missing"},
      {R"({"Series":[{"Class":"a"},{"Class":"b","EchoTime":[1,2]}]})",
       "series rule 2: 'EchoTime' is not known; did you mean 'EchoTimeMs'"},
      {R"({"Series":[{"Class":"a","EchoTimeMs":[5,1]}]})", "'EchoTimeMs' must be [from, to]"},
      {R"({"Series":[{"Class":"a","Text":"("}]})", "'Text' is no regular expression"},
      {R"({"Series":[{"Class":"a","Text":"a{33333333333333333330}"}]})", "more than three digits"},
      {R"({"Series":[{"Class":"a","Text":"a{1,33333333333333333330}"}]})",
       "more than three digits"},
      {R"({"Series":[{"Class":"a","Text":"(a)\\33333333333333333330"}]})",
       "more than three digits"},
      {R"({"Series":[{"Class":"a"}],"WholeBody":{"MinShareOfHeight":7}})",
       "'MinShareOfHeight' is 7 and must be between"},
  };
  for (const Case& c : cases) {
    const auto rules = ParseRules(c.json);
    ASSERT_FALSE(rules.ok()) << c.json;
    EXPECT_NE(rules.error().message().find(c.message), std::string::npos)
        << rules.error().message();
  }
}

}  // namespace
}  // namespace osteon::plugin
