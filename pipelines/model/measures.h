// SPDX-License-Identifier: GPL-3.0-or-later
// Every quantity of a report with its name, code and unit. SR, findings.json and texts are made
// from this table, so they cannot differ. deploy/CONFORMANCE.md has the definitions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipelines/model/concepts.h"
#include "pipelines/model/findings.h"

namespace osteon {

// Where a quantity stands beside findings.json, which has all of them.
enum class InSr {
  kNumber,  // A NUM item under a concept of its own.
  kValue,   // "key=value" in the item "Further values": without a standard concept, or only for
            // stages/followup.
  kNot,
};

// A quantity of one lesion.
struct LesionMeasure {
  std::string_view key;  // Member of findings.json; ends in its unit when it has one.
  InSr in_sr;
  Code concept_name;  // Of the NUM item, each another; empty without one.
  Code unit;
  int decimals;                       // For people, but of volumes; programs get six digits.
  std::string_view name_en, name_de;  // In the words of a report: "STIR grade".
  Measured (*value)(const Lesion&);
  // Pages and texts name the quantity from this value on; without one never, since site, size,
  // volume, signal and certainty of a lesion stand there anyway. Chosen: what a radiologist would
  // dictate.
  std::optional<double> remarkable_from;
  // Of a ratio, the other side of it: "muscle" in "3.2 × muscle". Empty for other quantities.
  std::string_view to_en = {}, to_de = {};
};

// In the order of the report. The first four are there for every lesion; the rest may be "not
// assessed".
std::span<const LesionMeasure> LesionMeasures();

// No mark is said to be more certain than this: a radiologist decides.
inline constexpr double kMostCertainPercent = 99;

// The value with the digits that it is good for, for people: "13", "1.9", "0.33".
std::string ShownText(const LesionMeasure& measure, double value);

// A quantity of the whole study; `not_assessed` when the study was not evaluable.
struct StudyMeasure {
  std::string_view key;
  InSr in_sr;
  Code concept_name;  // Of the NUM item, each another; empty without one.
  Code unit;
  std::string_view name_en, name_de;
  Measured (*value)(const Findings&);
};
std::span<const StudyMeasure> StudyMeasures();
// As for a lesion; of a count or a volume.
std::string ShownText(const StudyMeasure& measure, double value);

// Whether a reason of Measured::not_assessed means that the lesion cannot have the quantity, not
// that it could have been measured and was not.
bool CannotApply(std::string_view not_assessed);

}  // namespace osteon
