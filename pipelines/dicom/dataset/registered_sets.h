// SPDX-License-Identifier: GPL-3.0-or-later
// Table of the character sets that DICOM and others use.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace osteon {

// Sets without code extensions, by their names in iconv. Files use the last three although DICOM
// does not allow them.
inline constexpr std::array<std::string_view, 6> kAlone = {"ISO_IR 192", "GB18030", "GBK",
                                                           "CP932",      "CP1252",  "CP949"};
inline bool IsAlone(std::string_view term) {
  return std::ranges::find(kAlone, term) != kAlone.end();
}

struct Registered {
  std::string_view number;  // ISO-IR registration number, as in the defined term.
  std::string_view iconv;   // Empty: only in code extensions, or Japanese.
  std::string_view escape;  // Escape sequence that switches to it (PS3.3 table C.12-3).
};
inline constexpr std::array<Registered, 18> kRegistered = {{{"6", "", "\x1B(B"},
                                                            {"13", "", "\x1B)I"},
                                                            {"13", "", "\x1B(J"},
                                                            {"58", "", "\x1B$)A"},
                                                            {"87", "", "\x1B$B"},
                                                            {"100", "ISO-8859-1", "\x1B-A"},
                                                            {"101", "ISO-8859-2", "\x1B-B"},
                                                            {"109", "ISO-8859-3", "\x1B-C"},
                                                            {"110", "ISO-8859-4", "\x1B-D"},
                                                            {"126", "ISO-8859-7", "\x1B-F"},
                                                            {"127", "ISO-8859-6", "\x1B-G"},
                                                            {"138", "ISO-8859-8", "\x1B-H"},
                                                            {"144", "ISO-8859-5", "\x1B-L"},
                                                            {"148", "ISO-8859-9", "\x1B-M"},
                                                            {"149", "", "\x1B$)C"},
                                                            {"159", "", "\x1B$(D"},
                                                            {"166", "TIS-620", "\x1B-T"},
                                                            {"203", "ISO-8859-15", "\x1B-b"}}};

}  // namespace osteon
