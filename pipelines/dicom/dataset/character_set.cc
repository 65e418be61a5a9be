// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/dataset/character_set.h"

#include <algorithm>
#include <array>

#include "pipelines/dicom/dataset/registered_sets.h"

namespace osteon {
namespace {

// Names that are common outside DICOM, without case, spaces and punctuation.
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

// Sets that exist only with ISO 2022 escape sequences.
bool NeedsExtension(std::string_view number) {
  return number == "58" || number == "87" || number == "149" || number == "159";
}

}  // namespace

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

}  // namespace osteon
