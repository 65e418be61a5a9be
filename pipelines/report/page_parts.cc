// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/page_parts.h"

#include "pipelines/base/version.h"
#include "pipelines/report/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr double kEdge = 36;

void DrawBanner(const ReportText& text, int page_width, Canvas& canvas) {
  const TextStyle style{.size_px = 17, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  const double width = canvas.TextWidth(text.banner, style) + 28;
  const double left = page_width - kEdge - width;
  canvas.FillRect(left, 22, width, 36, style::kVermillion);
  canvas.Text(left + 14, 28, text.banner, style);
}

std::string StudyLine(const AnalysedStudy& a, const ReportText& text) {
  std::string line;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) line += (line.empty() ? "" : "   |   ") + part;
  };
  if (!a.study.study_date.empty()) {
    add(Say(text.language, "Study of ", "Untersuchung vom ") +
        Date(text.language, a.study.study_date));
  }
  if (a.findings.age_years) {
    add(Say(text.language, "Age ", "Alter ") + Number(text.language, *a.findings.age_years, 0) +
        Say(text.language, " years", " Jahre"));
  }
  add(text.technique);
  add(text.comparison);
  return line;
}

}  // namespace

void DrawHeader(const AnalysedStudy& a, const ReportText& text, int page_width, Canvas& canvas) {
  canvas.Text(kEdge, 22, text.title,
              {.size_px = 25, .colour = style::kInk, .weight = TextStyle::Weight::kBold});
  DrawBanner(text, page_width, canvas);
  canvas.Text(kEdge, 62, StudyLine(a, text),
              {.size_px = 14.5,
               .colour = style::kSoftInk,
               .width_px = page_width - 2 * kEdge,
               .max_lines = 1});
  canvas.Line({kEdge, 90}, {page_width - kEdge, 90}, style::kRule, 1);
}

void DrawFooter(const PipelineIdentity& pipeline, const ReportText& text, int page_width,
                int page_height, Canvas& canvas) {
  const double y = page_height - 40.0;
  canvas.Line({kEdge, y - 8}, {page_width - kEdge, y - 8}, style::kRule, 1);
  const TextStyle small{.size_px = 12.5, .colour = style::kSoftInk};
  canvas.Text(kEdge, y,
              pipeline.name + " " + pipeline.version + ", " + pipeline.hash.substr(0, 12) +
                  "   |   " +
                  Say(text.language, "Research and assistance; not for primary diagnosis.",
                      "Für Forschung und Unterstützung; nicht zur Primärbefundung."),
              small);
  TextStyle right = small;
  right.align = TextStyle::Align::kRight;
  canvas.Text(page_width - kEdge, y,
              Say(text.language, "Right of the patient is on the left of the picture",
                  "Rechts des Patienten ist links im Bild"),
              right);
}

void DrawNumber(int number, Point2 centre, Colour colour, LineStyle line, Canvas& canvas) {
  canvas.FillCircle(centre, 11, style::kInk);
  canvas.FillCircle(centre, 9.8, line == LineStyle::kSolid ? colour : style::kWhite);
  canvas.Text(centre.x, centre.y - 9, std::to_string(number),
              {.size_px = 13,
               .colour = style::kInk,
               .weight = TextStyle::Weight::kBold,
               .align = TextStyle::Align::kCentre});
}

}  // namespace osteon
