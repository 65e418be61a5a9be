// SPDX-License-Identifier: GPL-3.0-or-later
// How much of the bright structure that a region belongs to lies outside bone. Dark cortex encloses
// marrow, so little of a marrow lesion does; a vessel, node or effusion that was taken for bone
// continues outside.
#pragma once

#include "pipelines/model/skeleton.h"
#include "pipelines/stages/detect/detect_candidates.h"

namespace osteon {

struct BrightSpill {
  double share = 0;  // Of the bright structure's volume, 0..1, the part outside bone.
  double ml = 0;     // The volume outside bone, in an adult (over the body scale cubed).
};

// Grows the region (fine grid) over voxels that touch and are at least half as far above the unit's
// normal marrow as the region's core, up to 24 mm of an adult from the region's bounding box in
// plane and two slices.
BrightSpill MeasureSpill(const TissueMaps& maps, const Region& region);

}  // namespace osteon
