// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/key_image.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "pipelines/report/pages/lesion_cut.h"
#include "pipelines/report/pages/locator.h"
#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/same_place.h"
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
  Crop crop;
  bool outlined = false;
};

// Of the earlier report, with nothing left to outline.
bool IsGone(const Lesion& lesion) { return lesion.label == 0; }

// Whether the place was imaged.
bool Shows(const Volume<std::uint8_t>& imaged, Vec3 place_mm) {
  if (imaged.empty()) return false;
  const Vec3 p = Inverse(imaged.geometry().patient_from_voxel)(place_mm);
  const int i = static_cast<int>(std::lround(p.x)), j = static_cast<int>(std::lround(p.y)),
            k = static_cast<int>(std::lround(p.z));
  return imaged.Contains(i, j, k) && imaged.At(i, j, k);
}

double RadiusMm(double volume_ml) {
  return std::cbrt(volume_ml * 1000 * 3 / (4 * std::numbers::pi));
}

constexpr double kRimMm = 6;  // A slice: the edge of the lesion is in the next one.

// Where the place of `lesion` lay in the prior study, by the followed lesion nearest to it; its own
// coordinates when there is none.
Vec3 GuessThen(const AnalysedStudy& a, const Lesion& lesion) {
  Vec3 moved;
  double nearest_mm = std::numeric_limits<double>::max();
  for (const Lesion& other : a.findings.lesions) {
    const double away_mm = Norm(other.centroid_mm - lesion.centroid_mm);
    if (!other.prior_centroid_mm || away_mm >= nearest_mm) continue;
    nearest_mm = away_mm;
    moved = *other.prior_centroid_mm - other.centroid_mm;
  }
  return lesion.centroid_mm + moved;
}

// Where the lesion lay then; of a new one, where its place is alike.
std::optional<Vec3> PlaceThen(const AnalysedStudy& a, const Lesion& lesion) {
  if (a.prior == nullptr || lesion.prior_centroid_mm) return lesion.prior_centroid_mm;
  if (lesion.change != Change::kNew) return std::nullopt;
  return SamePlace(a.composed.stir, lesion.centroid_mm, a.prior->stir,
                   {GuessThen(a, lesion), RadiusMm(lesion.volume_ml) + kRimMm});
}

// Where a resolved lesion would lie now; nullopt when nothing is alike.
std::optional<Vec3> PlaceNow(const AnalysedStudy& a, const Lesion& gone) {
  if (!IsGone(gone) || a.prior == nullptr || !gone.prior_centroid_mm) return std::nullopt;
  return SamePlace(a.prior->stir, *gone.prior_centroid_mm, a.composed.stir,
                   {gone.centroid_mm, RadiusMm(gone.prior_volume_ml.value.value_or(0)) + kRimMm});
}

// The earlier study where the lesion lay then, as large as `crop` and by the same window.
std::vector<Cell> CellOfThen(const AnalysedStudy& a, const Lesion& lesion, const Crop& crop,
                             Language language) {
  const std::optional<Vec3> place = PlaceThen(a, lesion);
  if (a.prior == nullptr || !place || !Shows(a.prior->inside, *place)) return {};
  const Window window = WindowLike(WindowOf(a.composed, a.lesions.anchors), a.composed, *a.prior);
  return {{"STIR " + Date(language, a.findings.prior->study_date) +
               Say(language, " (prior)", " (Voruntersuchung)"),
           {a.prior->stir, window},
           CropAt(*place, crop.side_mm, a.prior->stir.geometry())}};
}

// The prior cut, then the present one without and with the outline, then the same cut of the other
// contrasts that show the place.
std::vector<Cell> CellsOf(const AnalysedStudy& a, const Lesion& lesion, const Crop& crop,
                          Language language) {
  const ComposedVolume& c = a.composed;
  const CutSource stir{c.stir, WindowOf(c, a.lesions.anchors)};
  std::vector<Cell> cells = CellOfThen(a, lesion, crop, language);
  const std::string now = cells.empty() ? "STIR" : "STIR " + Date(language, a.study.study_date);
  cells.push_back({now, stir, crop});
  if (IsGone(lesion)) return cells;
  cells.push_back(
      {Say(language, "STIR, outlined", "STIR, umrandet"), stir, crop, /*outlined=*/true});
  const auto add = [&](const char* english, const char* german, const OtherContrast& contrast,
                       Window window) {
    if (Shows(contrast.imaged, lesion.centroid_mm))
      cells.push_back({Say(language, english, german), {contrast.voxels, window}, crop});
  };
  add("T1", "T1", c.t1, WindowOf(c.t1));
  add("T1 post contrast", "T1 nach Kontrastmittel", c.t1_post_contrast,
      WindowOf(c.t1_post_contrast));
  add("ADC", "ADC", c.adc, kAdcWindow);
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
  if (cells == 4) return {2, 330};
  return {3, 306};
}

// With a dark rim, since fat is white on T1.
void DrawRimmed(double x, double y, const char* text, TextStyle style, Canvas& canvas) {
  const Colour colour = style.colour;
  style.colour = style::kBlack;
  for (double dx : {-1.5, 0.0, 1.5}) {
    for (double dy : {-1.5, 0.0, 1.5}) canvas.Text(x + dx, y + dy, text, style);
  }
  style.colour = colour;
  canvas.Text(x, y, text, style);
}

void DrawMarks(Square square, const std::string& caption, const Crop& crop, Canvas& canvas) {
  const double x = square.x, y = square.y, side = square.side;
  TextStyle mark{.size_px = 22, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  DrawRimmed(x + 10, y + side / 2 - 16, "R", mark, canvas);
  mark.align = TextStyle::Align::kRight;
  DrawRimmed(x + side - 10, y + side / 2 - 16, "L", mark, canvas);
  const TextStyle name{.size_px = 16, .colour = style::kWhite};
  canvas.FillRect(x, y, canvas.TextWidth(caption, name) + 16, 28, style::kBlack);
  canvas.Text(x + 8, y + 4, caption, name);
  const double bar = 50 / crop.side_mm * side;
  const double right = x + side - 16, bottom = y + side - 18;
  canvas.FillRect(right - bar - 1, bottom - 4, bar + 2, 6, style::kBlack);
  canvas.FillRect(right - bar, bottom - 3, bar, 4, style::kWhite);
  DrawRimmed(right - bar / 2, bottom - 30, "5 cm",
             {.size_px = 16, .colour = style::kWhite, .align = TextStyle::Align::kCentre}, canvas);
}

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

// By the signal around it (same_place.h).
std::string ByLikeness(Language language) {
  return Say(language, "place matched", "Ort abgeglichen");
}

NamesAndValues MeasuresOf(const Lesion& lesion, const LesionText& words, bool with_then,
                          Language language) {
  const std::string before = lesion.prior_volume_ml.value
                                 ? " (" + Short(language, *lesion.prior_volume_ml.value) +
                                       Say(language, " before)", " zuvor)")
                                 : "";
  NamesAndValues measures = {{Say(language, "Size", "Größe"), words.size},
                             {Say(language, "Volume", "Volumen"), words.volume + before},
                             {Say(language, "STIR signal", "STIR-Signal"), words.signal},
                             {Say(language, "Certainty", "Sicherheit"), words.certainty}};
  if (!words.certainty_if_only.empty())
    measures.emplace_back(Say(language, "Certainty as the only one", "Sicherheit als einziger"),
                          words.certainty_if_only);
  measures.insert(measures.end(), words.measures.begin(), words.measures.end());
  if (with_then && !lesion.prior_centroid_mm)
    measures.emplace_back(Say(language, "Prior image", "Voruntersuchung"), ByLikeness(language));
  return measures;
}

NamesAndValues MeasuresOfGone(const LesionText& words, bool alike, Language language) {
  return {{Say(language, "Volume before", "Volumen zuvor"), words.volume},
          {Say(language, "Present image", "Aktuelles Bild"),
           alike ? ByLikeness(language)
                 : Say(language, "same level of this bone, perhaps not the same slice",
                       "gleiche Höhe dieses Knochens, vielleicht nicht dieselbe Schicht")}};
}

// Name and value of each measure in three columns.
void DrawMeasures(const NamesAndValues& measures, double y, Canvas& canvas) {
  constexpr std::size_t kColumns = 3;
  const double width = (kWidth - 2 * kEdge) / kColumns;
  const std::size_t rows = (measures.size() + kColumns - 1) / kColumns;
  const TextStyle name{.size_px = 15.5, .colour = style::kSoftInk};
  const TextStyle value{.size_px = 15.5, .colour = style::kInk, .weight = TextStyle::Weight::kBold};
  for (std::size_t n = 0; n < measures.size(); ++n) {
    const std::size_t column = n / rows, row = n % rows;
    const double x = kEdge + static_cast<double>(column) * width;
    const double top = y + static_cast<double>(row) * 25;
    canvas.Text(x, top, measures[n].first, name);
    canvas.Text(x + 230, top, measures[n].second, value);
  }
}

std::string ChangeClause(const LesionText& words) {
  if (words.change.empty()) return {};
  return " - " + words.change +
         (words.change_reason.empty() ? "" : " (" + words.change_reason + ")");
}

std::string SliceText(const AnalysedStudy& a, int slice, Language language) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  return Filled(Say(language, "Coronal, slice {0} of {1}", "Koronar, Schicht {0} von {1}"),
                {std::to_string(slice + 1), std::to_string(g.slices)});
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

// The cells, and the locator beside them. Answers where they end.
double DrawCells(const Page& page, const Lesion& lesion, const std::vector<Cell>& cells,
                 const Crop& crop, KeyImage& key, Canvas& canvas) {
  const AnalysedStudy& a = page.analysed;
  const Layout layout = LayoutOf(cells.size());
  for (std::size_t n = 0; n < cells.size(); ++n) {
    const Cell& cell = cells[n];
    const int column = static_cast<int>(n) % layout.columns;
    const int row = static_cast<int>(n) / layout.columns;
    const Square square{kEdge + column * (layout.side + kGap), kTop + row * (layout.side + kGap),
                        layout.side};
    const PicturePanel panel = DrawCut(cell.source, cell.crop, square, canvas);
    if (cell.outlined) DrawOutline(a, lesion, cell.crop, square, canvas);
    DrawMarks(square, cell.caption, cell.crop, canvas);
    if (cell.outlined)
      key.outlined = panel;
    else if (&cell.source.voxels == &a.composed.stir)
      key.plain = panel;
    else if (a.prior != nullptr && &cell.source.voxels == &a.prior->stir)
      key.then = panel;
  }
  const int rows = (static_cast<int>(cells.size()) + layout.columns - 1) / layout.columns;
  const double height = rows * (layout.side + kGap) - kGap;
  const double left = kEdge + layout.columns * (layout.side + kGap);
  DrawLocator(page, crop, {left, kTop}, kWidth - kEdge - left, height, canvas);
  return kTop + height;
}

}  // namespace

KeyImage DrawKeyImage(const Page& page, const Lesion& lesion, const LesionText& words) {
  const AnalysedStudy& a = page.analysed;
  const Language language = page.text.language;
  const std::optional<Vec3> now = PlaceNow(a, lesion);
  Lesion shown = lesion;
  if (now) shown.centroid_mm = *now;
  const Crop crop = CropAround(shown, a.composed.stir.geometry());
  Canvas canvas = Canvas::Image(kWidth, kHeight);
  DrawHeader(page, kWidth, canvas);
  DrawTitle(page, lesion, words, crop.slice, canvas);
  KeyImage key;
  key.lesion = lesion.number;
  const double end = DrawCells(page, lesion, CellsOf(a, lesion, crop, language), crop, key, canvas);
  DrawMeasures(IsGone(lesion) ? MeasuresOfGone(words, now.has_value(), language)
                              : MeasuresOf(lesion, words, key.then.width > 0, language),
               end + 14, canvas);
  DrawFooter(page, kWidth, kHeight, canvas);
  key.image = canvas.Pixels();
  return key;
}

}  // namespace osteon
