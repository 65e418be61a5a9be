// SPDX-License-Identifier: GPL-3.0-or-later
// Text of DICOM files (PS3.5 section 6.1) as UTF-8: by the sets that the file declares, or by what
// its bytes are where they are something else.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/dicom/dataset/character_set.h"

namespace osteon {

struct DecodedText {
  std::string utf8;  // Valid, without control characters other than CR, LF, FF and TAB.
  // What the bytes were read as when they are not in the declared sets or nothing was declared:
  // "UTF-8", "Latin 1", "Shift_JIS", "ISO 2022". Empty when the file was right.
  std::string read_as;
};

// One value or several. ASCII is what it is in every set. Else, in this order: the declared sets;
// all sets whose escape sequences occur; UTF-8 when the bytes are that, which no other text is by
// chance; Shift_JIS when that makes whole words of Japanese; and Latin 1, as Windows extends it.
// Bytes that are valid UTF-8 are taken for that in the declared sets, too, where they would be no
// words there (Latin 1: letters would be followed by signs).
DecodedText DecodeText(std::string_view bytes, const CharacterSets& sets);

bool IsUtf8(std::string_view text);
// Of UTF-8.
std::size_t CharacterCount(std::string_view utf8);

}  // namespace osteon
