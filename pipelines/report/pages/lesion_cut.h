// SPDX-License-Identifier: GPL-3.0-or-later
// A square cut out of the coronal slice that shows a lesion best.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/projection.h"

namespace osteon {

struct Square {
  double x = 0, y = 0, side = 0;  // On the page.
};

// The part of a slice that is shown, in voxels of its grid; voxel i covers [i, i + 1).
struct Crop {
  double left = 0, top = 0, voxels_wide = 0, voxels_high = 0;
  double side_mm = 0;
  int slice = 0;
};
// A square on the lesion's key slice around its centroid; its side is 3.5 times the lesion's
// length, within 130 to 260 mm. Without voxels (resolved): on the slice of its centroid.
Crop CropAround(const Lesion& lesion, const VolumeGeometry& grid);
// `side_mm` round a place, on its slice.
Crop CropAt(Vec3 place_mm, double side_mm, const VolumeGeometry& grid);

// The volume from which the slice is cut.
struct CutSource {
  const Volume<float>& voxels;
  Window window;
};

// Black outside the grid; `crop` is in voxels of `source`.
PicturePanel DrawCut(const CutSource& source, const Crop& crop, Square square, Canvas& canvas);
// The outline of this lesion alone, on a cut of the composed grid.
void DrawOutline(const AnalysedStudy& analysed, const Lesion& lesion, const Crop& crop,
                 Square square, Canvas& canvas);

}  // namespace osteon
