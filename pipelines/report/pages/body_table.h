// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the body map: one row a lesion, then the marks that are not counted.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/body_panels.h"

namespace osteon {

// Answers where it ends; `area.y` without a mark. What does not fit is counted in a last line.
double DrawTable(const AnalysedStudy& analysed, const ReportText& text, const Area& area,
                 Canvas& canvas);

}  // namespace osteon
