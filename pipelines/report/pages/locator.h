// SPDX-License-Identifier: GPL-3.0-or-later
// A small coronal projection that shows where in the body a close-up is: its frame and level.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/report/pages/lesion_cut.h"
#include "pipelines/report/pages/page_parts.h"

namespace osteon {

// Draws it at `top_left`, as large as `width` and `height` allow. REQUIRES: the composed volume is
// not empty.
void DrawLocator(const Page& page, const Crop& crop, Point2 top_left, double width, double height,
                 Canvas& canvas);

}  // namespace osteon
