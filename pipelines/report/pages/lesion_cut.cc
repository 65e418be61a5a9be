// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/lesion_cut.h"

#include <algorithm>
#include <cmath>

#include "pipelines/report/pages/style.h"

namespace osteon {
namespace {

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
      const auto row = static_cast<std::size_t>(y), column = static_cast<std::size_t>(x);
      patch.image.grey.push_back(
          inside ? slice.grey[row * static_cast<std::size_t>(slice.width) + column] : 0);
    }
  }
  return patch;
}

PicturePanel Mapping(Square square, const Crop& crop, const VolumeGeometry& g) {
  const double per_x = crop.voxels_wide / square.side, per_y = crop.voxels_high / square.side;
  const Affine& a = g.patient_from_voxel;
  const int side = static_cast<int>(square.side);
  PicturePanel panel{static_cast<int>(square.x), static_cast<int>(square.y), side, side, {}};
  panel.patient_from_pixel.step_i = per_x * a.step_i;
  panel.patient_from_pixel.step_j = per_y * a.step_j;
  panel.patient_from_pixel.step_k = a.step_k;
  // Pixel and voxel units count edges, the affine counts centres.
  panel.patient_from_pixel.origin =
      a({crop.left + (0.5 - square.x) * per_x - 0.5, crop.top + (0.5 - square.y) * per_y - 0.5,
         static_cast<double>(crop.slice)});
  return panel;
}

}  // namespace

Crop CropAt(Vec3 place_mm, double side_mm, const VolumeGeometry& g) {
  const Vec3 spacing = g.spacing_mm();
  const Vec3 centre = Inverse(g.patient_from_voxel)(place_mm);
  Crop crop;
  crop.slice = std::clamp(static_cast<int>(std::lround(centre.z)), 0, g.slices - 1);
  crop.side_mm = side_mm;
  crop.voxels_wide = side_mm / spacing.x;
  crop.voxels_high = side_mm / spacing.y;
  crop.left = centre.x + 0.5 - crop.voxels_wide / 2;
  crop.top = centre.y + 0.5 - crop.voxels_high / 2;
  return crop;
}

Crop CropAround(const Lesion& lesion, const VolumeGeometry& g) {
  Crop crop = CropAt(lesion.centroid_mm, std::clamp(3.5 * lesion.length_mm, 130.0, 260.0), g);
  if (lesion.label != 0) crop.slice = std::clamp(lesion.key_slice, 0, g.slices - 1);
  return crop;
}

void DrawOutline(const AnalysedStudy& a, const Lesion& lesion, const Crop& crop, Square square,
                 Canvas& canvas) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  canvas.Clip(square.x, square.y, square.side, square.side);
  const auto outlines =
      Outlines(SliceMask(a.lesions.labels, lesion.label, crop.slice), g.columns, g.rows);
  for (const auto& outline : outlines) {
    std::vector<Point2> points;
    points.reserve(outline.size());
    for (Point2 p : outline) {
      points.push_back({square.x + (p.x - crop.left) / crop.voxels_wide * square.side,
                        square.y + (p.y - crop.top) / crop.voxels_high * square.side});
    }
    canvas.Polygon(points, style::kBlack, 4.2, LineStyle::kSolid);
    canvas.Polygon(points, style::OfChange(lesion.change), 2.2, style::OfClass(lesion.judgement));
  }
  canvas.Unclip();
}

PicturePanel DrawCut(const CutSource& source, const Crop& crop, Square square, Canvas& canvas) {
  const Patch patch = Cut(SliceImage(source.voxels, crop.slice, source.window), crop);
  const double px = square.side / crop.voxels_wide, py = square.side / crop.voxels_high;
  canvas.Clip(square.x, square.y, square.side, square.side);
  canvas.FillRect(square.x, square.y, square.side, square.side, style::kBlack);
  canvas.Grey(patch.image, square.x + (patch.left - crop.left) * px,
              square.y + (patch.top - crop.top) * py, patch.image.width * px,
              patch.image.height * py);
  canvas.Unclip();
  return Mapping(square, crop, source.voxels.geometry());
}

}  // namespace osteon
