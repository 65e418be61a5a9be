// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/body_map.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/base/version.h"
#include "pipelines/report/pages/body_panels.h"
#include "pipelines/report/pages/body_table.h"
#include "pipelines/report/pages/lesion_cut.h"
#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr double kEdge = 36;       // Page margin.
constexpr double kTop = 104;       // Below the header.
constexpr double kBottom = 1068;   // Above the footer.
constexpr double kTextLeft = 660;  // The text column.
constexpr double kTextWidth = kPageWidth - kEdge - kTextLeft;

const TextStyle kHeading{.size_px = 17, .colour = style::kInk, .weight = TextStyle::Weight::kBold};

double DrawImpression(const ReportText& text, double y, Canvas& canvas) {
  y += canvas.Text(kTextLeft, y, Say(text.language, "Impression", "Beurteilung"), kHeading) + 4;
  const TextStyle line{
      .size_px = 16.5, .colour = style::kInk, .width_px = kTextWidth - 20, .max_lines = 6};
  for (const std::string& item : text.impression) {
    canvas.FillCircle({kTextLeft + 5, y + 12}, 2.6, style::kInk);
    y += canvas.Text(kTextLeft + 18, y, item, line) + 3;
  }
  return y + 10;
}

// A line below the table, if there is room. Answers where it ends.
double DrawLine(const std::string& line, double y, double bottom, Canvas& canvas) {
  const TextStyle style{
      .size_px = 14.5, .colour = style::kInk, .width_px = kTextWidth - 40, .max_lines = 4};
  if (line.empty() || y + 4 + canvas.TextHeight(line, style) > bottom) return y;
  return y + canvas.Text(kTextLeft + 40, y + 4, line, style) + 8;
}

std::string NoLongerSeen(const ReportText& text) {
  if (text.resolved.empty()) return {};
  std::vector<std::string> sites;
  for (const LesionText& gone : text.resolved)
    sites.push_back(fmt::format(
        "{} ({}{})", gone.site, gone.number,
        gone.volume.empty() ? "" : "; " + gone.volume + Say(text.language, " before", " zuvor")));
  return Say(text.language, "Resolved: ", "Rückgebildet: ") + Listed(text.language, sites) + ".";
}

// The largest side, within 90 to 190 pixels, at which `count` squares fit into the area.
double ThumbnailSide(int count, double width, double height, double gap) {
  constexpr double kMost = 190, kLeast = 90;
  for (double side = kMost; side > kLeast; side -= 5) {
    const int columns = static_cast<int>((width + gap) / (side + gap));
    const int rows = (count + columns - 1) / columns;
    if (rows * (side + gap) - gap <= height) return side;
  }
  return kLeast;
}

// The marks that a reader has to judge: lesions, then what is indeterminate.
std::vector<const Lesion*> Pictured(const Findings& findings) {
  std::vector<const Lesion*> marks;
  for (const Lesion& lesion : findings.lesions) marks.push_back(&lesion);
  for (const Lesion& mark : findings.other_marks) {
    if (mark.judgement == LesionClass::kIndeterminate) marks.push_back(&mark);
  }
  return marks;
}

// Small images of the first of these marks, where the page has room left; the last place says how
// many have none.
void DrawThumbnails(const AnalysedStudy& a, double top, double bottom, Canvas& canvas) {
  constexpr double kGap = 10;
  if (a.composed.stir.empty() || a.lesions.labels.empty()) return;
  const CutSource stir{a.composed.stir, WindowOf(a.composed, a.lesions.anchors)};
  const std::vector<const Lesion*> marks = Pictured(a.findings);
  const int count = static_cast<int>(marks.size());
  const double side = ThumbnailSide(count, kTextWidth, bottom - top, kGap);
  const int columns = static_cast<int>((kTextWidth + kGap) / (side + kGap));
  const int rows = static_cast<int>((bottom - top + kGap) / (side + kGap));
  const int places = columns * std::max(0, rows);
  int n = 0;
  for (const Lesion* mark : marks) {
    const int column = n % columns, row = n / columns;
    const double x = std::round(kTextLeft + column * (side + kGap));
    const double y = std::round(top + row * (side + kGap));
    if (n == places) return;
    if (n + 1 == places && places < count) {
      canvas.Text(x + side / 2, y + side / 2 - 10, fmt::format("+ {}", count - n),
                  {.size_px = 16, .colour = style::kSoftInk, .align = TextStyle::Align::kCentre});
      return;
    }
    const Crop crop = CropAround(*mark, a.composed.stir.geometry());
    DrawCut(stir, crop, {x, y, side}, canvas);
    DrawOutline(a, *mark, crop, {x, y, side}, canvas);
    DrawNumber(mark->number, {x + 15, y + 15}, style::OfChange(mark->change),
               style::OfClass(mark->judgement), canvas);
    ++n;
  }
}

std::string MissingKeyImages(const Page& page) {
  const std::vector<int>& lacking = page.without_key_image;
  if (lacking.empty()) return {};
  std::vector<std::string> numbers;
  numbers.reserve(lacking.size());
  for (int number : lacking) numbers.push_back(std::to_string(number));
  const Language language = page.text.language;
  const bool one = lacking.size() == 1;
  const std::string which =
      (one ? Say(language, "lesion ", "von Herd ") : Say(language, "lesions ", "der Herde ")) +
      Listed(language, numbers);
  const std::size_t drawn = page.analysed.findings.lesions.size() - lacking.size();
  const std::string why =
      drawn == 0 ? Say(language, "switched off", "abgeschaltet")
                 : Filled(Say(language, "only of the {0} largest", "nur von den {0} größten"),
                          {std::to_string(drawn)});
  return Say(language, "No key image of ", "Kein Einzelbild ") + which + " (" + why + ").";
}

// Technique, then limitations. Returns the height used, so that the table ends above it.
double DrawLimitations(const Page& page, double left, double bottom, Canvas& canvas) {
  const ReportText& text = page.text;
  std::vector<std::string> items = text.limitations;
  items.insert(items.begin(), MissingKeyImages(page));
  if (!text.technique.empty()) items.insert(items.begin(), text.technique + ".");
  std::string all;
  for (const std::string& item : items) {
    if (!item.empty()) all += (all.empty() ? "" : " ") + item;
  }
  const double width = kPageWidth - kEdge - left;
  const TextStyle block{.size_px = 13.5, .colour = style::kInk, .width_px = width, .max_lines = 9};
  const double height = canvas.TextHeight(all, block);
  const double top = bottom - height - 26;
  canvas.Line({left, top - 8}, {left + width, top - 8}, style::kRule, 1);
  canvas.Text(left, top,
              Say(text.language, "Technique, coverage and limitations",
                  "Technik, Abdeckung und Einschränkungen"),
              {.size_px = 14.5, .colour = style::kInk, .weight = TextStyle::Weight::kBold});
  canvas.Text(left, top + 22, all, block);
  return bottom - top + 14;
}

// Whether an outline with this change is on the page.
bool Shows(const Findings& findings, Change change) {
  return std::ranges::count(findings.lesions, change, &Lesion::change) > 0 ||
         std::ranges::count(findings.other_marks, change, &Lesion::change) > 0;
}

void DrawLegend(const AnalysedStudy& a, Language language, double y, Canvas& canvas) {
  const TextStyle small{.size_px = 13, .colour = style::kSoftInk};
  double x = kEdge + 10;
  const auto entry = [&](Colour colour, LineStyle line, const std::string& words) {
    canvas.Line({x, y + 9}, {x + 26, y + 9}, style::kBlack, 4.4);
    canvas.Line({x, y + 9}, {x + 26, y + 9}, colour, 2.8, line);
    canvas.Text(x + 32, y, words, small);
    x += 32 + canvas.TextWidth(words, small) + 18;
  };
  if (a.findings.prior) {
    for (Change change : {Change::kNew, Change::kWorse, Change::kStable, Change::kImproved,
                          Change::kResolved, Change::kNotComparable}) {
      if (Shows(a.findings, change))
        entry(style::OfChange(change), LineStyle::kSolid, ChangeText(language, change));
    }
  } else if (!a.findings.lesions.empty()) {
    entry(style::kOrange, LineStyle::kSolid, Say(language, "lesion", "Herd"));
  }
  const auto marked = [&](LesionClass judgement) {
    return std::ranges::count(a.findings.other_marks, judgement, &Lesion::judgement) > 0;
  };
  if (marked(LesionClass::kIndeterminate))
    entry(style::kOrange, LineStyle::kDashed, Say(language, "indeterminate", "unklar"));
  if (marked(LesionClass::kNormalVariant))
    entry(style::kOrange, LineStyle::kDotted, Say(language, "normal variant", "Normvariante"));
}

// The whole page: that there is no result, why, and what to do. No pictures, since nothing was
// found or excluded on them.
void DrawNotEvaluable(const Page& page, Canvas& canvas) {
  constexpr double kWidth = kPageWidth - 2 * kEdge, kInset = 32;
  TextStyle line{.size_px = 30,
                 .colour = style::kInk,
                 .weight = TextStyle::Weight::kBold,
                 .width_px = kWidth - 2 * kInset - 16,
                 .max_lines = 6};
  double height = 2 * kInset;
  for (const std::string& item : page.text.impression) {
    height += canvas.TextHeight(item, line) + 14;
  }
  const double top = kTop + 24;
  canvas.FillRect(kEdge, top, kWidth, height, style::kBand);
  canvas.FillRect(kEdge, top, 16, height, style::kVermillion);
  double y = top + kInset;
  for (const std::string& item : page.text.impression) {
    y += canvas.Text(kEdge + 16 + kInset, y, item, line) + 14;
    line.size_px = 22;
    line.weight = TextStyle::Weight::kNormal;
  }
  DrawLimitations(page, kEdge, kBottom, canvas);
}

}  // namespace

BodyMapPanels DrawBodyMap(const Page& page, Canvas& canvas) {
  const AnalysedStudy& a = page.analysed;
  const ReportText& text = page.text;
  DrawHeader(page, kPageWidth, canvas);
  DrawFooter(page, kPageWidth, kPageHeight, canvas);
  BodyMapPanels panels;
  if (!a.findings.evaluable) {
    DrawNotEvaluable(page, canvas);
    return panels;
  }
  if (!a.composed.stir.empty()) {
    panels =
        DrawBodyPanels(page, {kEdge, kTop, kTextLeft - kEdge - 24, kBottom - kTop - 34}, canvas);
    DrawLegend(a, text.language, panels.coronal.top + panels.coronal.height + 32, canvas);
  }
  const double limits = DrawLimitations(page, kTextLeft, kBottom, canvas);
  const double y = DrawImpression(text, kTop, canvas);
  const double table_bottom = kBottom - limits - 10;
  const double table_end = DrawTable(a, text, {kTextLeft, y, kTextWidth, table_bottom - y}, canvas);
  const double resolved_end = DrawLine(NoLongerSeen(text), table_end, table_bottom, canvas);
  const double end = DrawLine(text.variants, resolved_end, table_bottom, canvas);
  DrawThumbnails(a, end + 8, table_bottom, canvas);
  return panels;
}

}  // namespace osteon
