// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, dates and names in the language of the report. Pure; no locale of the machine is asked.
#pragma once

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
// Three significant digits at most, no needless zeros: volumes and ratios.
std::string Short(Language language, double v);
// "20260312" as "12 Mar 2026" or "12.03.2026"; other text is returned as it is.
std::string Date(Language language, const std::string& yyyymmdd);
// "a", "a and b", "a, b and c".
std::string Listed(Language language, const std::vector<std::string>& items);

// "left distal femur", "distales Femur links".
std::string UnitName(Language language, const BoneUnit& unit);
// "metaphysis"; empty for kUnknown, flat bones and vertebrae, where it adds nothing.
std::string SegmentName(Language language, Segment segment);
// "touches the growth plate"; empty when not assessed.
std::string PhysisText(Language language, PhysisRelation relation);
std::string ChangeText(Language language, Change change);
std::string PatternText(Language language, const std::string& pattern);

// Texts that come from other stages in English. In German those that are known by their code or
// wording are translated; others stay English, since a caveat in the wrong language is better than
// none.
std::string CaveatText(Language language, const Caveat& caveat);
std::string FlagText(Language language, const RedFlag& flag);
std::string ReasonText(Language language, const std::string& not_assessed);

// Units of both sides joined: "distal femur (both sides), left clavicle". In the order given, each
// unit once.
std::vector<std::string> SidesJoined(Language language, const std::vector<UnitId>& units);

}  // namespace osteon
