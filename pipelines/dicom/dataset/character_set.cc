// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/character_set.h"

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcspchrs.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <optional>

#include "pipelines/dicom/dataset/japanese_text.h"

namespace osteon {
namespace {

constexpr char kEscape = '\x1B';

// Sets that stand alone, by their names in iconv; the three that DICOM does not have are met all
// the same.
constexpr std::array<std::string_view, 6> kAlone = {"ISO_IR 192", "GB18030", "GBK",
                                                    "CP932",      "CP1252",  "CP949"};

struct Registered {
  std::string_view number;  // ISO-IR registration number, as in the defined term.
  std::string_view iconv;   // Empty: only in code extensions, or Japanese.
  std::string_view escape;  // That switches to it (PS3.3 table C.12-3).
};
constexpr std::array<Registered, 18> kRegistered = {{{"6", "", "\x1B(B"},
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

// Names without case, spaces and punctuation, as other worlds write them.
struct Alias {
  std::string_view bare, term;
};
constexpr std::array<Alias, 40> kAliases = {{{"UTF8", "ISO_IR 192"},
                                             {"UNICODE", "ISO_IR 192"},
                                             {"ISO10646", "ISO_IR 192"},
                                             {"ISOIR192", "ISO_IR 192"},
                                             {"ISO2022IR192", "ISO_IR 192"},
                                             {"IR192", "ISO_IR 192"},
                                             {"GB18030", "GB18030"},
                                             {"GBK", "GBK"},
                                             {"GB2312", "GBK"},
                                             {"SHIFTJIS", "CP932"},
                                             {"SJIS", "CP932"},
                                             {"WINDOWS31J", "CP932"},
                                             {"MS932", "CP932"},
                                             {"CP932", "CP932"},
                                             {"WINDOWS1252", "CP1252"},
                                             {"CP1252", "CP1252"},
                                             {"ANSI", "CP1252"},
                                             {"EUCKR", "CP949"},
                                             {"KSC5601", "CP949"},
                                             {"KSX1001", "CP949"},
                                             {"CP949", "CP949"},
                                             {"ASCII", "6"},
                                             {"USASCII", "6"},
                                             {"ISO646", "6"},
                                             {"TIS620", "166"},
                                             {"ISO88591", "100"},
                                             {"ISO88592", "101"},
                                             {"ISO88593", "109"},
                                             {"ISO88594", "110"},
                                             {"ISO88595", "144"},
                                             {"ISO88596", "127"},
                                             {"ISO88597", "126"},
                                             {"ISO88598", "138"},
                                             {"ISO88599", "148"},
                                             {"ISO885911", "166"},
                                             {"ISO885915", "203"},
                                             {"LATIN1", "100"},
                                             {"LATIN2", "101"},
                                             {"LATIN5", "148"},
                                             {"LATIN9", "203"}}};

std::string Bare(std::string_view text) {
  std::string bare;
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') bare += static_cast<char>(c - 'a' + 'A');
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) bare += c;
  }
  return bare;
}

bool IsAlone(std::string_view term) { return std::ranges::find(kAlone, term) != kAlone.end(); }

// One of kAlone, a registration number, or empty when the term is not known.
std::string_view Meant(std::string_view term) {
  const std::string bare = Bare(term);
  for (const Alias& alias : kAliases) {
    if (alias.bare == bare) return alias.term;
  }
  std::string_view number = bare;
  for (const std::string_view prefix : {"ISO2022IR", "ISOIR", "IR", "ISO"}) {
    if (!number.starts_with(prefix)) continue;
    number.remove_prefix(prefix.size());
    break;
  }
  for (const Registered& set : kRegistered) {
    if (set.number == number) return set.number;
  }
  return {};
}

bool SpeltRight(std::string_view term, std::string_view meant) {
  const bool name = meant == "ISO_IR 192" || meant == "GB18030" || meant == "GBK";
  return term.empty() || (name && term == meant) || term == "ISO_IR " + std::string(meant) ||
         term == "ISO 2022 IR " + std::string(meant);
}

std::vector<std::string> Values(std::string_view declared) {
  std::vector<std::string> values(1);
  for (const char c : declared) {
    if (c == '\\')
      values.emplace_back();
    else if (c != '\0')
      values.back() += c;
  }
  for (std::string& value : values) {
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    value.erase(value.find_last_not_of(' ') + 1);
  }
  return values;
}

// Text after ISO 2022 only, or 7 bits with escapes.
bool NeedsExtension(std::string_view number) {
  return number == "58" || number == "87" || number == "149" || number == "159";
}

std::optional<std::string> Iconv(std::string_view bytes, std::string_view from) {
  const iconv_t converter = iconv_open("UTF-8", std::string(from).c_str());
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

// In Latin 1 and 5, what follows the first byte of a character of UTF-8 is a sign or a control; in
// Chinese sets, two or more characters of three bytes each are hardly ever whole pairs of common
// ones.
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

// Japanese words are not mixed with Latin letters; the words of Western names that happen to be
// valid Shift_JIS ("Ko\x9Aic") are.
std::optional<std::string> ShiftJis(std::string_view bytes) {
  const std::optional<std::string> text = Iconv(bytes, "CP932");
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

// A byte that Latin 1 has no letter for.
bool HasC1(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 && byte < 0xA0;
  });
}

// Latin 1 as Windows extends it. Bytes that it has not are spaces.
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

CharacterSets ReadCharacterSets(std::string_view declared) {
  CharacterSets sets;
  std::vector<std::string_view> numbers;
  const std::vector<std::string> values = Values(declared);
  for (const std::string& value : values) {
    sets.declared |= !value.empty();
    const std::string_view meant = value.empty() ? "6" : Meant(value);
    sets.misspelt |= meant.empty() || !SpeltRight(value, meant);
    if (IsAlone(meant)) {
      sets.misspelt |= values.size() > 1;
      const bool only_ascii_before = std::ranges::all_of(numbers, [](auto n) { return n == "6"; });
      if (!only_ascii_before) continue;
      sets.terms = {std::string(meant)};
      return sets;
    }
    if (!meant.empty() && std::ranges::find(numbers, meant) == numbers.end())
      numbers.push_back(meant);
  }
  if (numbers.empty()) numbers = {"6"};
  if (numbers.size() == 1 && NeedsExtension(numbers[0])) numbers.insert(numbers.begin(), "6");
  for (const std::string_view number : numbers) {
    sets.terms.push_back((numbers.size() > 1 ? "ISO 2022 IR " : "ISO_IR ") + std::string(number));
  }
  return sets;
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
