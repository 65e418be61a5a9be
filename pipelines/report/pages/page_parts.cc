// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/page_parts.h"

#include <algorithm>
#include <cmath>

#include "pipelines/base/version.h"
#include "pipelines/report/pages/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr double kEdge = 36;

// Returns the x at which the banner begins.
double DrawBanner(const ReportText& text, int page_width, Canvas& canvas) {
  const TextStyle style{.size_px = 17, .colour = style::kWhite, .weight = TextStyle::Weight::kBold};
  const double width = canvas.TextWidth(text.banner, style) + 28;
  const double left = page_width - kEdge - width;
  canvas.FillRect(left, 22, width, 36, style::kVermillion);
  canvas.Text(left + 14, 28, text.banner, style);
  return left;
}

constexpr char kBetween[] = "   |   ";

// Each part is isolated (Unicode isolates, UAX 9), so that a Hebrew or Arabic part does not reverse
// the order of the others.
void AddPart(const std::string& part, std::string& line) {
  constexpr char kIsolate[] = "\u2068", kEnd[] = "\u2069";
  if (!part.empty()) line += (line.empty() ? "" : kBetween) + (kIsolate + part + kEnd);
}

// Identifies patient and order, besides the name.
std::string IdentityLine(const Page& page) {
  const Language language = page.text.language;
  const PageIdentity& who = page.identity;
  std::string line;
  if (!who.name.empty() && !who.patient_id.empty()) AddPart("ID " + who.patient_id, line);
  if (!who.birth_date.empty())
    AddPart(Say(language, "born ", "geb. ") + Date(language, who.birth_date), line);
  AddPart(language == Language::kGerman && who.sex == "F" ? "W" : who.sex, line);
  if (!who.accession_number.empty())
    AddPart(Say(language, "Accession ", "Auftrag ") + who.accession_number, line);
  return line;
}

std::string StudyLine(const Page& page) {
  const ReportText& text = page.text;
  std::string line;
  if (!page.analysed.study.study_date.empty()) {
    AddPart(Say(text.language, "Study of ", "Untersuchung vom ") +
                Date(text.language, page.analysed.study.study_date),
            line);
  }
  if (const auto age = page.analysed.findings.age_years) {
    // Completed years, as people count them.
    AddPart(Say(text.language, "Age ", "Alter ") + Number(text.language, std::floor(*age), 0) +
                Say(text.language, " years", " Jahre"),
            line);
  }
  AddPart(text.comparison, line);
  if (!page.identity.empty())
    AddPart(text.title, line);  // Without an identity the title is the heading.
  return line;
}

}  // namespace

void DrawHeader(const Page& page, int page_width, Canvas& canvas) {
  const double banner_left = DrawBanner(page.text, page_width, canvas);
  // A long name is drawn smaller; one that still does not fit ends in an ellipsis.
  const auto line = [&](double y, const std::string& text, double size_px, double width,
                        TextStyle::Weight weight, Colour colour) {
    TextStyle style{.size_px = size_px, .colour = colour, .weight = weight};
    const double needed = canvas.TextWidth(text, style);
    style.size_px *= std::clamp(width / std::max(needed, 1.0), 0.6, 1.0);
    style.width_px = width;
    style.max_lines = 1;
    canvas.Text(kEdge, y + (size_px - style.size_px) / 2, text, style);
  };
  using enum TextStyle::Weight;
  const double whole = page_width - 2 * kEdge, beside_banner = banner_left - kEdge - 20;
  if (page.identity.empty()) {
    line(20, page.text.title, 25, beside_banner, kBold, style::kInk);
  } else {
    const std::string& name = page.identity.name;
    line(8, name.empty() ? page.identity.patient_id : name, 22, beside_banner, kBold, style::kInk);
    line(39, IdentityLine(page), 15, beside_banner, kNormal, style::kInk);
  }
  line(65, StudyLine(page), 13.5, whole, kNormal, style::kSoftInk);
  canvas.Line({kEdge, 90}, {page_width - kEdge, 90}, style::kRule, 1);
}

void DrawFooter(const Page& page, int page_width, int page_height, Canvas& canvas) {
  const PipelineIdentity& pipeline = page.pipeline;
  const ReportText& text = page.text;
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
