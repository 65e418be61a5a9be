// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/rules.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipelines/base/digest.h"
#include "pipelines/base/nearest.h"
#include "selection_rules_json.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxRules = 200;
constexpr std::size_t kMaxPatternLength = 500;

// Reads the members of one object and keeps the first thing that is wrong.
class ObjectReader {
 public:
  ObjectReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  void Read(std::string_view key, std::string& to) {
    if (const Json* value = Take(key, "text", &Json::is_string)) to = value->get<std::string>();
  }
  void Read(std::string_view key, bool& to) {
    if (const Json* value = Take(key, "true or false", &Json::is_boolean)) to = value->get<bool>();
  }
  void Read(std::string_view key, std::optional<bool>& to) {
    if (const Json* value = Take(key, "true or false", &Json::is_boolean)) to = value->get<bool>();
  }
  void Read(std::string_view key, double& to, Range allowed) {
    const Json* value = Take(key, "a number", &Json::is_number);
    if (!value) return;
    to = value->get<double>();
    if (!(to >= allowed[0] && to <= allowed[1]))
      Fail(key, "must be between " + Json(allowed[0]).dump() + " and " + Json(allowed[1]).dump());
  }
  void Read(std::string_view key, std::optional<Range>& to) {
    const Json* value = Take(key, "[from, to]", &Json::is_array);
    if (!value) return;
    if (value->size() != 2 || !value->front().is_number() || !value->back().is_number() ||
        !(value->front().get<double>() <= value->back().get<double>()))
      return Fail(key, "must be [from, to]");
    to = Range{value->front().get<double>(), value->back().get<double>()};
  }
  void Read(std::string_view key, std::vector<std::string>& to) {
    const Json* value = Take(key, "a list of texts", &Json::is_array);
    if (!value) return;
    for (const Json& item : *value) {
      if (!item.is_string()) return Fail(key, "must be a list of texts");
      to.push_back(item.get<std::string>());
    }
  }
  void Read(std::string_view key, std::optional<TextPattern>& to) {
    const Json* value = Take(key, "a regular expression", &Json::is_string);
    if (!value) return;
    const std::string source = value->get<std::string>();
    if (source.size() > kMaxPatternLength) return Fail(key, "is longer than 500 characters");
    try {
      to = TextPattern{source, std::regex(source, std::regex::ECMAScript | std::regex::icase)};
    } catch (const std::regex_error& error) {
      Fail(key, std::string("is no regular expression: ") + error.what());
    }
  }
  const Json* Object(std::string_view key) { return Take(key, "an object", &Json::is_object); }
  const Json* Array(std::string_view key) { return Take(key, "a list", &Json::is_array); }

  // What is wrong, an unknown key included. Called after the last Read.
  Status Finish() {
    for (const auto& [key, value] : object_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      Fail(key, "is not known; the nearest known key is '" + std::string(NearestName(key, known_)) + "'");
    }
    if (!wrong_.empty()) return InvalidInput(wrong_);
    return {};
  }

 private:
  void Fail(std::string_view key, const std::string& what) {
    if (wrong_.empty()) wrong_ = where_ + ": '" + std::string(key) + "' " + what;
  }
  const Json* Take(std::string_view key, const char* kind, bool (Json::*is)() const noexcept) {
    known_.push_back(key);
    const auto found = object_.find(std::string(key));
    if (found == object_.end()) return nullptr;
    if (((*found).*is)()) return &*found;
    Fail(key, std::string("must be ") + kind);
    return nullptr;
  }

  const Json& object_;
  std::string where_;
  std::vector<std::string_view> known_;
  std::string wrong_;
};

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
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
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
