// SPDX-License-Identifier: GPL-3.0-or-later
// Where in its bone a lesion is.
//
//  along_bone: position of the centroid along the axis of the unit, 0 proximal .. 1 distal end
//  physis_distance_mm: least distance of a voxel centre to the plane of the nearest growth plate of
//      the lesion's own bone; not assessed where that plate was not located: in the end of a bone
//      without a located plate, and where the nearest located plate is further than half the bone
//  physis: crosses: a tenth of the lesion or more on either side; touches, near: by the options;
//      else remote
//  midline_side: of a bone in the midline right or left by coordinates, where the centroid is more
//      than 5 mm beside the middle of that bone at the height of the lesion
//  segment: at the ends of long bones epiphysis or metaphysis, by the side of the growth plate on
//      which most of the lesion lies, or without a plate by the distance from the joint, where a
//      tenth or more of the lesion on either side of the border leaves it unknown; of the fifths at
//      the ends of a clavicle which end; elsewhere by the bone
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/stages/lesion/characterise.h"

namespace osteon {

// Writes these members of `lesion`. REQUIRES: voxels is not empty, lesion.centroid_mm is set.
Lesion WithSite(Lesion lesion, const std::vector<VoxelIndex>& voxels, const VolumeGeometry& grid,
                const Skeleton& skeleton, const StudyFacts& facts,
                const CharacteriseOptions& options);

// Tibia and fibula touch at both ends, where one outline has both, as tibia. A lesion of a tibia is
// named after the fibula when it lies on the straight line of the fibula's shaft. Its place in the
// bone, growth plate, share and expansion were measured in the tibia, and are then not assessed;
// along_bone stays, as the two bones run side by side. `reasons` gets a line. On simulated bodies
// lesions of the fibula lay 1 to 6 mm from that line and 14 mm and more from the tibia's, those of
// the tibia 22 mm and more from the fibula's.
// REQUIRES: as WithSite, which comes before, and WithSurroundings.
Lesion InFibula(Lesion lesion, const Skeleton& skeleton);

}  // namespace osteon
