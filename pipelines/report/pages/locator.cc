// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/locator.h"

#include <algorithm>
#include <cmath>

#include "pipelines/report/pages/style.h"

namespace osteon {

void DrawLocator(const Page& page, const Crop& crop, Point2 top_left, double width, double height,
                 Canvas& canvas) {
  const VolumeGeometry& g = page.analysed.composed.stir.geometry();
  const Vec3 spacing = g.spacing_mm();
  const double scale =
      std::min(width / (g.columns * spacing.x), height / (g.rows * spacing.y));  // Pixels a mm.
  const double w = std::round(g.columns * spacing.x * scale),
               h = std::round(g.rows * spacing.y * scale);
  canvas.FillRect(top_left.x, top_left.y, w, h, style::kBlack);
  canvas.Grey(page.body.coronal, top_left.x, top_left.y, w, h);
  const double left = top_left.x + crop.left * spacing.x * scale,
               top = top_left.y + crop.top * spacing.y * scale, side = crop.side_mm * scale;
  const double level = top + side / 2;
  canvas.Clip(top_left.x, top_left.y, w, h);
  canvas.Line({top_left.x, level}, {top_left.x + w, level}, style::kBlack, 3);
  canvas.Line({top_left.x, level}, {top_left.x + w, level}, style::kYellow, 1.2,
              LineStyle::kDashed);
  canvas.StrokeRect(left, top, side, side, style::kBlack, 4);
  canvas.StrokeRect(left, top, side, side, style::kYellow, 2);
  canvas.Unclip();
  TextStyle mark{.size_px = 13, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  canvas.Text(top_left.x + 4, top_left.y + 2, "R", mark);
  mark.align = TextStyle::Align::kRight;
  canvas.Text(top_left.x + w - 4, top_left.y + 2, "L", mark);
}

}  // namespace osteon
