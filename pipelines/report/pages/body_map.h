// SPDX-License-Identifier: GPL-3.0-or-later
// The first page of the report: two projections with numbered lesions, impression, table, legend.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/page_parts.h"

namespace osteon {

// A4 landscape at about 137 dots per inch: readable on paper and on a screen at 100 %.
inline constexpr int kPageWidth = 1600;
inline constexpr int kPageHeight = 1131;

struct BodyMapPanels {
  PicturePanel coronal, sagittal;  // Of size 0 when there is no volume.
};

// REQUIRES: `canvas` is kPageWidth x kPageHeight.
BodyMapPanels DrawBodyMap(const Page& page, Canvas& canvas);

}  // namespace osteon
