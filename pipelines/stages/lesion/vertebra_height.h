// SPDX-License-Identifier: GPL-3.0-or-later
// Height of the vertebral body in which a lesion lies, against its neighbours.
//   height_loss_percent   100 * (1 - own body height / mean of the neighbours), not below 0. Body
//                         height is the distance of the discs above and below less a disc
//                         (kDiscShare of a neighbour's level: a disc keeps its height when a body
//                         collapses).
// The discs are found in the signal along the front of the spine, without the lesion: the narrow
// feature that comes back at a regular distance. Where it does not, the height is not assessed:
// thick slices across the spine, reconstructed rows far apart, or a lesion over several levels.
// Coronal slices show the height of the middle of a body, not a wedge; sagittal images would.
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

// Height loss of the body that holds row `at`, percent; nullopt when it or its neighbours are not
// clear.
std::optional<double> HeightLossAt(double at, const std::vector<double>& discs);

// Writes this member of `lesion`. REQUIRES: lesion.centroid_mm and lesion.label are set.
Lesion WithVertebraHeight(Lesion lesion, const ComposedVolume& volume, const Skeleton& skeleton,
                          const LesionMap& map);

}  // namespace osteon
