// SPDX-License-Identifier: GPL-3.0-or-later
// Converts text of DICOM files (PS3.5 section 6.1) to UTF-8: by the character sets that the file
// declares, or where the bytes do not fit these, by the set that they do fit.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/dicom/dataset/character_set.h"

namespace osteon {

struct DecodedText {
  std::string utf8;  // Valid, without control characters other than CR, LF, FF and TAB.
  // The set that was used when the bytes are not in the declared sets, or none is declared:
  // "UTF-8", "Latin 1", "Shift_JIS", "ISO 2022", "EUC". Empty when the declaration was right.
  std::string read_as;
};

// `bytes` is one value or several. ASCII is the same in every set. Other bytes are tried in this
// order: the declared sets; all sets whose escape sequences occur; UTF-8 when they are valid UTF-8,
// which text in other sets is not by chance; Shift_JIS when all words are then Japanese; else Latin
// 1 with the extensions of Windows. Valid UTF-8 is preferred to a declared set in which it would be
// no words (Latin 1: each letter would be followed by symbols).
DecodedText DecodeText(std::string_view bytes, const CharacterSets& sets);

bool IsUtf8(std::string_view text);
// Number of code points.
std::size_t CharacterCount(std::string_view utf8);

}  // namespace osteon
