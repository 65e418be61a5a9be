// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "pipelines/evaluate/evaluate.h"

namespace osteon {
namespace {

constexpr int kWidth = 900, kHeight = 680;
constexpr int kAxisLeft = 90, kAxisRight = 860, kAxisTop = 70, kAxisBottom = 590;
// Blue and orange of Okabe and Ito, which differ for every kind of colour vision, in OpenCV's order
// BGR.
const cv::Scalar kCurveColour(178, 114, 0), kPointColour(0, 94, 213);
const cv::Scalar kInk(40, 40, 40), kGridColour(225, 225, 225);

// Range of the axes: sensitivity 0..1 over 0..most false positives per study.
struct Axes {
  double most = 1;

  cv::Point At(double false_positives, double sensitivity) const {
    return {kAxisLeft +
                static_cast<int>(std::lround(false_positives / most * (kAxisRight - kAxisLeft))),
            kAxisBottom - static_cast<int>(std::lround(sensitivity * (kAxisBottom - kAxisTop)))};
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

enum class Anchor { kLeft, kCentre, kRight };

void Write(cv::Mat& image, const std::string& text, cv::Point at, Anchor anchor, double scale) {
  int below = 0;
  const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &below);
  if (anchor == Anchor::kCentre) at.x -= size.width / 2;
  if (anchor == Anchor::kRight) at.x -= size.width;
  cv::putText(image, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, kInk, 1, cv::LINE_AA);
}

std::string Short(double value) { return fmt::format("{:.3g}", value); }

void DrawAxes(cv::Mat& image, const Axes& axes) {
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double sensitivity = tenth / 10.0;
    const cv::Point left = axes.At(0, sensitivity);
    cv::line(image, left, axes.At(axes.most, sensitivity), kGridColour, 1);
    Write(image, Short(sensitivity), {left.x - 10, left.y + 5}, Anchor::kRight, 0.5);
  }
  const double step = TickStep(axes.most);
  for (int n = 0; n * step <= axes.most * 1.0001; ++n) {
    const cv::Point bottom = axes.At(n * step, 0);
    cv::line(image, bottom, axes.At(n * step, 1), kGridColour, 1);
    Write(image, Short(n * step), {bottom.x, bottom.y + 24}, Anchor::kCentre, 0.5);
  }
  cv::rectangle(image, axes.At(0, 1), axes.At(axes.most, 0), kInk, 1);
  Write(image, "false positives per study", {(kAxisLeft + kAxisRight) / 2, kAxisBottom + 55},
        Anchor::kCentre, 0.6);
  Write(image, "sensitivity", {20, kAxisTop - 15}, Anchor::kLeft, 0.6);
}

// Sensitivity is a step function of the threshold.
void DrawCurve(cv::Mat& image, const Axes& axes, const std::vector<FrocPoint>& points) {
  cv::Point last = axes.At(0, 0);
  for (const FrocPoint& p : points) {
    const cv::Point next = axes.At(p.false_positives_per_study, p.sensitivity);
    cv::line(image, last, {next.x, last.y}, kCurveColour, 2, cv::LINE_AA);
    cv::line(image, {next.x, last.y}, next, kCurveColour, 2, cv::LINE_AA);
    last = next;
  }
}

void DrawBar(cv::Mat& image, const Axes& axes, double at, const Interval& ci,
             const cv::Scalar& colour) {
  const cv::Point low = axes.At(at, ci.low), high = axes.At(at, ci.high);
  cv::line(image, low, high, colour, 1, cv::LINE_AA);
  for (const cv::Point& end : {low, high}) {
    cv::line(image, {end.x - 5, end.y}, {end.x + 5, end.y}, colour, 1, cv::LINE_AA);
  }
}

cv::Mat Draw(const Evaluation& evaluation) {
  const Froc& froc = evaluation.summary.froc;
  const FrocPoint& operating = froc.points.back();
  const Axes axes{std::max(1.0, 1.1 * operating.false_positives_per_study)};
  cv::Mat image(kHeight, kWidth, CV_8UC3, cv::Scalar(255, 255, 255));
  DrawAxes(image, axes);
  if (froc.no_curve.empty()) DrawCurve(image, axes, froc.points);
  for (const FrocRate& rate : froc.at_rates) {
    if (rate.ci95) DrawBar(image, axes, rate.false_positives_per_study, *rate.ci95, kCurveColour);
  }
  const double at = operating.false_positives_per_study;
  if (const auto& ci = evaluation.summary.sensitivity.ci95) {
    DrawBar(image, axes, at, *ci, kPointColour);
  }
  cv::circle(image, axes.At(at, operating.sensitivity), 6, kPointColour, cv::FILLED, cv::LINE_AA);
  const Summary& s = evaluation.summary;
  Write(image,
        fmt::format("FROC, {} studies, {} lesions; bars: 95 % intervals", s.studies,
                    s.sensitivity.of),
        {kAxisRight, 30}, Anchor::kRight, 0.6);
  Write(image, "dot: operating point, at which the curve ends", {kAxisRight, kAxisTop - 15},
        Anchor::kRight, 0.5);
  return image;
}

}  // namespace

Result<std::string> FrocPng(const Evaluation& evaluation) {
  if (evaluation.summary.froc.points.empty()) {
    return InvalidInput("no FROC to draw: " + evaluation.summary.froc.no_curve);
  }
  try {  // OpenCV throws.
    std::vector<std::uint8_t> png;
    if (!cv::imencode(".png", Draw(evaluation), png)) return Internal("the FROC cannot be encoded");
    return std::string(png.begin(), png.end());
  } catch (const cv::Exception& e) {
    return Internal(std::string("the FROC cannot be drawn: ") + e.what());
  }
}

}  // namespace osteon
