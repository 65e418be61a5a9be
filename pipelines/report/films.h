// SPDX-License-Identifier: GPL-3.0-or-later
// Which plain films of the same patient belong to what was found: films are part of the work-up of
// a lesion, and the reader should not have to look for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/report/words.h"

namespace osteon {

// Whether a film of this Body Part Examined (0018,0015; PS3.16 Annex L) shows the bone unit. False
// for words that are not known.
bool ShowsUnit(std::string_view body_part, const BoneUnit& unit);

// One line for each film of a region with a lesion, with the lesions' numbers, newest first; then
// one for each film that does not say what it shows; films of other regions are counted in a last
// line.
std::vector<std::string> FilmLines(const Findings& findings, Language language);

}  // namespace osteon
