// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/body_panels.h"

#include <algorithm>
#include <cmath>

#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/projection.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/text.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr double kMargin = 44;   // For the numbers next to a projection.
constexpr double kBadge = 11;    // Radius of a numbered badge.
constexpr double kSpacing = 25;  // Between the centres of two badges.

// A projection on the page: its area, and the page pixels per voxel.
struct Panel {
  View view = View::kCoronal;
  Area area;
  double pixel_w = 1, pixel_h = 1;
};

Point2 OnPage(const Panel& panel, Point2 p) {
  return {panel.area.x + p.x * panel.pixel_w, panel.area.y + p.y * panel.pixel_h};
}

struct Badge {
  int number = 0;
  Colour colour;
  LineStyle style = LineStyle::kSolid;
  Point2 target;          // Centre of the outline on the page.
  double half_width = 0;  // Of the outline.
  Point2 position;        // Position of the number.
};

// Distributes badges along a margin without overlap, as near to their targets as possible.
void Spread(std::vector<Badge*>& badges, double top, double bottom) {
  std::ranges::sort(badges, {}, [](const Badge* b) { return b->target.y; });
  const double room = bottom - top;
  const double spacing = std::min(kSpacing, room / std::max<double>(1, double(badges.size())));
  double next = top;
  for (Badge* badge : badges) {
    badge->position.y = std::max(badge->target.y, next);
    next = badge->position.y + spacing;
  }
  double limit = bottom;
  for (auto badge = badges.rbegin(); badge != badges.rend(); ++badge) {
    (*badge)->position.y = std::min((*badge)->position.y, limit);
    limit = (*badge)->position.y - spacing;
  }
}

// Draws the outline of one mark; nullopt when it has no voxel.
std::optional<Badge> DrawMark(const AnalysedStudy& a, const Lesion& mark, const LabelBox& box,
                              const Panel& panel, Canvas& canvas) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  const int width = panel.view == View::kCoronal ? g.columns : g.slices;
  const auto outlines =
      Outlines(ProjectedMask(a.lesions.labels, mark.label, box, panel.view), width, g.rows);
  if (outlines.empty()) return std::nullopt;
  Badge badge{mark.number, style::OfChange(mark.change), style::OfClass(mark.judgement), {}, 0, {}};
  Point2 low{1e9, 1e9}, high{-1e9, -1e9};
  for (const auto& outline : outlines) {
    std::vector<Point2> points;
    for (Point2 p : outline) {
      const Point2 q = OnPage(panel, p);
      points.push_back(q);
      low = {std::min(low.x, q.x), std::min(low.y, q.y)};
      high = {std::max(high.x, q.x), std::max(high.y, q.y)};
    }
    canvas.Polygon(points, style::kBlack, 3.6, LineStyle::kSolid);
    canvas.Polygon(points, badge.colour, 2, badge.style);
  }
  badge.target = {(low.x + high.x) / 2, (low.y + high.y) / 2};
  badge.half_width = (high.x - low.x) / 2;
  return badge;
}

void DrawBadges(std::vector<Badge>& badges, const Panel& panel, Canvas& canvas) {
  const double centre = panel.area.x + panel.area.w / 2;
  std::vector<Badge*> left, right;
  for (Badge& badge : badges) {
    const bool on_left = panel.view == View::kCoronal && badge.target.x < centre;
    badge.position.x =
        on_left ? panel.area.x - kMargin / 2 : panel.area.x + panel.area.w + kMargin / 2;
    (on_left ? left : right).push_back(&badge);
  }
  Spread(left, panel.area.y + kBadge, panel.area.y + panel.area.h - kBadge);
  Spread(right, panel.area.y + kBadge, panel.area.y + panel.area.h - kBadge);
  for (const Badge& badge : badges) {
    // The line ends at the side of the outline, so that it covers no lesion.
    const double side = badge.position.x < badge.target.x ? -1 : 1;
    const Point2 end{badge.target.x + side * badge.half_width, badge.target.y};
    canvas.Line(end, badge.position, style::kBlack, 2.4);
    canvas.Line(end, badge.position, badge.colour, 1.2);
  }
  for (const Badge& badge : badges) {
    DrawNumber(badge.number, badge.position, badge.colour, badge.style, canvas);
  }
}

void DrawSides(const Panel& panel, Language language, Canvas& canvas) {
  TextStyle text{.size_px = 20, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  const bool coronal = panel.view == View::kCoronal;
  const double y = panel.area.y + 6;
  canvas.Text(panel.area.x + 8, y, coronal ? "R" : Say(language, "A", "V"), text);
  text.align = TextStyle::Align::kRight;
  canvas.Text(panel.area.x + panel.area.w - 8, y, coronal ? "L" : Say(language, "P", "H"), text);
  canvas.Text(panel.area.x + panel.area.w / 2, panel.area.y + panel.area.h + 4,
              coronal ? Say(language, "Coronal projection, seen from the front",
                            "Koronare Projektion, von vorn gesehen")
                      : Say(language, "Sagittal", "Sagittal"),
              {.size_px = 13, .colour = style::kSoftInk, .align = TextStyle::Align::kCentre});
}

void DrawPanel(const Page& page, const std::vector<LabelBox>& boxes, const Panel& panel,
               Canvas& canvas) {
  const AnalysedStudy& a = page.analysed;
  canvas.FillRect(panel.area.x, panel.area.y, panel.area.w, panel.area.h, style::kBlack);
  canvas.Grey(panel.view == View::kCoronal ? page.body.coronal : page.body.sagittal, panel.area.x,
              panel.area.y, panel.area.w, panel.area.h);
  std::vector<Badge> badges;
  for (const auto* marks : {&a.findings.other_marks, &a.findings.lesions}) {
    for (const Lesion& mark : *marks) {
      const auto label = static_cast<std::size_t>(mark.label);
      const LabelBox box = label < boxes.size() ? boxes[label] : LabelBox();
      const auto badge = DrawMark(a, mark, box, panel, canvas);
      if (badge && !InVariants(mark)) badges.push_back(*badge);
    }
  }
  DrawBadges(badges, panel, canvas);
  DrawSides(panel, page.text.language, canvas);
}

// Page pixel (x, y), counted from pixel centres, to the patient. Voxel i covers [i, i + 1) panel
// units, its centre is i.
PicturePanel Mapping(const Panel& panel, const VolumeGeometry& g) {
  const Affine& a = g.patient_from_voxel;
  const Vec3 along = panel.view == View::kCoronal ? a.step_i : a.step_k;
  PicturePanel out{static_cast<int>(std::lround(panel.area.x)),
                   static_cast<int>(std::lround(panel.area.y)),
                   static_cast<int>(std::lround(panel.area.w)),
                   static_cast<int>(std::lround(panel.area.h)),
                   {}};
  out.patient_from_pixel.step_i = (1 / panel.pixel_w) * along;
  out.patient_from_pixel.step_j = (1 / panel.pixel_h) * a.step_j;
  out.patient_from_pixel.step_k = {0, 0, 0};
  out.patient_from_pixel.origin = a.origin + ((0.5 - panel.area.x) / panel.pixel_w - 0.5) * along +
                                  ((0.5 - panel.area.y) / panel.pixel_h - 0.5) * a.step_j;
  return out;
}

}  // namespace

BodyMapPanels DrawBodyPanels(const Page& page, Area area, Canvas& canvas) {
  const AnalysedStudy& a = page.analysed;
  const VolumeGeometry& g = a.composed.stir.geometry();
  const Vec3 spacing = g.spacing_mm();
  const double width_mm = g.columns * spacing.x, height_mm = g.rows * spacing.y,
               depth_mm = g.slices * spacing.z;
  const double gap = 3 * kMargin + 14;
  const double caption = 24;
  const double scale =
      std::min((area.w - gap) / (width_mm + depth_mm), (area.h - caption) / height_mm);
  Panel coronal{
      View::kCoronal,
      {area.x + kMargin, area.y, std::round(width_mm * scale), std::round(height_mm * scale)},
      0,
      0};
  Panel sagittal{View::kSagittal,
                 {coronal.area.x + coronal.area.w + kMargin + 14, area.y,
                  std::round(depth_mm * scale), coronal.area.h},
                 0,
                 0};
  coronal.pixel_w = coronal.area.w / g.columns;
  sagittal.pixel_w = sagittal.area.w / g.slices;
  coronal.pixel_h = sagittal.pixel_h = coronal.area.h / g.rows;
  const std::vector<LabelBox> boxes = LabelBoxes(a.lesions.labels);
  DrawPanel(page, boxes, coronal, canvas);
  DrawPanel(page, boxes, sagittal, canvas);
  return {Mapping(coronal, g), Mapping(sagittal, g)};
}

}  // namespace osteon
