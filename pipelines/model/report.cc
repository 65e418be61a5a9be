// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/report.h"

namespace osteon {

std::string_view Name(Language language) { return language == Language::kGerman ? "de" : "en"; }

std::optional<Language> LanguageFromName(std::string_view name) {
  for (Language language : {Language::kEnglish, Language::kGerman}) {
    if (Name(language) == name) return language;
  }
  return std::nullopt;
}

std::string_view Name(SrClass sr_class) {
  switch (sr_class) {
    case SrClass::kComprehensive3d:
      return "comprehensive3d";
    case SrClass::kComprehensive:
      return "comprehensive";
    case SrClass::kEnhanced:
      return "enhanced";
  }
  return "comprehensive3d";
}

std::optional<SrClass> SrClassFromName(std::string_view name) {
  for (SrClass c : {SrClass::kComprehensive3d, SrClass::kComprehensive, SrClass::kEnhanced}) {
    if (Name(c) == name) return c;
  }
  return std::nullopt;
}

}  // namespace osteon
