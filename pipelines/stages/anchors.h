// SPDX-License-Identifier: GPL-3.0-or-later
// The study's own yardsticks: what muscle, fluid, noise and the normal marrow of each unit look
// like in it.
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// In units of the composed STIR; medians, so that lesions and organs do not move them.
//   muscle: soft tissue that is neither bone nor organ and not fat (which STIR nulls);
//   fluid: bright end (90 %) of the spinal canal and the bladder; absent with fewer than 2 ml of
//   them; noise: Rayleigh sigma of the air beside the body; marrow: bone core without lesion
//   evidence, 0.5 ml at least.
Anchors MeasureAnchors(const ComposedVolume& volume, const Skeleton& skeleton);

}  // namespace osteon
