// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two whole-body studies can be compared at all, and in what (limits: config/evidence.md,
// Follow-up).
//
//  other sequence (STIR then, Dixon water now): only the number of lesions is compared
//  echo time differs by more than 15 %: volumes are compared, signal is not
//  field strength differs by more than 10 %, or slice distance by more than 25 %: all is compared,
//      with a caveat, since faint and small lesions lose or gain volume
//
// A technique that a prior report of an earlier version does not state is taken as the same.
#pragma once

#include <optional>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

struct Comparability {
  bool lesions = true;  // Volumes and classes.
  bool signal = true;   // Signal grades and positions as well.
  // "prior_other_sequence", "prior_other_echo_time", "prior_other_field", "prior_other_slices"; the
  // values are then and now.
  std::vector<Caveat> caveats;
};

Comparability CompareTechniques(const Technique& now, const Technique& then);

// "prior_other_pipeline" where the prior report was made by another version, other networks or
// other settings: its lesions were outlined and graded in another way. None where it does not say
// what made it.
std::optional<Caveat> CompareMakers(const PipelineIdentity& now, const PipelineIdentity& then);

}  // namespace osteon
