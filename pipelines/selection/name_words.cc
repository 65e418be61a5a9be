// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/name_words.h"

#include <algorithm>
#include <cctype>

namespace osteon {

Words WordsOf(std::string_view text) {
  Words words(1);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || c == '+')) {
      words.back() += static_cast<char>(std::tolower(byte));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool Matches(std::string_view word, const Words& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    if (!pattern.ends_with('*')) return word == pattern;
    return word.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
  });
}

bool HasAny(const Words& words, const Words& patterns) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return Matches(word, patterns); });
}

}  // namespace osteon
