// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/base/foreign_text.h"

#include <algorithm>

namespace osteon {
namespace {

constexpr std::size_t kMostCharacters = 300;

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// An apostrophe inside a word ("can't") is no quote.
bool IsQuote(std::string_view text, std::size_t at) {
  if (text[at] == '"' || text[at] == '`') return true;
  if (text[at] != '\'') return false;
  return at == 0 || at + 1 == text.size() || !IsWord(text[at - 1]) || !IsWord(text[at + 1]);
}

// Position after the quote that closes the one at `open`; the end of the text when none does.
std::size_t BehindQuoted(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    const bool same = text[at] == text[open] || (text[open] == '`' && text[at] == '\'');
    if (same && IsQuote(text, at)) return at + 1;
  }
  return text.size();
}

}  // namespace

std::string ForeignText(std::string_view what) {
  std::string out;
  for (std::size_t at = 0; at < what.size() && out.size() < kMostCharacters;) {
    if (IsQuote(what, at)) {
      out += "'...'";
      at = BehindQuoted(what, at);
    } else {
      const char c = what[at++];
      out += c >= ' ' && c <= '~' ? c : ' ';
    }
  }
  out.resize(std::min(out.size(), kMostCharacters));
  return out;
}

}  // namespace osteon
