// SPDX-License-Identifier: GPL-3.0-or-later
// A straight frame for each bone unit: centre, long axis, ends.
#pragma once

#include <vector>

#include "pipelines/model/skeleton.h"

namespace osteon {

struct AxisOfCloud {
  Vec3 centre, axis;         // Unit vector along the largest spread.
  double low = 0, high = 0;  // Positions of the ends along the axis from the centre, mm (1 % of the
                             // points beyond each).
};
// REQUIRES: points is not empty. Power iteration with a fixed start: the same on every run.
AxisOfCloud FitAxis(const std::vector<Vec3>& points_mm);

// One frame for every unit with voxels, axis pointing to the feet, or away from the trunk for a
// forearm held sideways.
std::vector<UnitFrame> MeasureUnits(const Volume<UnitId>& units, const Volume<float>& bone);

}  // namespace osteon
