// SPDX-License-Identifier: GPL-3.0-or-later
// Values as text: taken apart, trimmed, cut to a length and put together again. Text is UTF-8; case
// is that of ASCII.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osteon {

// Without blanks and ends of lines before and after it.
std::string Trimmed(std::string_view text);

// Split and Joined are each other's inverse; an empty text is one empty part.
std::vector<std::string> Split(const std::string& text, char at);
std::string Joined(const std::vector<std::string>& parts, char with);

// At most that many characters, cut between two of them.
std::string FirstCharacters(const std::string& utf8, std::size_t most);

// A name of at most three component groups of five components, each group of at most `most`
// characters (PS3.5 section 6.2.1). What is more joins the last component or is cut.
std::string FitName(const std::string& name, std::size_t most);

std::string Upper(std::string text);
std::string WithoutAny(std::string text, std::string_view characters);

}  // namespace osteon
