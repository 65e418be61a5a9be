// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two whole-body studies can be compared at all, and in what (limits: config/evidence.md,
// Follow-up).
//
//  other sequence (STIR then, Dixon water now): nothing but the number of lesions
//  echo time differs by more than 15 %: volumes, not signal
//  other field strength, or slices apart by a quarter more or less: everything, with a caveat,
//      since faint and small lesions lose or gain volume
//
// What a prior report does not say (it was written by an earlier version) is taken as the same.
#pragma once

#include <vector>

#include "pipelines/model/findings.h"

namespace osteon {

struct Comparability {
  bool lesions = true;  // Volumes and classes.
  bool signal = true;   // Signal grades and positions as well.
  // "prior_other_sequence", "prior_other_echo_time", "prior_other_field", "prior_other_slices"; the
  // values are then and now.
  std::vector<Caveat> caveats;
};

Comparability CompareTechniques(const Technique& now, const Technique& then);

}  // namespace osteon
