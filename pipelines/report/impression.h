// SPDX-License-Identifier: GPL-3.0-or-later
// The lines a report opens with.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon {

// At most eight lines: the urgent one first when there is one, then the answer with the sites,
// change since the prior, pattern, red flags, indeterminate findings, total volume, and what of the
// limitations could have changed the answer.
std::vector<std::string> Impression(const Findings& findings, Language language);

}  // namespace osteon
