// SPDX-License-Identifier: GPL-3.0-or-later
// What a third party's exception says, made fit for a log or a history.
#pragma once

#include <string>
#include <string_view>

namespace osteon {

// One line of printable ASCII, at most 300 characters, with '...' in place of everything in quotes:
// what a library quotes is its input, and that may be of a patient.
std::string ForeignText(std::string_view what);

}  // namespace osteon
