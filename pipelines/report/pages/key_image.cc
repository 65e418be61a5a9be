// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/key_image.h"

#include "pipelines/report/pages/lesion_cut.h"
#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr int kWidth = 1320, kHeight = 976;
constexpr double kEdge = 36, kTop = 146, kSide = 606;

void DrawMarks(double x, double y, const Crop& crop, Canvas& canvas) {
  TextStyle mark{.size_px = 24, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  canvas.Text(x + 12, y + kSide / 2 - 16, "R", mark);
  mark.align = TextStyle::Align::kRight;
  canvas.Text(x + kSide - 12, y + kSide / 2 - 16, "L", mark);
  const double bar = 50 / crop.side_mm * kSide;
  const double right = x + kSide - 16, bottom = y + kSide - 18;
  canvas.FillRect(right - bar - 1, bottom - 4, bar + 2, 6, style::kBlack);
  canvas.FillRect(right - bar, bottom - 3, bar, 4, style::kWhite);
  canvas.Text(right - bar / 2, bottom - 30, "5 cm",
              {.size_px = 16, .colour = style::kWhite, .align = TextStyle::Align::kCentre});
}

// Name and value of each measure in three columns, then what was not assessed.
void DrawMeasures(Language language, const LesionText& words, double y, Canvas& canvas) {
  constexpr int kColumns = 3;
  const double width = (kWidth - 2 * kEdge) / kColumns;
  const int rows = (static_cast<int>(words.measures.size()) + kColumns) / kColumns;
  const TextStyle name{.size_px = 14.5, .colour = style::kSoftInk};
  const TextStyle value{.size_px = 14.5, .colour = style::kInk, .weight = TextStyle::Weight::kBold};
  int n = 0;
  const auto cell = [&](const std::string& label, const std::string& text) {
    const int column = n / rows;
    const double x = kEdge + column * width, top = y + (n % rows) * 22;
    canvas.Text(x, top, label, name);
    canvas.Text(x + 225, top, text, value);
    ++n;
  };
  cell(Say(language, "Size", "Größe"), words.size);
  for (const auto& [label, text] : words.measures) cell(label, text);
  canvas.Text(
      kEdge, y + rows * 22 + 4, words.not_assessed,
      {.size_px = 13, .colour = style::kSoftInk, .width_px = kWidth - 2 * kEdge, .max_lines = 2});
}

std::string ChangeClause(const LesionText& words) {
  if (words.change.empty()) return {};
  return " - " + words.change +
         (words.change_reason.empty() ? "" : " (" + words.change_reason + ")");
}

std::string SliceText(const AnalysedStudy& a, int slice, Language language) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  return Say(language, "Coronal STIR, slice ", "Koronare STIR, Schicht ") +
         std::to_string(slice + 1) + Say(language, " of ", " von ") + std::to_string(g.slices);
}

}  // namespace

KeyImage DrawKeyImage(const Page& page, const Lesion& lesion, const LesionText& words) {
  const AnalysedStudy& a = page.analysed;
  const ReportText& text = page.text;
  const Crop crop = CropAround(lesion, a.composed.stir.geometry());
  const Window window = WindowOf(a.composed, a.lesions.anchors);
  Canvas canvas = Canvas::Image(kWidth, kHeight);
  DrawHeader(page, kWidth, canvas);
  DrawNumber(lesion.number, {kEdge + 12, 122}, style::OfChange(lesion.change), LineStyle::kSolid,
             canvas);
  canvas.Text(kEdge + 34, 106, words.site + ChangeClause(words),
              {.size_px = 21, .colour = style::kInk, .weight = TextStyle::Weight::kBold});
  canvas.Text(kWidth - kEdge, 110, SliceText(a, crop.slice, text.language),
              {.size_px = 15, .colour = style::kSoftInk, .align = TextStyle::Align::kRight});

  const double right = kWidth - kEdge - kSide;
  KeyImage key;
  key.lesion = lesion.number;
  key.plain = DrawCut(a, lesion, crop, window, Marking::kPlain, {kEdge, kTop, kSide}, canvas);
  key.outlined = DrawCut(a, lesion, crop, window, Marking::kOutlined, {right, kTop, kSide}, canvas);
  for (double x : {kEdge, right}) DrawMarks(x, kTop, crop, canvas);
  DrawMeasures(text.language, words, kTop + kSide + 12, canvas);
  DrawFooter(page, kWidth, kHeight, canvas);
  key.image = canvas.Pixels();
  return key;
}

}  // namespace osteon
