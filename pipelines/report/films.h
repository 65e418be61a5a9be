// SPDX-License-Identifier: GPL-3.0-or-later
// Lists radiographs of the same patient that show a region with a lesion, so that the reader need
// not search for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/report/words.h"

namespace osteon {

// Whether a film of this Body Part Examined (0018,0015; PS3.16 Annex L) shows the bone unit. False
// for unknown body parts.
bool ShowsUnit(std::string_view body_part, const BoneUnit& unit);

// One line for each radiograph of a region with a lesion, with the lesions' numbers, newest first;
// then one for each radiograph without a known region; a last line counts those of other regions.
// findings.json has their Study Instance UIDs.
std::vector<std::string> FilmLines(const Findings& findings, Language language);

}  // namespace osteon
