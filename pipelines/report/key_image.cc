// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/key_image.h"

#include <algorithm>
#include <cmath>

#include "pipelines/report/page_parts.h"
#include "pipelines/report/projection.h"
#include "pipelines/report/style.h"
#include "pipelines/report/words.h"

namespace osteon {
namespace {

constexpr int kWidth = 1320, kHeight = 976;
constexpr double kEdge = 36, kTop = 146, kSide = 606;

// The part of a slice that is shown: a square of `side_mm` round the lesion, in voxels of the
// composed grid.
struct Crop {
  double left = 0, top = 0;  // Of the square, in voxel units where voxel i covers [i, i + 1).
  double voxels_wide = 0, voxels_high = 0;
  double side_mm = 0;
};

Crop CropAround(const Lesion& lesion, const VolumeGeometry& g) {
  const Vec3 spacing = g.spacing_mm();
  Crop crop;
  crop.side_mm = std::clamp(3.5 * lesion.length_mm, 130.0, 260.0);
  crop.voxels_wide = crop.side_mm / spacing.x;
  crop.voxels_high = crop.side_mm / spacing.y;
  const Vec3 centre = Inverse(g.patient_from_voxel)(lesion.centroid_mm);
  crop.left = centre.x + 0.5 - crop.voxels_wide / 2;
  crop.top = centre.y + 0.5 - crop.voxels_high / 2;
  return crop;
}

// The slice cut to whole voxels that cover the crop; outside the grid stays black.
struct Patch {
  GreyImage image;
  int left = 0, top = 0;  // Of its first voxel.
};

Patch Cut(const GreyImage& slice, const Crop& crop) {
  Patch patch;
  patch.left = static_cast<int>(std::floor(crop.left)) - 1;
  patch.top = static_cast<int>(std::floor(crop.top)) - 1;
  patch.image.width = static_cast<int>(std::ceil(crop.voxels_wide)) + 3;
  patch.image.height = static_cast<int>(std::ceil(crop.voxels_high)) + 3;
  for (int y = patch.top; y < patch.top + patch.image.height; ++y) {
    for (int x = patch.left; x < patch.left + patch.image.width; ++x) {
      const bool inside = x >= 0 && y >= 0 && x < slice.width && y < slice.height;
      patch.image.grey.push_back(inside ? slice.grey[static_cast<std::size_t>(y * slice.width + x)]
                                        : 0);
    }
  }
  return patch;
}

PicturePanel Mapping(double x, double y, const Crop& crop, const VolumeGeometry& g, int slice) {
  const double per_x = crop.voxels_wide / kSide, per_y = crop.voxels_high / kSide;
  const Affine& a = g.patient_from_voxel;
  PicturePanel panel{static_cast<int>(x),
                     static_cast<int>(y),
                     static_cast<int>(kSide),
                     static_cast<int>(kSide),
                     {}};
  panel.patient_from_pixel.step_i = per_x * a.step_i;
  panel.patient_from_pixel.step_j = per_y * a.step_j;
  panel.patient_from_pixel.step_k = a.step_k;
  // Pixel centre (px + 0.5 - x) / kSide of the square; voxel units count edges, the affine counts
  // centres.
  panel.patient_from_pixel.origin =
      a({crop.left + (0.5 - x) * per_x - 0.5, crop.top + (0.5 - y) * per_y - 0.5,
         static_cast<double>(slice)});
  return panel;
}

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

void DrawOutline(const AnalysedStudy& a, const Lesion& lesion, int slice, double x, double y,
                 const Crop& crop, Canvas& canvas) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  const auto outlines =
      Outlines(SliceMask(a.lesions.labels, lesion.label, slice), g.columns, g.rows);
  for (const auto& outline : outlines) {
    std::vector<Point2> points;
    for (Point2 p : outline) {
      points.push_back({x + (p.x - crop.left) / crop.voxels_wide * kSide,
                        y + (p.y - crop.top) / crop.voxels_high * kSide});
    }
    canvas.Polygon(points, style::kBlack, 4.2, LineStyle::kSolid);
    canvas.Polygon(points, style::OfChange(lesion.change), 2.2, LineStyle::kSolid);
  }
}

void DrawCut(const GreyImage& slice, double x, double y, const Crop& crop, Canvas& canvas) {
  const Patch patch = Cut(slice, crop);
  canvas.Clip(x, y, kSide, kSide);
  canvas.FillRect(x, y, kSide, kSide, style::kBlack);
  const double px = kSide / crop.voxels_wide, py = kSide / crop.voxels_high;
  canvas.Grey(patch.image, x + (patch.left - crop.left) * px, y + (patch.top - crop.top) * py,
              patch.image.width * px, patch.image.height * py);
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

std::string SliceText(const AnalysedStudy& a, int slice, Language language) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  return Say(language, "Coronal STIR, slice ", "Koronare STIR, Schicht ") +
         std::to_string(slice + 1) + Say(language, " of ", " von ") + std::to_string(g.slices);
}

}  // namespace

KeyImage DrawKeyImage(const AnalysedStudy& a, const ReportText& text, const Lesion& lesion,
                      const LesionText& words, const PipelineIdentity& pipeline) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  const int slice = std::clamp(lesion.key_slice, 0, g.slices - 1);
  const Crop crop = CropAround(lesion, g);
  const GreyImage image = SliceImage(a.composed, slice, WindowOf(a.composed, a.lesions.anchors));
  Canvas canvas = Canvas::Image(kWidth, kHeight);
  DrawHeader(a, text, kWidth, canvas);
  DrawNumber(lesion.number, {kEdge + 12, 122}, style::OfChange(lesion.change), LineStyle::kSolid,
             canvas);
  canvas.Text(kEdge + 34, 106, words.site + (words.change.empty() ? "" : " - " + words.change),
              {.size_px = 21, .colour = style::kInk, .weight = TextStyle::Weight::kBold});
  canvas.Text(kWidth - kEdge, 110, SliceText(a, slice, text.language),
              {.size_px = 15, .colour = style::kSoftInk, .align = TextStyle::Align::kRight});

  KeyImage key;
  key.lesion = lesion.number;
  const double left = kEdge, right = kWidth - kEdge - kSide;
  for (double x : {left, right}) {
    DrawCut(image, x, kTop, crop, canvas);
    if (x == right) DrawOutline(a, lesion, slice, x, kTop, crop, canvas);
    canvas.Unclip();
    DrawMarks(x, kTop, crop, canvas);
    (x == left ? key.plain : key.outlined) = Mapping(x, kTop, crop, g, slice);
  }
  DrawMeasures(text.language, words, kTop + kSide + 12, canvas);
  DrawFooter(pipeline, text, kWidth, kHeight, canvas);
  key.image = canvas.Pixels();
  return key;
}

}  // namespace osteon
