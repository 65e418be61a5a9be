// SPDX-License-Identifier: GPL-3.0-or-later
// Every quantity of a report with its name, code, unit and definition, once: the SR, findings.json
// and the words are written from this table, so they cannot differ.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pipelines/model/concepts.h"
#include "pipelines/model/findings.h"

namespace osteon {

// A quantity of one lesion.
struct LesionMeasure {
  std::string_view
      key;  // Member of findings.json and Short Label in the SR; ends in its unit when it has one.
  Code concept_name;  // Concept of the SR's NUM item.
  Code unit;
  int decimals;                       // In texts; programs get six significant digits.
  std::string_view name_en, name_de;  // In the words of a report: "STIR grade".
  std::string_view detail_en,
      detail_de;  // Its definition where the name does not say it all, else empty.
  Measured (*value)(const Lesion&);
};

// In the order of the report. The first four are there for every lesion; the rest may be "not
// assessed".
std::span<const LesionMeasure> LesionMeasures();

// A quantity of the whole study; `not_assessed` when the study was not evaluable.
struct StudyMeasure {
  std::string_view key;
  Code concept_name;
  Code unit;
  std::string_view name_en, name_de;
  Measured (*value)(const Findings&);
};
std::span<const StudyMeasure> StudyMeasures();

// Whether a reason of Measured::not_assessed says that the lesion cannot have the quantity, rather
// than that it could have been measured and was not.
bool CannotApply(std::string_view not_assessed);

// "STIR grade (1 below fluid, 2 similar to fluid)": name and definition, for the SR.
std::string FullName(const LesionMeasure& measure, std::string_view language);

}  // namespace osteon
