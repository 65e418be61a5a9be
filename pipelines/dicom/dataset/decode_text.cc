// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/decode_text.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcspchrs.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <optional>

#include "pipelines/dicom/dataset/japanese_text.h"
#include "pipelines/dicom/dataset/registered_sets.h"

namespace osteon {
namespace {

constexpr char kEscape = '\x1B';

std::optional<std::string> Iconv(std::string_view bytes, std::string_view from) {
  const iconv_t converter = iconv_open("UTF-8", std::string(from).c_str());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX has this value for a failure.
  if (converter == iconv_t(-1)) return std::nullopt;
  std::string in(bytes), out(4 * in.size() + 4, '\0');
  char *next = in.data(), *to = out.data();
  std::size_t left = in.size(), room = out.size();
  const std::size_t converted = iconv(converter, &next, &left, &to, &room);
  iconv_close(converter);
  if (converted == static_cast<std::size_t>(-1)) return std::nullopt;
  out.resize(out.size() - room);
  return out;
}

bool IsControl(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte == '\r' || byte == '\n' || byte == '\f' || byte == '\t') return false;
  if (byte < 0x20 || byte == 0x7F) return true;
  // U+0080 to U+009F.
  return byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

bool HasControls(std::string_view text) {
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (IsControl(text, n)) return true;
  }
  return false;
}

std::string WithoutControls(std::string_view text) {
  std::string out;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (!IsControl(text, n)) {
      out += text[n];
      continue;
    }
    out += ' ';
    if (text[n] == '\xC2') ++n;
  }
  return out;
}

std::optional<std::string> CodeExtensions(std::string_view bytes,
                                          const std::vector<std::string>& terms) {
  const bool japanese = std::ranges::any_of(terms, [](const std::string& term) {
    return term.ends_with(" 13") || term.ends_with(" 87") || term.ends_with(" 159");
  });
  if (japanese) {
    Result<std::string> text = JapaneseToUtf8(bytes);
    return text.ok() ? std::optional(*std::move(text)) : std::nullopt;
  }
  std::string joined;
  for (const std::string& term : terms) joined += (joined.empty() ? "" : "\\") + term;
  DcmSpecificCharacterSet converter;
  OFString text;
  if (converter.selectCharacterSet(joined.c_str(), "ISO_IR 192").bad() ||
      converter.convertString(bytes.data(), bytes.size(), text, "\\^=").bad()) {
    return std::nullopt;
  }
  return std::string(text.c_str(), text.size());
}

std::optional<std::string> OneSet(std::string_view bytes, const std::string& term) {
  if (term == "ISO_IR 192") {
    return IsUtf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  }
  if (IsAlone(term)) return Iconv(bytes, term);
  for (const Registered& set : kRegistered) {
    if (!set.iconv.empty() && term.ends_with(" " + std::string(set.number)))
      return Iconv(bytes, set.iconv);
  }
  return std::nullopt;
}

// Every character that is not ASCII has three bytes or more.
bool OnlyLongCharacters(std::string_view utf8) {
  return std::ranges::none_of(utf8, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xC0 && byte < 0xE0;
  });
}

// In Latin 1 and 5, the bytes after the first one of a UTF-8 character are symbols or control
// characters. In Chinese sets, UTF-8 characters of three bytes each are hardly ever complete pairs
// of common characters.
bool RatherUtf8(std::string_view bytes, const std::string& term) {
  if (!IsUtf8(bytes)) return false;
  if (term.ends_with(" 100") || term.ends_with(" 148") || term == "CP1252") return true;
  return (term == "GB18030" || term == "GBK") && OnlyLongCharacters(bytes);
}

std::optional<std::string> Declared(std::string_view bytes, const CharacterSets& sets) {
  const std::string& first = sets.terms.front();
  if (RatherUtf8(bytes, first) && bytes.find(kEscape) == std::string_view::npos)
    return std::nullopt;
  const bool extensions = sets.terms.size() > 1 || first == "ISO_IR 13";
  std::optional<std::string> text =
      extensions ? CodeExtensions(bytes, sets.terms) : OneSet(bytes, first);
  if (text && HasControls(*text)) return std::nullopt;
  return text;
}

// The sets whose escape sequences occur, whether declared or not.
std::optional<std::string> EscapedTo(std::string_view bytes, const CharacterSets& sets) {
  if (bytes.find(kEscape) == std::string_view::npos) return std::nullopt;
  std::vector<std::string> terms = {"ISO 2022 IR 6"};
  for (const Registered& set : kRegistered) {
    if (sets.terms.front() == "ISO_IR " + std::string(set.number))
      terms[0] = "ISO 2022 IR " + std::string(set.number);
  }
  for (const Registered& set : kRegistered) {
    const std::string term = "ISO 2022 IR " + std::string(set.number);
    if (bytes.find(set.escape) != std::string_view::npos &&
        std::ranges::find(terms, term) == terms.end())
      terms.push_back(term);
  }
  std::optional<std::string> text = CodeExtensions(bytes, terms);
  if (text && HasControls(*text)) return std::nullopt;
  return text;
}

// Korean and Chinese with too few escape sequences: one at the start, or none.
std::optional<std::string> WithoutEscapes(std::string_view bytes, const CharacterSets& sets) {
  for (const auto& [term, escape, iconv] :
       {std::array<std::string_view, 3>{"ISO 2022 IR 149", "\x1B$)C", "CP949"},
        std::array<std::string_view, 3>{"ISO 2022 IR 58", "\x1B$)A", "GBK"}}) {
    if (std::ranges::find(sets.terms, term) == sets.terms.end()) continue;
    std::string bare(bytes);
    for (std::size_t at = 0; (at = bare.find(escape)) != std::string::npos;)
      bare.erase(at, escape.size());
    std::optional<std::string> text = Iconv(bare, iconv);
    if (text && !HasControls(*text)) return text;
  }
  return std::nullopt;
}

bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Japanese words contain no Latin letters; words of Western names that happen to be valid Shift_JIS
// ("Ko\x9Aic") do.
std::optional<std::string> ShiftJis(std::string_view bytes) {
  std::optional<std::string> text = Iconv(bytes, "CP932");
  if (!text || HasControls(*text)) return std::nullopt;
  bool latin = false, other = false;
  for (const char c : *text + " ") {
    latin |= IsAsciiLetter(c);
    other |= static_cast<unsigned char>(c) >= 0x80;
    if (latin && other) return std::nullopt;
    if (c == ' ' || c == '^' || c == '=' || c == '\\') latin = other = false;
  }
  return text;
}

// A byte that is no letter in Latin 1.
bool HasC1(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 && byte < 0xA0;
  });
}

// Latin 1 with the extensions of Windows. Undefined bytes become spaces.
std::string Latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += Iconv(std::string_view(&c, 1), "CP1252").value_or(" ");
  return WithoutControls(out);
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (std::size_t n = 0; n < text.size();) {
    const auto lead = static_cast<unsigned char>(text[n]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead >> 4) == 14           ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || n + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[n + k]) & 0xC0) != 0x80) return false;
    }
    n += length;
  }
  return true;
}

std::size_t CharacterCount(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

DecodedText DecodeText(std::string_view bytes, const CharacterSets& sets) {
  const bool ascii = std::ranges::all_of(
      bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != kEscape; });
  if (ascii) return {WithoutControls(bytes), ""};
  if (auto text = Declared(bytes, sets)) return {*std::move(text), ""};
  if (auto text = EscapedTo(bytes, sets)) return {*std::move(text), "ISO 2022"};
  if (auto text = WithoutEscapes(bytes, sets)) return {*std::move(text), "EUC"};
  if (IsUtf8(bytes)) return {WithoutControls(bytes), "UTF-8"};
  if (HasC1(bytes)) {
    if (auto text = ShiftJis(bytes)) return {*std::move(text), "Shift_JIS"};
  }
  return {Latin1(bytes), "Latin 1"};
}

}  // namespace osteon
