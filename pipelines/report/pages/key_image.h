// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a close-up of one lesion: the same coronal cut without and with its outline and of each
// other contrast that shows the place, before them the cut of the prior study where the lesion was
// then, at the same scale and window; a locator, and its measurements in words. For a resolved
// lesion the prior cut and that of the same level of the bone now.
#pragma once

#include "pipelines/model/report.h"
#include "pipelines/report/pages/page_parts.h"

namespace osteon {

// 1320 x 976 pixels. REQUIRES: the composed volume is not empty; `words` is the text of this
// lesion.
KeyImage DrawKeyImage(const Page& page, const Lesion& lesion, const LesionText& words);

}  // namespace osteon
