// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/key_image.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "pipelines/report/pages/lesion_cut.h"
#include "pipelines/report/pages/locator.h"
#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr int kWidth = 1320, kHeight = 976;
constexpr double kEdge = 36, kTop = 146, kGap = 18;

// One cut on the page.
struct Cell {
  std::string caption;
  CutSource source;
  Marking marking = Marking::kPlain;
};

bool ShowsPlace(const OtherContrast& contrast, const Lesion& lesion) {
  if (contrast.empty()) return false;
  const Vec3 p = Inverse(contrast.voxels.geometry().patient_from_voxel)(lesion.centroid_mm);
  const int i = static_cast<int>(std::lround(p.x)), j = static_cast<int>(std::lround(p.y)),
            k = static_cast<int>(std::lround(p.z));
  return contrast.imaged.Contains(i, j, k) && contrast.imaged.At(i, j, k);
}

// The STIR without and with the outline, then the same cut of the other contrasts that show the
// place.
std::vector<Cell> CellsOf(const AnalysedStudy& a, const Lesion& lesion, Language language) {
  const ComposedVolume& c = a.composed;
  const CutSource stir{c.stir, WindowOf(c, a.lesions.anchors)};
  std::vector<Cell> cells = {
      {"STIR", stir},
      {Say(language, "STIR, outlined", "STIR, umrandet"), stir, Marking::kOutlined}};
  if (ShowsPlace(c.t1, lesion)) cells.push_back({"T1", {c.t1.voxels, WindowOf(c.t1)}});
  if (ShowsPlace(c.t1_post_contrast, lesion)) {
    cells.push_back({Say(language, "T1 post contrast", "T1 nach Kontrastmittel"),
                     {c.t1_post_contrast.voxels, WindowOf(c.t1_post_contrast)}});
  }
  if (ShowsPlace(c.adc, lesion)) cells.push_back({"ADC", {c.adc.voxels, kAdcWindow}});
  return cells;
}

// Layout of the cells: all of the same size, with the locator on their right.
struct Layout {
  int columns = 2;
  double side = 540;
};
Layout LayoutOf(std::size_t cells) {
  if (cells <= 2) return {2, 540};
  if (cells == 3) return {3, 360};
  return {3, 306};
}

void DrawMarks(Square square, const std::string& caption, const Crop& crop, Canvas& canvas) {
  const double x = square.x, y = square.y, side = square.side;
  TextStyle mark{.size_px = 22, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  canvas.Text(x + 10, y + side / 2 - 16, "R", mark);
  mark.align = TextStyle::Align::kRight;
  canvas.Text(x + side - 10, y + side / 2 - 16, "L", mark);
  const TextStyle name{.size_px = 16, .colour = style::kWhite};
  canvas.FillRect(x, y, canvas.TextWidth(caption, name) + 16, 28, style::kBlack);
  canvas.Text(x + 8, y + 4, caption, name);
  const double bar = 50 / crop.side_mm * side;
  const double right = x + side - 16, bottom = y + side - 18;
  canvas.FillRect(right - bar - 1, bottom - 4, bar + 2, 6, style::kBlack);
  canvas.FillRect(right - bar, bottom - 3, bar, 4, style::kWhite);
  canvas.Text(right - bar / 2, bottom - 30, "5 cm",
              {.size_px = 16, .colour = style::kWhite, .align = TextStyle::Align::kCentre});
}

// Name and value of each measure in three columns.
void DrawMeasures(const LesionText& words, Language language, double y, Canvas& canvas) {
  std::vector<std::pair<std::string, std::string>> measures = {
      {Say(language, "Size", "Größe"), words.size},
      {Say(language, "Volume", "Volumen"), words.volume},
      {Say(language, "STIR signal", "STIR-Signal"), words.signal},
      {Say(language, "Certainty", "Sicherheit"), words.certainty}};
  measures.insert(measures.end(), words.measures.begin(), words.measures.end());
  constexpr std::size_t kColumns = 3;
  const double width = (kWidth - 2 * kEdge) / kColumns;
  const std::size_t rows = (measures.size() + kColumns - 1) / kColumns;
  const TextStyle name{.size_px = 15.5, .colour = style::kSoftInk};
  const TextStyle value{.size_px = 15.5, .colour = style::kInk, .weight = TextStyle::Weight::kBold};
  for (std::size_t n = 0; n < measures.size(); ++n) {
    const double x = kEdge + static_cast<double>(n / rows) * width;
    const double top = y + static_cast<double>(n % rows) * 25;
    canvas.Text(x, top, measures[n].first, name);
    canvas.Text(x + 195, top, measures[n].second, value);
  }
}

std::string ChangeClause(const LesionText& words) {
  if (words.change.empty()) return {};
  return " - " + words.change +
         (words.change_reason.empty() ? "" : " (" + words.change_reason + ")");
}

std::string SliceText(const AnalysedStudy& a, int slice, Language language) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  return Say(language, "Coronal, slice ", "Koronar, Schicht ") + std::to_string(slice + 1) +
         Say(language, " of ", " von ") + std::to_string(g.slices);
}

void DrawTitle(const Page& page, const Lesion& lesion, const LesionText& words, int slice,
               Canvas& canvas) {
  DrawNumber(lesion.number, {kEdge + 12, 122}, style::OfChange(lesion.change), LineStyle::kSolid,
             canvas);
  const std::string where = SliceText(page.analysed, slice, page.text.language);
  const TextStyle small{
      .size_px = 15, .colour = style::kSoftInk, .align = TextStyle::Align::kRight};
  canvas.Text(kWidth - kEdge, 110, where, small);
  const double width = kWidth - 2 * kEdge - 34 - 20 - canvas.TextWidth(where, small);
  TextStyle title{.size_px = 21, .colour = style::kInk, .weight = TextStyle::Weight::kBold};
  const std::string text = words.site + ChangeClause(words);
  title.size_px *= std::clamp(width / std::max(1.0, canvas.TextWidth(text, title)), 0.7, 1.0);
  title.width_px = width;
  title.max_lines = 1;
  canvas.Text(kEdge + 34, 106, text, title);
}

}  // namespace

KeyImage DrawKeyImage(const Page& page, const Lesion& lesion, const LesionText& words) {
  const AnalysedStudy& a = page.analysed;
  const Language language = page.text.language;
  const Crop crop = CropAround(lesion, a.composed.stir.geometry());
  Canvas canvas = Canvas::Image(kWidth, kHeight);
  DrawHeader(page, kWidth, canvas);
  DrawTitle(page, lesion, words, crop.slice, canvas);

  const std::vector<Cell> cells = CellsOf(a, lesion, language);
  const Layout layout = LayoutOf(cells.size());
  KeyImage key;
  key.lesion = lesion.number;
  for (std::size_t n = 0; n < cells.size(); ++n) {
    const auto column = static_cast<double>(n % static_cast<std::size_t>(layout.columns));
    const auto row = static_cast<double>(n / static_cast<std::size_t>(layout.columns));
    const Square square{kEdge + column * (layout.side + kGap), kTop + row * (layout.side + kGap),
                        layout.side};
    const PicturePanel panel =
        DrawCut(a, lesion, crop, cells[n].source, cells[n].marking, square, canvas);
    DrawMarks(square, cells[n].caption, crop, canvas);
    if (n == 0) key.plain = panel;
    if (n == 1) key.outlined = panel;
  }
  const int rows = (static_cast<int>(cells.size()) + layout.columns - 1) / layout.columns;
  const double height = rows * (layout.side + kGap) - kGap;
  const double left = kEdge + layout.columns * (layout.side + kGap);
  DrawLocator(a, crop, {left, kTop}, kWidth - kEdge - left, height, canvas);
  DrawMeasures(words, language, kTop + height + 14, canvas);
  DrawFooter(page, kWidth, kHeight, canvas);
  key.image = canvas.Pixels();
  return key;
}

}  // namespace osteon
