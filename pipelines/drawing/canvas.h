// SPDX-License-Identifier: GPL-3.0-or-later
// A page to draw on, by Cairo and Pango, which only canvas.cc includes. Units are points of 1/72
// inch on a PDF and pixels on an image; (0, 0) is the top left corner. Thread-compatible. Drawing
// cannot fail; running out of memory aborts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon {

struct Colour {
  double r = 0, g = 0, b = 0;  // 0..1, sRGB.
};

struct Point2 {
  double x = 0, y = 0;
};

struct TextStyle {
  double size_px = 15;
  Colour colour;
  enum class Weight { kNormal, kBold } weight = Weight::kNormal;
  enum class Align { kLeft, kCentre, kRight } align = Align::kLeft;
  double width_px = 0;  // > 0: wrap and align within; 0: one line.
  int max_lines = 0;    // > 0: longer text is cut with an ellipsis.
};

enum class LineStyle { kSolid, kDashed, kDotted };

// Grey values by rows.
struct GreyImage {
  int width = 0, height = 0;
  std::vector<std::uint8_t> grey;
};

class Canvas {
 public:
  // A white image of that size.
  static Canvas Image(int width, int height);
  // One PDF page, drawn with the coordinates of an image of `width` pixels, `page_width_pt` wide.
  // The file's metadata has `created` (ISO 8601) and `title`; nothing depends on the clock.
  static Canvas Pdf(int width, int height, double page_width_pt, const std::string& title,
                    const std::string& created);
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;
  ~Canvas();

  void FillRect(double x, double y, double w, double h, Colour colour);
  void StrokeRect(double x, double y, double w, double h, Colour colour, double line_px);
  void Line(Point2 a, Point2 b, Colour colour, double line_px, LineStyle style = LineStyle::kSolid);
  void Polygon(const std::vector<Point2>& points, Colour colour, double line_px, LineStyle style);
  void FillCircle(Point2 centre, double radius, Colour colour);
  // Until Unclip(), drawing stays inside the rectangle. Not nested.
  void Clip(double x, double y, double w, double h);
  void Unclip();
  // Scaled into the rectangle with bilinear interpolation; pixel edges meet the rectangle's edges.
  void Grey(const GreyImage& image, double x, double y, double w, double h);
  // Returns the height that was used.
  double Text(double x, double y, std::string_view utf8, const TextStyle& style);
  double TextHeight(std::string_view utf8, const TextStyle& style) const;
  double TextWidth(std::string_view utf8, const TextStyle& style) const;

  // REQUIRES: made by Image().
  RgbImage Pixels() const;
  std::string Png() const;
  // REQUIRES: made by Pdf(). Nothing may be drawn after it.
  std::string PdfBytes();

 private:
  struct Impl;
  explicit Canvas(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace osteon
