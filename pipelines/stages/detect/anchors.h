// SPDX-License-Identifier: GPL-3.0-or-later
// Anchors of a study: the signal of its muscle, fluid, noise and normal marrow, against which
// lesions are graded.
#pragma once

#include <optional>
#include <vector>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/model/volume.h"
#include "pipelines/model/voxels.h"

namespace osteon {

// In units of the composed STIR; medians, on which lesions and organs have little influence.
//   muscle: soft tissue that is neither bone nor organ and not fat (which STIR nulls);
//   fluid: 90 % quantile of the spinal canal and the bladder; absent with less than 2 ml of them;
//   noise: Rayleigh sigma of the air beside the body;
//   marrow: bone core without lesion evidence, 0.5 ml at least.
Anchors MeasureAnchors(const ComposedVolume& volume, const Skeleton& skeleton);

// Muscle over noise below which air is taken for muscle, and nothing is graded rightly. Measured on
// phantoms and simulated studies of both bodies (2026-11-30): where muscle has 8 times the noise or
// more it is found as such, at 9.7 and more; from 7 on down at 1.9 to 3.4, which is mostly air.
using cutoffs::kLeastMuscleOverNoise;
// False also where the air has no noise, as scanners write it that set it to 0.
bool IsTooNoisy(const Anchors& anchors);

// Signal of normal marrow of a unit, else of its mirror unit; none when neither has enough of it.
std::optional<double> MarrowOf(const Anchors& anchors, UnitId unit);

// What the coils get from a place, as a share of what they get from the study's muscle: the median
// of STIR over relative signal at `voxels` of the composed grid, over the muscle anchor. 1 at most,
// since organs raise the local reference of the trunk, and 0.5 at least (chosen: where there is
// less, tissue is missing beside the place, not signal). 1 without a muscle anchor or without
// `relative` (TissueMaps).
double CoilShareAt(const std::vector<VoxelIndex>& voxels, const Volume<float>& stir,
                   const Volume<float>& relative, const Anchors& anchors);

// q = (signal - marrow) / (fluid - marrow): 0 as normal marrow of the unit, 1 as fluid
// (config/evidence.md, Signal). Marrow was measured in the same bone, fluid far away, so fluid
// counts with the share of its signal that the coils get here (CoilShareAt). None without marrow or
// fluid, or when fluid is not brighter than marrow.
std::optional<double> PositionOf(double signal, double coil_share, const Anchors& anchors,
                                 UnitId unit);

}  // namespace osteon
