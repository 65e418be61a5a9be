// SPDX-License-Identifier: GPL-3.0-or-later
// The selection rules as a site may change them: JSON in, values out. config/selection_rules.json
// says what each key means and holds the defaults, which are compiled in.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/selection/study_builder.h"

namespace osteon {

// The plugin sends the file to workers with each job. Chosen: ten times the defaults.
inline constexpr std::size_t kMaxRulesBytes = std::size_t{64} << 10;

struct SiteRules {
  SelectionRules rules;
  std::string json;  // In a canonical form, comments and layout apart; empty: the defaults.
  std::string hash;  // SHA-256 of that form; a part of every job's fingerprint.
};

// Empty text: the defaults. A key that is left out has its default. Errors: kInvalidInput that
// names the key (an unknown one with its nearest known name).
Result<SiteRules> ParseRules(std::string_view json);
// The compiled-in rules.
SiteRules DefaultRules();

}  // namespace osteon
