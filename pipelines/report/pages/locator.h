// SPDX-License-Identifier: GPL-3.0-or-later
// Where in the body a close-up is: a small coronal projection with its frame and level.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/report/pages/lesion_cut.h"

namespace osteon {

// As large as `width` and `height` let it be, from (x, y) on. REQUIRES: the composed volume is not
// empty.
void DrawLocator(const AnalysedStudy& analysed, const Crop& crop, Point2 top_left, double width,
                 double height, Canvas& canvas);

}  // namespace osteon
