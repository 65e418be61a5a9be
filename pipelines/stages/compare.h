// SPDX-License-Identifier: GPL-3.0-or-later
// What has become of the lesions of an earlier report of the same patient (domain.md section 7).
//
// Lesions are matched within one bone (name and side) by their place along it as a fraction of its
// length, since a child's bones grow by centimetres between two studies. Matches are one to one,
// nearest first; what is left over joins a match when it lies within its lesion (two that have
// merged, one that has split), else it is new or resolved.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/prior.h"

namespace osteon {

struct CompareOptions {
  // Two lesions of one bone may be the same when their places differ by no more than this, in
  // millimetres of today's bone, plus a quarter of the sum of their lengths.
  double distance_tolerance_mm = 20;
  // The same where the length of the bone is not known, as a fraction of it.
  double along_tolerance = 0.25;
  // Volume change that makes a lesion worse or improved, and improved when its grade falls as well.
  double volume_change = 0.30;
  double volume_change_with_grade = 0.20;
  // Change of q that must go with a change of grade: a lesion at the border of two grades is not
  // worse.
  double position_change = 0.10;
  // A change of less than this is stable whatever its share: some voxels.
  double least_change_ml = 0.15;
  // Less than this share of the earlier volume with q below `resolved_position` is resolved.
  double resolved_share = 0.10;
  double resolved_position = 0.15;
};

// The findings with change, reason, prior volume, tracking id and UID of each lesion, the resolved
// lesions and the counts; marks that were lesions get the same. Caveat "prior_lesion_not_imaged"
// for a prior lesion whose unit is not imaged now: it counts as kNotComparable. urgent_height_loss
// is kept only where the loss is new. Errors: kInvalidInput when a lesion or a prior lesion has no
// bone unit or no finite volume.
Result<Findings> CompareWithPrior(Findings findings, const PriorReport& prior,
                                  const CompareOptions& options);

}  // namespace osteon
