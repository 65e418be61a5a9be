// SPDX-License-Identifier: GPL-3.0-or-later
// Anchors of a study: the signal of its muscle, fluid, noise and normal marrow, against which
// lesions are graded.
#pragma once

#include <optional>

#include "pipelines/model/cutoffs.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

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

// q = (signal - marrow) / (fluid - marrow): 0 as normal marrow of the unit, 1 as fluid
// (config/evidence.md, Signal). None without marrow or fluid, or when fluid is not brighter than
// marrow.
std::optional<double> PositionOf(double signal, const Anchors& anchors, UnitId unit);

}  // namespace osteon
