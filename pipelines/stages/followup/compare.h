// SPDX-License-Identifier: GPL-3.0-or-later
// What has become of the lesions of an earlier report of the same patient (rules: README.md).
//
// Lesions are matched within one bone (name and side) by their place along it as a fraction of its
// length, since a child's bones grow by centimetres between two studies. Matches are one to one,
// nearest first. A lesion that is left over joins a match when it lies within its lesion (two have
// merged, one has split), else it is new or resolved.
//
// Codes of Lesion::change_reasons, and their values:
//
//  volume: change in percent of the earlier volume
//  small_change: that change is beyond the limit in percent, but below least_change_ml
//  grade_higher, grade_lower: of the STIR signal
//  new_height_loss, new_signal_outside: of a vertebra; periosteal or in soft tissue
//  normal_signal: the rest of the lesion has the signal of normal marrow
//  not_seen: there is no mark at its place
//  merged: number of earlier lesions that are now this one
//  part_of: number of parts into which an earlier lesion has split
//  not_in_prior, not_imaged_then: of a lesion without a counterpart
//  other_sequence: the studies are not comparable (comparability.h)
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/prior.h"

namespace osteon {

// Chosen, where no other source is named: config/evidence.md, Follow-up.
struct CompareOptions {
  // Two lesions of one bone may be the same when their places differ by no more than this, in
  // millimetres of today's bone, plus a quarter of the sum of their lengths.
  double distance_tolerance_mm = cutoffs::kDistanceToleranceMm;
  // The same where the length of the bone is not known, as a fraction of it.
  double along_tolerance = cutoffs::kAlongTolerance;
  // Share of the earlier volume by which a lesion must grow to be worse or shrink to be improved,
  // and by which it must shrink when its grade falls as well. Compared in whole percent, as
  // reported.
  double volume_change = cutoffs::kVolumeChange;
  double volume_change_with_grade = cutoffs::kVolumeChangeWithGrade;
  // Change of q without which a change of grade does not count, so that noise at the border of two
  // grades does not make a lesion worse.
  double position_change = cutoffs::kPositionChange;
  // A smaller change is stable whatever its share: it is a few voxels.
  double least_change_ml = cutoffs::kLeastChangeMl;
  // A lesion with less than this share of its earlier volume and q below `resolved_position` is
  // resolved.
  double resolved_share = cutoffs::kResolvedShare;
  double resolved_position = cutoffs::kResolvedPosition;
};

// The findings with change, reasons, prior volume, tracking id and UID of each lesion, the resolved
// lesions and the counts. Marks that were lesions get the same, and are counted only where they are
// resolved or not comparable; all other counts are of `lesions`. Adds the caveats of
// comparability.h and "prior_lesion_not_imaged" for a prior lesion whose unit is not imaged now: it
// counts as kNotComparable. urgent_height_loss is kept only where the loss is new. Errors:
// kInvalidInput when a lesion or a prior lesion has no bone unit or no finite volume.
Result<Findings> CompareWithPrior(Findings findings, const PriorReport& prior,
                                  const CompareOptions& options);

}  // namespace osteon
