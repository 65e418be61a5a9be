// SPDX-License-Identifier: GPL-3.0-or-later
// Height of the vertebral body in which a lesion lies, against its neighbours.
//   height_loss_percent   100 * (1 - height / mean height of the body above and the body below),
//   not below 0
// Bodies and discs are told apart by the signal along the middle of the spine; where the
// alternation is not clear, the height is not assessed. From coronal slices only the height of the
// middle of a body is seen, not a wedge (domain.md 2.4: sagittal STIR is needed for that).
#pragma once

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// Writes this member of `lesion`. REQUIRES: lesion.centroid_mm is set.
Lesion WithVertebraHeight(Lesion lesion, const ComposedVolume& volume, const Skeleton& skeleton);

}  // namespace osteon
