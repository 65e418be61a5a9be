// SPDX-License-Identifier: GPL-3.0-or-later
// What a person types: one of a few words for a value, and what was meant when it is none of them.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace osteon::cli {

// "; did you mean 'analyze'?", or nothing when no known word is near (a third of its letters, two
// at least, may differ).
std::string DidYouMean(std::string_view typed, const std::vector<std::string_view>& known);

// For an option whose value is an enumeration: the words in its help, and the nearest one in its
// error.
template <typename Enum>
CLI::Validator OneOf(const std::map<std::string, Enum>& words) {
  std::string all;
  for (const auto& [word, value] : words) all += (all.empty() ? "" : "|") + word;
  return CLI::Validator(
      [words, all](std::string& typed) {
        const auto found = words.find(typed);
        if (found != words.end()) {
          typed = std::to_string(static_cast<int>(found->second));
          return std::string();
        }
        std::vector<std::string_view> known;
        for (const auto& [word, value] : words) known.push_back(word);
        return "'" + typed + "' is none of " + all + DidYouMean(typed, known);
      },
      all);
}

// What is wrong with a command line that CLI11 cannot read, with the command or option that was
// meant; `error` is CLI11's own.
std::string WhatIsWrong(const CLI::App& app, const CLI::Error& error);

// Help in which a value is "NAME" or "server|worker", and nothing is an internal name.
class PlainHelp : public CLI::Formatter {
 public:
  PlainHelp() { column_width(32); }
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace osteon::cli
