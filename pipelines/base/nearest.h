// SPDX-License-Identifier: GPL-3.0-or-later
// "Unknown key 'slot': did you mean 'slots'?" for configuration files and command lines.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace osteon {

// Insertions, deletions and replacements of one byte that turn `a` into `b` (Levenshtein).
std::size_t EditDistance(std::string_view a, std::string_view b);

// The known name with the smallest distance, the first of equals; empty when there is none.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> known);

}  // namespace osteon
