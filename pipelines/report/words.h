// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, dates and names in the language of the report. Pure; independent of the machine's
// locale.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

// The phrase in `language`. Both are UTF-8.
std::string Say(Language language, std::string_view english, std::string_view german);

// Fixed decimals, "12.3" or "12,3".
std::string Number(Language language, double v, int decimals);
// A volume in ml: two decimals below 1, one below 100, else none: "0.45", "1.9", "23.4", "120".
std::string Short(Language language, double v);
// "20260312" as "12 Mar 2026" or "12.03.2026"; other text is returned unchanged.
std::string Date(Language language, const std::string& yyyymmdd);
// Text with a decimal point, such as "12.3 mm", with the decimal sign of the language; other text
// is returned unchanged.
std::string LocalNumber(Language language, std::string text);
// "a", "a and b", "a, b and c".
std::string Listed(Language language, const std::vector<std::string>& items);
// Numbers of marks, ascending: "1 and 2", "1, 3 to 6 and 9".
std::string ListedNumbers(Language language, const std::vector<int>& numbers);

// "left distal femur", "distales Femur links".
std::string UnitName(Language language, const BoneUnit& unit);
// "left distal femur", "mandible, left of the midline".
std::string SiteName(Language language, const Lesion& lesion);
// "metaphysis"; empty for kUnknown, flat bones and vertebrae.
std::string SegmentName(Language language, Segment segment);
// "touches the growth plate"; empty when not assessed.
std::string PhysisText(Language language, PhysisRelation relation);
std::string ChangeText(Language language, Change change);
// "+45 %", "-34 %": whole percent, by which changes are classified.
std::string PercentChange(Language language, double percent);
std::string PatternText(Language language, const std::string& pattern);
// "volume +45 %, signal grade higher"; codes are those of stages/followup/compare.h.
std::string ChangeReasonsText(Language language, const std::vector<ChangeReason>& reasons);
// "Coronal STIR, 1.5 T, TE/TI 70/165 ms, 4 stations, 1.5 × 1.5 × 6 mm; T1"; empty without a series.
std::string TechniqueText(Language language, const Technique& technique);

// A red flag with the measurement that raised it, what it suggests, and whether it is uncertain.
std::string FlagText(Language language, const RedFlag& flag);
// What is said of a statement that needs lesions below cutoffs::kCertainFrom, of which there is at
// least one: "only with uncertain lesion 3", "only with uncertain lesions".
std::string OnlyUncertain(Language language, const std::vector<Lesion>& lesions);
// The imaging items of published criteria that these lesions meet, in one line; empty without
// items.
std::string CriteriaText(Language language, const std::vector<CriterionItem>& items,
                         const std::vector<Lesion>& lesions);

// Texts that other stages write in English. A test checks that each has a German text. One without
// stays English, since a caveat in the wrong language is better than none.
std::string CaveatText(Language language, const Caveat& caveat);
std::string ReasonText(Language language, const std::string& not_assessed);

// Helpers for the texts above.
struct WordPair {
  std::string_view english, german;
};
// The German of `english`, or empty.
std::string InGerman(std::span<const WordPair> table, std::string_view english);
// `text` with "{0}", "{1}" ... replaced by the values; placeholders without a value stay.
std::string Filled(std::string_view text, const std::vector<std::string>& values);
std::string Replaced(std::string text, std::string_view what, const std::string& with);

// Each unit once with the numbers of its marks, in their order: "right ribs (2, 5)".
std::vector<std::string> SitesWithNumbers(Language language,
                                          const std::vector<const Lesion*>& marks);

// Units of both sides joined: "distal femur (both sides), left clavicle". Keeps the order; each
// unit appears once.
std::vector<std::string> SidesJoined(Language language, const std::vector<UnitId>& units);

}  // namespace osteon
