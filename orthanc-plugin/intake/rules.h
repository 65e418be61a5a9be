// SPDX-License-Identifier: GPL-3.0-or-later
// The selection rules as values, read from JSON (config/selection_rules.json says what each key
// means and holds the defaults, which are compiled in).
#pragma once

#include <array>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::plugin {

using Range = std::array<double, 2>;  // From, to; both included.

struct TextPattern {
  std::string source;  // As written, for explanations.
  std::regex compiled;
};

struct SeriesRule {
  std::string class_name;
  bool take = true;
  bool covers = false;
  std::optional<Range> inversion_time_ms;
  std::optional<Range> echo_time_ms;
  std::optional<Range> repetition_time_ms;
  std::optional<Range> b_value_s_mm2;
  std::vector<std::string> sequence_any;
  std::vector<std::string> sequence_none;
  std::vector<std::string> image_type_any;
  std::vector<std::string> image_type_none;
  std::optional<bool> contrast_agent;
  std::optional<TextPattern> text;         // Stands in for numbers the header lacks.
  std::optional<TextPattern> text_always;  // Must match, whatever the header holds.
};

struct WholeBodyRule {
  double min_extent_mm = 800;
  double min_share_of_height = 0.70;
  double min_extent_forced_mm = 500;
  double min_station_mm = 250;
};

struct SelectionRules {
  std::vector<SeriesRule> series;
  WholeBodyRule whole_body;
  std::string
      hash;  // SHA-256 of what the text says, comments and layout apart; part of every fingerprint.
};

// Errors: kInvalidInput that names the rule and the key (an unknown one with its nearest known
// name).
Result<SelectionRules> ParseRules(std::string_view json);
// The compiled-in rules.
SelectionRules DefaultRules();

}  // namespace osteon::plugin
