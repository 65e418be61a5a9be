// SPDX-License-Identifier: GPL-3.0-or-later
// Text of DICOM files (PS3.3 C.12.1.1.2, PS3.5 section 6.1) as UTF-8: what the file declares, what
// it must have meant where that is misspelt, and what its bytes are where they are something else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osteon {

struct CharacterSets {
  // Defined terms, the first for text before any escape sequence: {"ISO_IR 100"}, or with code
  // extensions {"ISO 2022 IR 6", "ISO 2022 IR 87"}. {"ISO_IR 6"} when nothing is declared.
  std::vector<std::string> terms;
  bool declared = false;  // Something was.
  // Defined terms are spelt otherwise ("ISO_IR_100", "UTF-8"), are not known, or cannot stand side
  // by side.
  bool misspelt = false;
};

// `declared` is all of Specific Character Set (0008,0005). Case, spaces and punctuation do not
// count, nor whether code extensions are declared with one term or with none; names that other
// worlds use are known (ISO 8859-1, Latin1, UTF-8, GBK, Shift_JIS, Windows-1252). An unknown term
// is passed over.
CharacterSets ReadCharacterSets(std::string_view declared);

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
