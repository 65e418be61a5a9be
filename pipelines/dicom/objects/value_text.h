// SPDX-License-Identifier: GPL-3.0-or-later
// Splits, trims, shortens and joins values. Text is UTF-8; upper case is that of ASCII.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osteon {

// Without leading and trailing blanks and line breaks.
std::string Trimmed(std::string_view text);

// Joined is the inverse of Split; an empty text is one empty part.
std::vector<std::string> Split(const std::string& text, char at);
std::string Joined(const std::vector<std::string>& parts, char with);

// At most the first `most` characters.
std::string FirstCharacters(const std::string& utf8, std::size_t most);

// A name of at most three component groups of five components, each group of at most `most`
// characters (PS3.5 section 6.2.1). Further components are added to the last one; excess characters
// are cut.
std::string FitName(const std::string& name, std::size_t most);

std::string Upper(std::string text);
std::string WithoutAny(std::string text, std::string_view characters);

}  // namespace osteon
