// SPDX-License-Identifier: GPL-3.0-or-later
// A coronal grid with slices 6 mm apart.
#pragma once

#include "pipelines/model/geometry.h"

namespace osteon::testing {

inline VolumeGeometry CoronalGrid(int columns, int rows, int slices, double pixel_mm) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  g.patient_from_voxel = {{pixel_mm, 0, 0}, {0, 0, -pixel_mm}, {0, 6, 0}, {0, 0, 0}};
  return g;
}

}  // namespace osteon::testing
