// SPDX-License-Identifier: GPL-3.0-or-later
// Signal around a lesion and expansion of its bone (parameters 3 and 4 of RAI-CROMRIS; limits are
// chosen: config/evidence.md).
//   periosteal_mm     longest connected run of STIR-bright voxels (over bright_over_muscle times
//   muscle) in
//                     the rim 0 to periosteal_rim_mm outside the bone, beside the lesion, within
//                     one slice; below 10 mm it counts as 0
//   soft_tissue_ml    STIR-bright voxels outside bone that are connected with the lesion, within
//                     soft_tissue_reach_mm, without fluid (0.7 of the fluid anchor and more);
//                     below 1 ml it counts as 0
//   expansion_ratio   mean cross-section of the unit over 10 mm along its axis at the lesion, over
//                     that of the mirror unit at the same fraction of its length; of those within
//                     10 mm of it, and the difference of the two lengths, the most similar: what
//                     another place of the comparison would explain is no expansion, so the ratio
//                     is nearer to 1 than the true one, not farther
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/lesion/characterise.h"

namespace osteon {

// Writes these members of `lesion`. REQUIRES: voxels is not empty, lesion.along_bone is set.
Lesion WithSurroundings(Lesion lesion, const std::vector<VoxelIndex>& voxels,
                        const ComposedVolume& volume, const Skeleton& skeleton,
                        const LesionMap& map, const CharacteriseOptions& options);

}  // namespace osteon
