// SPDX-License-Identifier: GPL-3.0-or-later
// Matches the lesions of a prior report with those of today.
#pragma once

#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/stages/followup/compare.h"

namespace osteon {

// One lesion, as indices into the two lists, at least one of each. The first of each are the
// nearest pair; the others have merged with it or split from it.
struct LesionMatch {
  std::vector<std::size_t> now, prior;
};

// In the order of the first `now`. A lesion is in one match at most.
std::vector<LesionMatch> MatchLesions(const std::vector<Lesion>& now,
                                      const std::vector<Lesion>& prior,
                                      const std::vector<UnitFrame>& frames,
                                      const CompareOptions& options);

}  // namespace osteon
