// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/body_table.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "pipelines/report/pages/page_parts.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

struct Column {
  std::string heading;
  double left = 0, width = 0;
  TextStyle::Align align = TextStyle::Align::kLeft;
  std::string LesionText::*value = nullptr;
};

// `left`: left edge of the table; the first 40 pixels are for the number.
std::vector<Column> Columns(Language language, bool with_change, double left) {
  using enum TextStyle::Align;
  // With a change column, site and signal are narrower.
  const double site = with_change ? 232 : 330, signal = with_change ? 128 : 172;
  left += 40;
  std::vector<Column> columns;
  const auto add = [&](const char* english, const char* german, double width,
                       TextStyle::Align align, std::string LesionText::*value) {
    columns.push_back({Say(language, english, german), left, width, align, value});
    left += width + 12;
  };
  add("Site", "Lokalisation", site, kLeft, &LesionText::site);
  add("Size", "Größe", 124, kRight, &LesionText::size);
  if (with_change)
    add("ml (prior)", "ml (zuvor)", 92, kRight, &LesionText::volume);
  else
    add("Volume", "Volumen", 66, kRight, &LesionText::volume);
  add("STIR signal", "STIR-Signal", signal, kLeft, &LesionText::signal);
  add("Certainty", "Sicherheit", 72, kRight, &LesionText::certainty);
  if (with_change) add("Change", "Verlauf", 144, kLeft, &LesionText::change);
  return columns;
}

// Rows of a follow-up: current and prior volume, class of change with percent. "1.9 (2.9)",
// "improved -34 %".
std::vector<LesionText> FollowedRows(std::vector<LesionText> rows, const std::vector<Lesion>& marks,
                                     Language language) {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    rows[n].volume = Short(language, marks[n].volume_ml);
    if (marks[n].prior_volume_ml.value)
      rows[n].volume += " (" + Short(language, *marks[n].prior_volume_ml.value) + ")";
    const auto volume =
        std::ranges::find(marks[n].change_reasons, std::string("volume"), &ChangeReason::code);
    if (volume != marks[n].change_reasons.end())
      rows[n].change += " " + PercentChange(language, volume->value.value_or(0));
  }
  return rows;
}

// Variants have no certainty; its column says what they are.
std::vector<LesionText> WithVariants(std::vector<LesionText> rows, const std::vector<Lesion>& marks,
                                     Language language) {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (marks[n].judgement == LesionClass::kNormalVariant)
      rows[n].certainty = Say(language, "variant", "Variante");
  }
  return rows;
}

// Long site names continue in a second line and are not cut.
TextStyle CellStyle(const Column& column, TextStyle style) {
  style.width_px = column.width;
  style.align = column.align;
  style.max_lines = 2;
  return style;
}

void DrawCell(const Column& column, const std::string& text, double y, const TextStyle& style,
              Canvas& canvas) {
  canvas.Text(column.left, y, text, CellStyle(column, style));
}

double RowHeight(const LesionText& row, const std::vector<Column>& columns, const TextStyle& style,
                 const Canvas& canvas) {
  double height = 0;
  for (const Column& column : columns)
    height = std::max(height, canvas.TextHeight(row.*column.value, CellStyle(column, style)));
  return std::max(24.0, std::ceil(height) + 4);
}

// Draws rows from `y` to the bottom of the area; a last line counts those that do not fit.
double DrawRows(const std::vector<LesionText>& rows, const std::vector<Column>& columns,
                const std::vector<Lesion>& marks, Language language, double y, const Area& area,
                Canvas& canvas) {
  constexpr double kRow = 24;
  const double bottom = area.y + area.h;
  const TextStyle cell{.size_px = 14.5, .colour = style::kInk};
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const double height = RowHeight(rows[n], columns, cell, canvas);
    if (y + height + kRow > bottom && n + 1 < rows.size()) {
      canvas.Text(area.x + 40, y,
                  Filled(Say(language, "… {0} more in the structured report",
                             "… {0} weitere im strukturierten Bericht"),
                         {std::to_string(rows.size() - n)}),
                  cell);
      return y + kRow;
    }
    if (n % 2 == 1) canvas.FillRect(area.x, y - 2, area.w, height, style::kBand);
    DrawNumber(rows[n].number, {area.x + 16, y + 10}, style::OfChange(marks[n].change),
               style::OfClass(marks[n].judgement), canvas);
    for (const Column& column : columns) DrawCell(column, rows[n].*column.value, y, cell, canvas);
    y += height;
  }
  return y;
}

std::string NotCountedHeading(Language language, const std::vector<Lesion>& marks) {
  const auto unclear = std::ranges::count(marks, LesionClass::kIndeterminate, &Lesion::judgement);
  if (unclear == 0)
    return Say(language, "Earlier lesions, now normal for age or like a variant",
               "Frühere Herde, jetzt altersentsprechend oder wie eine Normvariante");
  if (unclear == std::ssize(marks))
    return Say(language, "Indeterminate, not counted as lesions",
               "Unklar, nicht als Herde gezählt");
  return Say(language, "Not counted as lesions (indeterminate, normal for age or variant)",
             "Nicht als Herde gezählt (unklar, altersentsprechend oder Normvariante)");
}

// The marks with a row, and their texts.
struct Rows {
  std::vector<Lesion> marks;
  std::vector<LesionText> texts;
};

Rows RowsOf(const std::vector<Lesion>& marks, const std::vector<LesionText>& texts) {
  Rows rows;
  for (std::size_t n = 0; n < marks.size(); ++n) {
    if (texts[n].in_variants) continue;
    rows.marks.push_back(marks[n]);
    rows.texts.push_back(texts[n]);
  }
  return rows;
}

}  // namespace

double DrawTable(const AnalysedStudy& a, const ReportText& text, const Area& area, Canvas& canvas) {
  double y = area.y;
  const Rows lesions = RowsOf(a.findings.lesions, text.lesions);
  const Rows others = RowsOf(a.findings.other_marks, text.other_marks);
  if (lesions.marks.empty() && others.marks.empty()) return y;
  const std::vector<Column> columns = Columns(text.language, a.findings.prior.has_value(), area.x);
  const TextStyle head{
      .size_px = 13, .colour = style::kSoftInk, .weight = TextStyle::Weight::kBold};
  for (const Column& column : columns) DrawCell(column, column.heading, y, head, canvas);
  y += 22;
  canvas.Line({area.x, y - 1}, {area.x + area.w, y - 1}, style::kRule, 1);
  const auto draw = [&](const Rows& rows, double top) {
    const auto marked = WithVariants(rows.texts, rows.marks, text.language);
    const auto cells = a.findings.prior ? FollowedRows(marked, rows.marks, text.language) : marked;
    return DrawRows(cells, columns, rows.marks, text.language, top, area, canvas);
  };
  y = draw(lesions, y + 3);
  if (!others.marks.empty() && y + 60 < area.y + area.h) {
    y += 8;
    y += canvas.Text(area.x, y, NotCountedHeading(text.language, others.marks), head) + 4;
    y = draw(others, y);
  }
  return y + 8;
}

}  // namespace osteon
