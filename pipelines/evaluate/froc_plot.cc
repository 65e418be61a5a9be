// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/drawing/canvas.h"
#include "pipelines/evaluate/evaluate.h"

namespace osteon {
namespace {

constexpr int kWidth = 900, kHeight = 680;
constexpr int kAxisLeft = 90, kAxisRight = 860, kAxisTop = 70, kAxisBottom = 590;
constexpr double kTextPx = 17, kSmallPx = 14;
// Blue and orange of Okabe and Ito, which differ for every kind of colour vision.
constexpr Colour kCurveColour{0, 0.447, 0.698}, kPointColour{0.835, 0.369, 0};
constexpr Colour kInk{0.16, 0.16, 0.16}, kGridColour{0.88, 0.88, 0.88};

// Range of the axes: sensitivity 0..1 over 0..most false positives per study.
struct Axes {
  double most = 1;

  // The middle of a pixel, so that lines are sharp.
  Point2 At(double false_positives, double sensitivity) const {
    return {kAxisLeft + std::round(false_positives / most * (kAxisRight - kAxisLeft)) + 0.5,
            kAxisBottom - std::round(sensitivity * (kAxisBottom - kAxisTop)) + 0.5};
  }
};

// A length of 1, 2 or 5 times a power of ten with at most eight steps in `most`.
double TickStep(double most) {
  const double decade = std::pow(10, std::floor(std::log10(most / 8)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (most / (factor * decade) <= 8) return factor * decade;
  }
  return 10 * decade;
}

using Align = TextStyle::Align;

// One line of text, aligned to `at`, the middle of its height.
void Write(Canvas& canvas, const std::string& text, Point2 at, Align align, double size_px) {
  const TextStyle style{.size_px = size_px, .colour = kInk, .align = align};
  canvas.Text(at.x, at.y - canvas.TextHeight(text, style) / 2, text, style);
}

std::string Short(double value) { return fmt::format("{:.3g}", value); }

void DrawAxes(Canvas& canvas, const Axes& axes) {
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double sensitivity = tenth / 10.0;
    const Point2 left = axes.At(0, sensitivity);
    canvas.Line(left, axes.At(axes.most, sensitivity), kGridColour, 1);
    Write(canvas, Short(sensitivity), {left.x - 10, left.y}, Align::kRight, kSmallPx);
  }
  const double step = TickStep(axes.most);
  for (int n = 0; n * step <= axes.most * 1.0001; ++n) {
    const Point2 bottom = axes.At(n * step, 0);
    canvas.Line(bottom, axes.At(n * step, 1), kGridColour, 1);
    Write(canvas, Short(n * step), {bottom.x, bottom.y + 18}, Align::kCentre, kSmallPx);
  }
  const Point2 corner = axes.At(0, 1), end = axes.At(axes.most, 0);
  canvas.StrokeRect(corner.x, corner.y, end.x - corner.x, end.y - corner.y, kInk, 1);
  Write(canvas, "false positives per study", {(kAxisLeft + kAxisRight) / 2.0, kAxisBottom + 50},
        Align::kCentre, kTextPx);
  Write(canvas, "sensitivity", {20, kAxisTop - 20}, Align::kLeft, kTextPx);
}

// Sensitivity is a step function of the threshold.
void DrawCurve(Canvas& canvas, const Axes& axes, const std::vector<FrocPoint>& points) {
  Point2 last = axes.At(0, 0);
  for (const FrocPoint& p : points) {
    const Point2 next = axes.At(p.false_positives_per_study, p.sensitivity);
    canvas.Line(last, {next.x, last.y}, kCurveColour, 2);
    canvas.Line({next.x, last.y}, next, kCurveColour, 2);
    last = next;
  }
}

void DrawBar(Canvas& canvas, const Axes& axes, double at, const Interval& ci, Colour colour) {
  const Point2 low = axes.At(at, ci.low), high = axes.At(at, ci.high);
  canvas.Line(low, high, colour, 1);
  for (const Point2& end : {low, high}) {
    canvas.Line({end.x - 5, end.y}, {end.x + 5, end.y}, colour, 1);
  }
}

std::string Draw(const Evaluation& evaluation) {
  const Froc& froc = evaluation.summary.froc;
  const FrocPoint& operating = froc.points.back();
  const Axes axes{std::max(1.0, 1.1 * operating.false_positives_per_study)};
  Canvas canvas = Canvas::Image(kWidth, kHeight);
  DrawAxes(canvas, axes);
  if (froc.no_curve.empty()) DrawCurve(canvas, axes, froc.points);
  for (const FrocRate& rate : froc.at_rates) {
    if (rate.ci95) DrawBar(canvas, axes, rate.false_positives_per_study, *rate.ci95, kCurveColour);
  }
  const double at = operating.false_positives_per_study;
  if (const auto& ci = evaluation.summary.sensitivity.ci95) {
    DrawBar(canvas, axes, at, *ci, kPointColour);
  }
  canvas.FillCircle(axes.At(at, operating.sensitivity), 6, kPointColour);
  const Summary& s = evaluation.summary;
  Write(canvas,
        fmt::format("FROC, {} studies, {} lesions; bars: 95 % intervals", s.studies,
                    s.sensitivity.of),
        {kAxisRight, 24}, Align::kRight, kTextPx);
  Write(canvas, "dot: operating point, at which the curve ends", {kAxisRight, kAxisTop - 20},
        Align::kRight, kSmallPx);
  return canvas.Png();
}

}  // namespace

Result<std::string> FrocPng(const Evaluation& evaluation) {
  if (evaluation.summary.froc.points.empty()) {
    return InvalidInput("no FROC to draw: " + evaluation.summary.froc.no_curve);
  }
  return Draw(evaluation);
}

}  // namespace osteon
