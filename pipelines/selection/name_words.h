// SPDX-License-Identifier: GPL-3.0-or-later
// Words of protocol names and lists of words to look for. A word is compared whole, so that "local"
// is no "loc" and "Waterford" no "water".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osteon {

using Words = std::vector<std::string>;

// The words of a text in lower case: split at everything but ASCII letters, digits and '+'.
Words WordsOf(std::string_view text);

// Whether one of `words` matches one of `patterns`; "stir*" matches every word that starts so.
bool HasAny(const Words& words, const Words& patterns);
bool Matches(std::string_view word, const Words& patterns);

}  // namespace osteon
