// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/decode_text.h"

#include <gtest/gtest.h>

namespace osteon {
namespace {

TEST(CharacterSet, TextIsWhatItsBytesAre) {
  const struct {
    const char *declared, *bytes, *utf8, *read_as;
  } cases[] = {
      // As the standard has it.
      {"ISO_IR 100", "M\xDCLLER^J\xD6RG", "MÜLLER^JÖRG", ""},
      {"ISO_IR 101", "\xA3ukasz", "Łukasz", ""},
      {"ISO_IR 101", "P\xD3\xA3KOWSKI", "PÓŁKOWSKI", ""},  // Its bytes are valid UTF-8, too.
      {"ISO_IR 144", "\xC2\xB0\xC2\xB0", "ТАТА", ""},      // Likewise.
      {"ISO_IR 166", "\xA1\xA2", "กข", ""},
      {"ISO_IR 192", "MÜLLER^JÖRG", "MÜLLER^JÖRG", ""},
      {"ISO_IR 13", "\xD4\xCF\xC0\xDE", "ﾔﾏﾀﾞ", ""},
      {"GB18030", "\xCD\xF5\xD0\xA1\xB6\xAB", "王小东", ""},
      {"GBK", "\xC1\xAA\xCD\xA8", "联通", ""},  // Its bytes are valid UTF-8, too.
      {"\\ISO 2022 IR 87", "Yamada=\x1B$B;3ED\x1B(B", "Yamada=山田", ""},
      {"\\ISO 2022 IR 149", "Hong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE", "Hong=洪^吉", ""},
      {"\\ISO 2022 IR 58", "Zhang=\x1B$)A\xD5\xC5", "Zhang=张", ""},
      {"ISO 2022 IR 100\\ISO 2022 IR 126", "M\xFCller^\x1B-F\xC4", "Müller^Δ", ""},
      {"ISO 2022 IR 100", "M\xFCller", "Müller", ""},
      // Misspelt names of sets.
      {"ISO_IR_100", "M\xFCller", "Müller", ""},
      {"ISO IR 100", "M\xFCller", "Müller", ""},
      {"iso-ir-100", "M\xFCller", "Müller", ""},
      {"ISO 8859-1", "M\xFCller", "Müller", ""},
      {"ISO_8859_7", "\xC4", "Δ", ""},
      {"latin1", "M\xFCller", "Müller", ""},
      {"UTF-8", "Müller", "Müller", ""},
      {"ISO 2022 IR 192", "Müller", "Müller", ""},
      {"\\ISO_IR 192", "Müller", "Müller", ""},
      {"GB18030 ", "\xD5\xC5", "张", ""},
      {"GB2312", "\xD5\xC5", "张", ""},
      {"Shift_JIS", "\x8E\x52\x93\x63", "山田", ""},
      {"ISO_IR 149", "Hong=\x1B$)C\xFB\xF3", "Hong=洪", ""},
      {"ISO_IR 100\\ISO_IR 126", "M\xFCller^\x1B-F\xC4", "Müller^Δ", ""},
      {"ISO_IR 87", "\x1B$B;3ED\x1B(B", "山田", ""},
      // Not in the declared set.
      {"ISO_IR 192", "M\xDCLLER^J\xD6RG", "MÜLLER^JÖRG", "Latin 1"},
      {"ISO_IR 192",
       "Ko\x9A"
       "ic^\x8Eivko",
       "Košic^Živko", "Latin 1"},
      {"ISO_IR 100", "Müller", "Müller", "UTF-8"},
      {"ISO_IR 100", "山田", "山田", "UTF-8"},
      {"GB18030", "中文", "中文", "UTF-8"},
      {"ISO_IR 100", "Yamada=\x1B$B;3ED\x1B(B", "Yamada=山田", "ISO 2022"},
      {"", "Hong=\x1B$)C\xFB\xF3", "Hong=洪", "ISO 2022"},
      {"\\ISO 2022 IR 149", "Hong=\xFB\xF3^\xD1\xCE", "Hong=洪^吉", "EUC"},
      {"\\ISO 2022 IR 87", "\x8E\x52\x93\x63^\x91\xBE\x98\x59", "山田^太郎", "Shift_JIS"},
      {"ISO_IR 999", "M\xFCller", "Müller", "Latin 1"},
      // Not declared.
      {"", "M\xFCller", "Müller", "Latin 1"},
      {"", "Müller", "Müller", "UTF-8"},
      {"", "\x8E\x52\x93\x63^\x91\xBE\x98\x59", "山田^太郎", "Shift_JIS"},
      {"", "YAMADA^TAROU=\x8E\x52\x93\x63", "YAMADA^TAROU=山田", "Shift_JIS"},
      {"",
       "Ko\x9A"
       "ic",
       "Košic", "Latin 1"},
      {"ISO_IR 6", "M\xFCller", "Müller", "Latin 1"},
      // ASCII is ASCII, whatever is declared; control characters are none.
      {"nonsense", "Doe^John", "Doe^John", ""},
      {"ISO_IR 192", "Doe\x01^John", "Doe ^John", ""},
      {"ISO_IR 100", "M\xFCller\x1Bzz", "Müller zz", "Latin 1"}};
  for (const auto& c : cases) {
    const DecodedText text = DecodeText(c.bytes, ReadCharacterSets(c.declared));
    EXPECT_EQ(text.utf8, c.utf8) << c.declared;
    EXPECT_EQ(text.read_as, c.read_as) << c.declared << " " << c.utf8;
  }
}

TEST(CharacterSet, MisspellingsAreTold) {
  for (const char* right : {"", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 87",
                            "ISO 2022 IR 13\\ISO 2022 IR 87", "ISO_IR 6"})
    EXPECT_FALSE(ReadCharacterSets(right).misspelt) << right;
  for (const char* wrong : {"ISO_IR_100", "ISO IR 100", "UTF-8", "ISO 8859-1", "nonsense",
                            "\\ISO_IR 192", "ISO_IR 100\\GBK", "100"})
    EXPECT_TRUE(ReadCharacterSets(wrong).misspelt) << wrong;
}

TEST(CharacterSet, NoBytesMakeInvalidText) {
  std::string bytes;
  unsigned state = 1;
  for (const char* declared : {"", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "GB18030",
                               "\\ISO 2022 IR 149", "ISO_IR 13", "Shift_JIS"}) {
    for (int round = 0; round < 300; ++round) {
      bytes.clear();
      for (int n = 0; n < 12; ++n) {
        state = state * 1664525U + 1013904223U;
        bytes += static_cast<char>(1 + (state >> 24U) % 255);
      }
      const std::string text = DecodeText(bytes, ReadCharacterSets(declared)).utf8;
      ASSERT_TRUE(IsUtf8(text)) << declared << " round " << round;
      ASSERT_EQ(text.find('\x1B'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace osteon
