// SPDX-License-Identifier: GPL-3.0-or-later
// What every page has: header with the UNVERIFIED mark, footer with the version, numbered badges.
#pragma once

#include "pipelines/model/report.h"
#include "pipelines/report/canvas.h"

namespace osteon {

void DrawHeader(const AnalysedStudy& analysed, const ReportText& text, int page_width,
                Canvas& canvas);
void DrawFooter(const PipelineIdentity& pipeline, const ReportText& text, int page_width,
                int page_height, Canvas& canvas);
// A disc with the number: filled with the colour for a lesion, white for a mark that is not
// counted.
void DrawNumber(int number, Point2 centre, Colour colour, LineStyle style, Canvas& canvas);

}  // namespace osteon
