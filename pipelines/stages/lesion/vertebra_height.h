// SPDX-License-Identifier: GPL-3.0-or-later
// Height of the vertebral body in which a lesion lies, against its neighbours.
//   height_loss_percent   100 * (1 - own body height / mean of the neighbours), not below 0. Body
//                         height is the distance of the discs above and below less a disc
//                         (kDiscShare of a neighbour's level: a disc keeps its height when a body
//                         collapses).
// Discs are the narrow features at regular distances in the signal along the front of the spine,
// outside the lesion and its border. Where none are found (thick slices across the spine, rows far
// apart, a lesion over several levels), or where the level next to it is longer by what this one
// lacks, since then the disc between is not where it was found, the height is not assessed. Coronal
// slices show the height of the middle of a body, not a wedge.
#pragma once

#include <optional>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// Share of a level (disc to disc) that is disc. Chosen: it grows from about 0.19 in the
// thoracic to 0.25 in the lumbar spine of an adult.
inline constexpr double kDiscShare = 0.22;

// Signal along the spine; rows `step_mm` apart from head to foot, rows without a value are NaN.
struct SpineProfile {
  double step_mm = 1;
  std::vector<double> signal;
};

// Row positions (fractional) of the discs, head to foot; empty when no regular distance is found.
std::vector<double> DiscsIn(const SpineProfile& profile);

// Height loss, percent 0 to 100, of the body at row `at`; nullopt when one of the discs around it
// or of its neighbours was not found, or is not where it was found.
std::optional<double> HeightLossAt(double at, const std::vector<double>& discs);

// Writes this member of `lesion`. REQUIRES: lesion.centroid_mm and lesion.label are set.
Lesion WithVertebraHeight(Lesion lesion, const ComposedVolume& volume, const Skeleton& skeleton,
                          const LesionMap& map);

}  // namespace osteon
