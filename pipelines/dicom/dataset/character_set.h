// SPDX-License-Identifier: GPL-3.0-or-later
// The character sets of a DICOM file (PS3.3 C.12.1.1.2): those that it declares, or that a misspelt
// declaration must mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osteon {

struct CharacterSets {
  // Defined terms, the first for text before any escape sequence: {"ISO_IR 100"}, or with code
  // extensions {"ISO 2022 IR 6", "ISO 2022 IR 87"}. {"ISO_IR 6"} when nothing is declared.
  std::vector<std::string> terms;
  bool declared = false;  // The file declares something.
  // A term is misspelt ("ISO_IR_100", "UTF-8") or unknown, or the terms cannot be combined.
  bool misspelt = false;
};

// `declared` is all of Specific Character Set (0008,0005). Case, spaces and punctuation do not
// matter, nor the prefix ("ISO_IR" or "ISO 2022 IR"). Common names outside DICOM are known (ISO
// 8859-1, Latin1, UTF-8, GBK, Shift_JIS, Windows-1252). An unknown term is ignored.
CharacterSets ReadCharacterSets(std::string_view declared);

}  // namespace osteon
