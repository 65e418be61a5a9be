// SPDX-License-Identifier: GPL-3.0-or-later
// What is said of each series of a study as JSON, for the ledger, REST and the page.
#pragma once

#include <string>

#include "orthanc-plugin/archive/study_entry.h"
#include "orthanc-plugin/intake/selection.h"

namespace osteon::plugin {

// A list in the order of `study` (README.md: `series` of explain). REQUIRES: selection of the
// study.
std::string SeriesJson(const StudyEntry& study, const Selection& selection);

}  // namespace osteon::plugin
