// SPDX-License-Identifier: GPL-3.0-or-later
// Lists what was not measured, and why, once for the whole study.
#pragma once

#include <string>

#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

// "Not assessed: T1 signal and mean ADC (no such series)." Lists the measures that pages
// and text name (LesionMeasure::remarkable_from) and that a mark lacks. One that only some marks
// lack has their numbers (Lesion::number): "(outside the ADC images; no. 2 and 4)". Measures that
// cannot apply are left out (CannotApply). findings.json has the reasons of each mark. Empty
// without marks.
std::string NotAssessed(const Findings& findings, Language language);

}  // namespace osteon
