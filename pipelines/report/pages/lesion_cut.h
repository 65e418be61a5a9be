// SPDX-License-Identifier: GPL-3.0-or-later
// A square cut out of the coronal slice that shows a lesion best.
#pragma once

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/projection.h"

namespace osteon {

enum class Marking { kPlain, kOutlined };

struct Square {
  double x = 0, y = 0, side = 0;  // On the page.
};

// The part of a slice that is shown, in voxel units of the composed grid where voxel i covers [i, i
// + 1).
struct Crop {
  double left = 0, top = 0, voxels_wide = 0, voxels_high = 0;
  double side_mm = 0;
  int slice = 0;
};
// 3.5 times the lesion's length, within 130 to 260 mm, round its centroid, on its key slice.
Crop CropAround(const Lesion& lesion, const VolumeGeometry& grid);

// What the slice is cut from, on the composed grid.
struct CutSource {
  const Volume<float>& voxels;
  Window window;
};

// Outside the grid is black. The outline is that of the lesion alone.
PicturePanel DrawCut(const AnalysedStudy& analysed, const Lesion& lesion, const Crop& crop,
                     const CutSource& source, Marking marking, Square square, Canvas& canvas);

}  // namespace osteon
