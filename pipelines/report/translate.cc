// SPDX-License-Identifier: GPL-3.0-or-later
// German for the English texts of other stages; declared in words.h.
#include <array>
#include <utility>

#include "pipelines/report/words.h"

namespace osteon {
namespace {

template <std::size_t kCount>
std::string Lookup(const std::array<std::pair<std::string_view, std::string_view>, kCount>& table,
                   const std::string& key) {
  for (const auto& [from, to] : table) {
    if (from == key) return std::string(to);
  }
  return {};
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEntities = {
    {{"metastases", "Metastasen"},
     {"mycobacteriosis", "Mykobakteriose"},
     {"lymphoma", "primäres Knochenlymphom"},
     {"histiocytosis", "Langerhans-Zell-Histiozytose"},
     {"fibrous dysplasia", "polyostotische fibröse Dysplasie"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kReasons = {
    {{"no ADC series", "keine ADC-Serie"},
     {"no T1 series", "keine T1-Serie"},
     {"no post-contrast series", "keine Serie nach Kontrastmittel"},
     {"study not evaluable", "Untersuchung nicht auswertbar"},
     {"no fluid space found", "kein Flüssigkeitsraum gefunden"},
     {"no prior", "keine Voruntersuchung"},
     {"not a vertebra", "kein Wirbel"}}};

}  // namespace

std::string CaveatText(Language, const Caveat& caveat) { return caveat.text; }

std::string FlagText(Language language, const RedFlag& flag) {
  if (flag.suggests.empty()) return flag.text;
  std::string entity = flag.suggests;
  if (language == Language::kGerman) {
    if (const std::string german = Lookup(kEntities, flag.suggests); !german.empty())
      entity = german;
  }
  return flag.text + " (" + entity + Say(language, " to be considered)", " erwägen)");
}

std::string ReasonText(Language language, const std::string& not_assessed) {
  if (language == Language::kEnglish) return not_assessed;
  const std::string german = Lookup(kReasons, not_assessed);
  return german.empty() ? not_assessed : german;
}

}  // namespace osteon
