// SPDX-License-Identifier: GPL-3.0-or-later
// A reason as parts that each have a code, so that a page can say it in another language.
#pragma once

#include <string>
#include <vector>

namespace osteon {

// `text` is English with its own spaces and punctuation: the texts of a reason's parts in a row are
// the whole reason. `code` is stable ("repeated_by"); empty when the text has none, such as a
// message about a damaged file. `values` are the numbers and names in the text.
struct Phrase {
  std::string code;
  std::string text;
  std::vector<std::string> values = {};
};
using Phrases = std::vector<Phrase>;

inline std::string Text(const Phrases& phrases) {
  std::string text;
  for (const Phrase& phrase : phrases) text += phrase.text;
  return text;
}

}  // namespace osteon
