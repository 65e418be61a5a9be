// SPDX-License-Identifier: GPL-3.0-or-later
// The projections of the body map with outlines, numbers next to them, and left and right marked.
#pragma once

#include "pipelines/report/pages/body_map.h"

namespace osteon {

struct Area {
  double x = 0, y = 0, w = 0, h = 0;
};

// Draws both projections at the same scale, as large as fits into `area`. REQUIRES: the composed
// volume is not empty.
BodyMapPanels DrawBodyPanels(const Page& page, Area area, Canvas& canvas);

}  // namespace osteon
