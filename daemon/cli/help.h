// SPDX-License-Identifier: GPL-3.0-or-later
// Readable help, and error messages that suggest what a mistyped word was meant to be.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace osteon::cli {

// "; did you mean 'analyze'?", or empty when no known word is near: at most a third of the letters
// of `typed`, or two, may differ.
std::string DidYouMean(std::string_view typed, const std::vector<std::string_view>& known);

// For an option whose value is an enumeration: its help lists the words, its error suggests the
// nearest one.
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
        known.reserve(words.size());
        for (const auto& [word, value] : words) known.push_back(word);
        return "'" + typed + "' is none of " + all + DidYouMean(typed, known);
      },
      all);
}

// For the number of a job.
CLI::Validator JobNumber();

// What is wrong with a command line that CLI11 rejected with `error`; suggests the command or
// option that was meant.
std::string WhatIsWrong(const CLI::App& app, const CLI::Error& error);

// Help that shows a value as "FOLDER" or "server|worker" instead of CLI11's internal type names.
class PlainHelp : public CLI::Formatter {
 public:
  PlainHelp() { column_width(32); }
  std::string make_option_opts(const CLI::Option* option) const override;
};

}  // namespace osteon::cli
