// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/rules.h"

#include <nlohmann/json.hpp>

#include "orthanc-plugin/intake/object_reader.h"
#include "pipelines/base/digest.h"
#include "selection_rules_json.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxRules = 200;

Result<SeriesRule> ParseSeriesRule(const Json& json, const std::string& where) {
  if (!json.is_object()) return InvalidInput(where + " must be an object");
  SeriesRule rule;
  ObjectReader reader(json, where);
  reader.Read("Class", rule.class_name);
  reader.Read("Take", rule.take);
  reader.Read("Covers", rule.covers);
  reader.Read("InversionTimeMs", rule.inversion_time_ms);
  reader.Read("EchoTimeMs", rule.echo_time_ms);
  reader.Read("RepetitionTimeMs", rule.repetition_time_ms);
  reader.Read("BValue", rule.b_value_s_mm2);
  reader.Read("SequenceAny", rule.sequence_any);
  reader.Read("SequenceNone", rule.sequence_none);
  reader.Read("ImageTypeAny", rule.image_type_any);
  reader.Read("ImageTypeNone", rule.image_type_none);
  reader.Read("ContrastAgent", rule.contrast_agent);
  reader.Read("Text", rule.text);
  reader.Read("TextAlways", rule.text_always);
  if (Status finished = reader.Finish(); !finished) return std::move(finished).error();
  if (rule.class_name.empty()) return InvalidInput(where + ": 'Class' is missing");
  return rule;
}

Result<WholeBodyRule> ParseWholeBody(const Json& json) {
  WholeBodyRule rule;
  ObjectReader reader(json, "WholeBody");
  reader.Read("MinExtentMm", rule.min_extent_mm, {0, 2500});
  reader.Read("MinShareOfHeight", rule.min_share_of_height, {0, 1});
  reader.Read("MinExtentForcedMm", rule.min_extent_forced_mm, {0, 2500});
  reader.Read("MinStationMm", rule.min_station_mm, {0, 1000});
  if (Status finished = reader.Finish(); !finished) return std::move(finished).error();
  return rule;
}

}  // namespace

Result<SelectionRules> ParseRules(std::string_view text) {
  const Json json =
      Json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!json.is_object()) return InvalidInput("the selection rules are not a JSON object");
  ObjectReader reader(json, "selection rules");
  const Json* series = reader.Array("Series");
  const Json* whole_body = reader.Object("WholeBody");
  if (Status finished = reader.Finish(); !finished) return std::move(finished).error();
  SelectionRules rules;
  if (!series || series->empty() || series->size() > kMaxRules)
    return InvalidInput("selection rules: 'Series' must list 1 to 200 rules");
  for (std::size_t i = 0; i < series->size(); ++i) {
    auto rule = ParseSeriesRule((*series)[i], "series rule " + std::to_string(i + 1));
    if (!rule) return std::move(rule).error();
    rules.series.push_back(*std::move(rule));
  }
  if (whole_body) {
    auto rule = ParseWholeBody(*whole_body);
    if (!rule) return std::move(rule).error();
    rules.whole_body = *rule;
  }
  rules.hash = Sha256Hex(json.dump());
  return rules;
}

SelectionRules DefaultRules() {
  auto rules = ParseRules(kSelectionRulesJson);
  Check(rules.ok(), "the compiled-in selection rules parse");
  return *std::move(rules);
}

}  // namespace osteon::plugin
