// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, dates and names in the language of the report. Pure; no locale of the machine is asked.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

// The phrase of the language. Both are UTF-8.
std::string Say(Language language, std::string_view english, std::string_view german);

// Fixed decimals, "12.3" or "12,3".
std::string Number(Language language, double v, int decimals);
// As many digits as a volume in ml is good for: "0.45", "1.9", "23.4", "120".
std::string Short(Language language, double v);
// "20260312" as "12 Mar 2026" or "12.03.2026"; other text is returned as it is.
std::string Date(Language language, const std::string& yyyymmdd);
// Text that a stage has written with a decimal point, "12.3 mm", in the language; other text is
// returned as it is.
std::string LocalNumber(Language language, std::string text);
// "a", "a and b", "a, b and c".
std::string Listed(Language language, const std::vector<std::string>& items);

// "left distal femur", "distales Femur links".
std::string UnitName(Language language, const BoneUnit& unit);
// "left distal femur", "mandible, left of the midline".
std::string SiteName(Language language, const Lesion& lesion);
// "metaphysis"; empty for kUnknown, flat bones and vertebrae, where it adds nothing.
std::string SegmentName(Language language, Segment segment);
// "touches the growth plate"; empty when not assessed.
std::string PhysisText(Language language, PhysisRelation relation);
std::string ChangeText(Language language, Change change);
// "+45 %", "-34 %": whole percent, as the class of change goes by.
std::string PercentChange(Language language, double percent);
std::string PatternText(Language language, const std::string& pattern);
// "volume +45 %, signal grade higher"; codes are those of stages/followup/compare.h.
std::string ChangeReasonsText(Language language, const std::vector<ChangeReason>& reasons);
// "Coronal STIR, 1.5 T, TE 70 ms, 4 stations, 1.5 × 1.5 × 6 mm; T1"; empty without a series.
std::string TechniqueText(Language language, const Technique& technique);

// A red flag with the measurement that raised it, what it points to, and whether it is uncertain.
std::string FlagText(Language language, const RedFlag& flag);
// The imaging items of published criteria in one line; empty without items.
std::string CriteriaText(Language language, const std::vector<CriterionItem>& items);

// Texts that come from other stages in English. A test holds all of them against the German ones;
// one that slips through stays English, since a caveat in the wrong language is better than none.
std::string CaveatText(Language language, const Caveat& caveat);
std::string ReasonText(Language language, const std::string& not_assessed);

// What the texts above are made with.
struct WordPair {
  std::string_view english, german;
};
// The German of that English, or empty.
std::string InGerman(std::span<const WordPair> table, std::string_view english);
// `text` with "{0}", "{1}" ... replaced by the values; what has no value stays.
std::string Filled(std::string_view text, const std::vector<std::string>& values);
std::string Replaced(std::string text, std::string_view what, const std::string& with);

// Units of both sides joined: "distal femur (both sides), left clavicle". In the order given, each
// unit once.
std::vector<std::string> SidesJoined(Language language, const std::vector<UnitId>& units);

}  // namespace osteon
