// SPDX-License-Identifier: GPL-3.0-or-later
// How large a lesion is.
//   volume_ml              voxels times the volume of a voxel, ml
//   length, width, depth   the three extents along the principal axes of the voxels, longest first,
//                          mm, from edge to edge: between the outermost voxel centres, plus the
//                          width of one voxel along that axis
//   centroid               mean of the voxel centres, LPS mm
//   long axis              centres of the outermost voxels along the longest extent, upper end
//   first key slice              slice of the grid with most voxels share of the unit      volume
//   over that of the lesion's bone unit, percent (CROMRIS "size":
//                          config/evidence.md)
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/model/skeleton.h"

namespace osteon {

// Writes these members of `lesion`. REQUIRES: voxels is not empty.
Lesion WithSize(Lesion lesion, const std::vector<VoxelIndex>& voxels, const VolumeGeometry& grid,
                const Skeleton& skeleton);

}  // namespace osteon
