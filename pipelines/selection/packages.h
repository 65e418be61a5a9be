// SPDX-License-Identifier: GPL-3.0-or-later
// Scanners acquire a volume in packages (odd and even slices against cross-talk, or slab beside
// slab), and some send each as a series of its own.
#pragma once

#include <vector>

#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/stack_builder.h"

namespace osteon {

// Joins volumes of one contrast whose slices together make one regular volume: same matrix,
// spacing, orientation, frame of reference and times, no two slices at one place. The joined volume
// replaces the first; its frames keep the series they came from. Volumes that do not fit together
// stay as they are. Caveats: packages_joined, and those of OrderSlices.
void JoinPackages(const StackRules& rules, Study& study, std::vector<Caveat>& caveats);

}  // namespace osteon
