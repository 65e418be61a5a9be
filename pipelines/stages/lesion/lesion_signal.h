// SPDX-License-Identifier: GPL-3.0-or-later
// How bright a lesion is, against anchors of the same study, since absolute MR signal has no unit
// (config/evidence.md, Signal).
//   stir_to_muscle     median STIR of the lesion over the study's muscle anchor
//   stir_position      q = (lesion - marrow) / (fluid - marrow), marrow of the same unit, fluid as
//                      bright as the coils would show it there (Candidate::coil_share)
//   signal_grade       0 below grade_one_from, 1, or 2 from grade_two_from
//   t1_to_muscle       median T1 over that of muscle at the same height
//   adc_mean           mean ADC of the lesion's voxels that have one, 10^-6 mm2/s
//   enhancement_ratio  median post-contrast T1 over that of muscle at the same height
//   centre_to_rim      median STIR of the lesion's core over that of the shell around the core
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/lesion/characterise.h"

namespace osteon {

// Writes these members of `lesion`. REQUIRES: voxels is not empty.
Lesion WithSignal(Lesion lesion, const std::vector<VoxelIndex>& voxels,
                  const ComposedVolume& volume, const Skeleton& skeleton, const LesionMap& map,
                  const CharacteriseOptions& options);

// Standard deviation over mean of the STIR, at least 0: how patchy the lesion is. Only of voxels
// whose six neighbours belong to the lesion, too: the others are partly marrow, which alone makes
// half of the mean in a small lesion. Not assessed with fewer than 20 of them (chosen).
Measured SignalVariation(const std::vector<VoxelIndex>& voxels, const Volume<std::uint16_t>& labels,
                         const Volume<float>& stir);

// Median of another contrast in muscle (STIR near the muscle anchor, outside bone and lesions)
// within 60 mm above and below the lesion; not assessed with too little muscle there.
Measured MuscleNearby(const std::vector<VoxelIndex>& voxels, const OtherContrast& other,
                      const ComposedVolume& volume, const Skeleton& skeleton, const LesionMap& map);

// Median of another contrast over that of muscle at the same height. Not assessed without the
// series (`absent` says so), where it does not cover half of the lesion, or without muscle.
Measured RatioToMuscle(const std::vector<VoxelIndex>& voxels, const OtherContrast& other,
                       const char* absent, const ComposedVolume& volume, const Skeleton& skeleton,
                       const LesionMap& map);

}  // namespace osteon
