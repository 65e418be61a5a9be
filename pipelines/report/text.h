// SPDX-License-Identifier: GPL-3.0-or-later
// The report in words, impression first, in the wording rules of clinical practice: "compatible
// with", never "diagnostic of"; what was not assessed is said. Pure.
#pragma once

#include "pipelines/model/report.h"

namespace osteon {

ReportText WriteText(const Findings& findings, const ReportOptions& options);

}  // namespace osteon
