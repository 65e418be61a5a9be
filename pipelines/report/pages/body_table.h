// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the body map: one row per lesion, then the marks that are not counted.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/body_panels.h"

namespace osteon {

// Returns the y at which the table ends; `area.y` without marks. A last line counts the rows that
// do not fit.
double DrawTable(const AnalysedStudy& analysed, const ReportText& text, const Area& area,
                 Canvas& canvas);

}  // namespace osteon
