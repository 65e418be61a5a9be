// SPDX-License-Identifier: GPL-3.0-or-later
// What was not measured, and why, said once for the whole study.
#pragma once

#include <string>

#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

// "Not assessed: mean ADC (no ADC series); T1 signal to muscle (no T1 series)." Of the measures
// that pages and text name (LesionMeasure::remarkable_from), those that some mark lacks; one that
// only some marks lack names them by Lesion::number: "(no ADC series: lesions 2 and 4)". What
// cannot apply is not said (CannotApply). findings.json has every reason, mark by mark. Empty
// without marks.
std::string NotAssessed(const Findings& findings, Language language);

}  // namespace osteon
