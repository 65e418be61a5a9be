// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the sentences of the report: impression first, "compatible with" but never "diagnostic
// of", and a list of what was not assessed. Pure.
#pragma once

#include "pipelines/model/report.h"

namespace osteon {

// Whether ReportText::variants names the mark with others: a normal variant that was no lesion
// before.
bool InVariants(const Lesion& mark);

ReportText WriteText(const Findings& findings, const ReportOptions& options);

}  // namespace osteon
