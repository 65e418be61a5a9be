// SPDX-License-Identifier: GPL-3.0-or-later
// How deep in bone a candidate lies, and how near to a joint.
#pragma once

#include "pipelines/model/skeleton.h"
#include "pipelines/stages/detect/detect_candidates.h"

namespace osteon {

// Lengths in mm of an adult (divided by the body scale).
struct RegionDepth {
  // Share of the region where bone is likelier than not by 3 to 1.
  double in_bone = 0;
  // How deep under the bone's surface the region reaches (90 % quantile), at most 24 mm.
  double surface_mm = 0;
  // How far it reaches from the bone on the other side of a joint (90 % quantile); 99 from 29 mm
  // on, or without a joint.
  double joint_mm = 0;
};
RegionDepth MeasureDepth(const TissueMaps& maps, const Region& region);

}  // namespace osteon
