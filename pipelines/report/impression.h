// SPDX-License-Identifier: GPL-3.0-or-later
// The lines at the beginning of the report.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon {

// At most eight lines: first urgent height loss, if any; then the lesions with their sites, height
// loss that is not urgent, change since the prior, red flags, pattern, marks that are not counted,
// total volume, and the limitations that could change the result.
std::vector<std::string> Impression(const Findings& findings, Language language);

}  // namespace osteon
