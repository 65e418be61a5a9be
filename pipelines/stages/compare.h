// SPDX-License-Identifier: GPL-3.0-or-later
// What has become of the lesions of an earlier report of the same patient (domain.md section 7).
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/prior.h"

namespace osteon {

struct CompareOptions {
  // Two lesions of one bone are the same when they are this near along it, as a fraction of the
  // unit's length ...
  double along_tolerance = 0.25;
  // ... or this near in the frame of the unit, mm scaled by the growth of the unit.
  double distance_tolerance_mm = 25;
  // Volume change that is more than the measurement's repeatability (domain.md 6.3: coefficient of
  // variation 15 %; 1.96 * sqrt(2) * 15 % = 42 %), as prior * (1 +- this), and never less than the
  // floor.
  double volume_change = 0.40;
  double volume_floor_ml = 0.15;
};

// The findings with change, reason, prior volume, tracking id and UID of each lesion, the resolved
// lesions and the counts. Lesions whose unit was not imaged in either study are kNotComparable.
// Errors: kInvalidInput when a lesion or a prior lesion names no known unit or has no finite
// volume.
Result<Findings> CompareWithPrior(Findings findings, const PriorReport& prior,
                                  const CompareOptions& options);

}  // namespace osteon
