// SPDX-License-Identifier: GPL-3.0-or-later
// Refuses characters that toml++ cannot parse safely. Version 3.3 (Debian 12) has undefined
// behaviour at most characters beyond ASCII where it looks for the end of a word: outside quotes
// and comments, in strings over several lines, and where it does not recognise a quote, such as
// after a digit (all found by tests/fuzz). So these characters are allowed only in strings that are
// the value of a key or an element of a list, and in comments.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace osteon {

inline bool IsForeign(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// After this character and blanks, a value begins.
inline bool BeginsValue(char before) { return before == '=' || before == '[' || before == ','; }

// False when the line has a character beyond ASCII in a forbidden place. `depth`: number of open
// list brackets before the line; updated to that after it.
inline bool IsPlain(std::string_view line, int& depth) {
  bool in_key = depth == 0;        // Before the "=".
  bool plain = true;               // So far the line is `key = ...` or part of a list.
  char before = in_key ? 0 : '[';  // The last non-blank character.
  char quote = 0;                  // The quote of the current string; 0 outside strings.
  bool is_value = false;           // The current string begins where a value may.
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote != 0) {
      if (IsForeign(c) && !is_value) return false;
      if (c == '\\' && quote == '"')
        ++at;
      else if (c == quote)
        quote = 0;
      continue;
    }
    if (c == '#') return true;
    if (IsForeign(c)) return false;
    if (c == ' ' || c == '\t' || c == '\r') continue;
    if (c == '"' || c == '\'') {
      quote = c;
      is_value = plain && !in_key && BeginsValue(before);
    } else if (in_key) {
      plain = plain && (std::string_view("=_-.").find(c) != std::string_view::npos ||
                        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
      in_key = c != '=';
    } else {
      plain = plain && c != '=' && c != '{' && (c != '[' || BeginsValue(before));
      if (c == '[') ++depth;
      if (c == ']') depth = std::max(0, depth - 1);
    }
    before = c;
  }
  return true;
}

// Errors: kInvalidInput with the line.
inline Status CheckCharacters(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (std::none_of(text.begin(), text.end(), IsForeign)) return {};
  const bool several_lines =
      text.find("\"\"\"") != std::string_view::npos || text.find("'''") != std::string_view::npos;
  int depth = 0;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const bool plain = IsPlain(line, depth);
    if (!plain || (several_lines && std::any_of(line.begin(), line.end(), IsForeign)))
      return InvalidInput(
          fmt::format("line {}: has a character beyond ASCII outside the quotes of a value and "
                      "outside comments, or in a file with strings over several lines: put it in "
                      "quotes on one line, or remove it",
                      number));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

}  // namespace osteon
