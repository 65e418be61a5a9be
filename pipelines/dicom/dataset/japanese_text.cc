// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/japanese_text.h"

#include <iconv.h>

#include <algorithm>

namespace osteon {
namespace {

constexpr std::string_view kToKanji = "\x1B$B", kToKanji1978 = "\x1B$@", kToSupplement = "\x1B$(D";
constexpr std::string_view kToAscii = "\x1B(B", kToRoman = "\x1B(J", kToKatakana = "\x1B)I";

Result<std::string> TwoByteRun(std::string_view escape, std::string_view run) {
  const iconv_t converter = iconv_open("UTF-8", "ISO-2022-JP-2");
  // NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX has this value for a failure.
  if (converter == iconv_t(-1)) return Internal("iconv does not know ISO-2022-JP-2");
  std::string in = std::string(escape) + std::string(run) + std::string(kToAscii);
  std::string out(3 * in.size() + 4, '\0');
  char *from = in.data(), *to = out.data();
  std::size_t from_left = in.size(), to_left = out.size();
  const std::size_t converted = iconv(converter, &from, &from_left, &to, &to_left);
  iconv_close(converter);
  if (converted == static_cast<std::size_t>(-1)) return InvalidInput("not JIS X 0208 or 0212");
  out.resize(out.size() - to_left);
  return out;
}

// One byte of the single-byte sets: ASCII, or half-width katakana from U+FF61.
std::string SingleByte(unsigned char byte) {
  if (byte < 0x80) return std::string(1, static_cast<char>(byte));
  const unsigned code = 0xFF61U + (byte - 0xA1U);
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

}  // namespace

Result<std::string> JapaneseToUtf8(std::string_view text) {
  std::string out;
  std::string_view set = kToAscii;
  while (!text.empty()) {
    if (text.front() == '\x1B') {
      bool known = false;
      for (std::string_view escape :
           {kToKanji, kToKanji1978, kToSupplement, kToAscii, kToRoman, kToKatakana}) {
        if (!text.starts_with(escape)) continue;
        set = escape;
        text.remove_prefix(escape.size());
        known = true;
        break;
      }
      if (!known) return InvalidInput("an escape sequence of another character set");
      continue;
    }
    if (set == kToKanji || set == kToKanji1978 || set == kToSupplement) {
      const std::size_t end = std::min(text.find('\x1B'), text.size());
      Result<std::string> run = TwoByteRun(set, text.substr(0, end));
      if (!run) return run;
      out += *run;
      text.remove_prefix(end);
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte >= 0x80 && (byte < 0xA1 || byte > 0xDF)) return InvalidInput("not JIS X 0201");
    out += SingleByte(byte);
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace osteon
