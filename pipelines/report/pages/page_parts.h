// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of every page: header with the UNVERIFIED mark, footer with the version, numbered badges.
#pragma once

#include <vector>

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/page_identity.h"
#include "pipelines/report/pages/projection.h"

namespace osteon {

// The input of all pages of one report.
struct Page {
  const AnalysedStudy& analysed;
  const ReportText& text;
  const PipelineIdentity& pipeline;
  const PageIdentity& identity;             // empty(): the page shows no identity.
  const BodyProjections& body;              // By WindowOf(analysed.composed, ...).
  std::vector<int> without_key_image = {};  // Lesions (Lesion::number) without key image.
};

void DrawHeader(const Page& page, int page_width, Canvas& canvas);
void DrawFooter(const Page& page, int page_width, int page_height, Canvas& canvas);
// A disc with the number, filled with `colour` for a lesion, white for a mark that is not counted.
void DrawNumber(int number, Point2 centre, Colour colour, LineStyle style, Canvas& canvas);

}  // namespace osteon
