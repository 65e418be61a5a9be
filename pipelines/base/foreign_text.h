// SPDX-License-Identifier: GPL-3.0-or-later
// The message of a third party's exception, made safe for a log or a history.
#pragma once

#include <string>
#include <string_view>

namespace osteon {

// One line of printable ASCII, at most 300 characters, with '...' in place of everything in quotes:
// a library quotes its input, which may be patient data.
std::string ForeignText(std::string_view what);

}  // namespace osteon
