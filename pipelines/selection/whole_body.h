// SPDX-License-Identifier: GPL-3.0-or-later
// When a group of series is an image of the whole body, and which of several is the best.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/study.h"
#include "pipelines/selection/choose.h"
#include "pipelines/selection/station_groups.h"

namespace osteon {

// The head-foot length that a whole body of this patient needs, mm.
double NeededMm(const Study& study, const ChooseOptions& options, Completeness wanted);

// Why a group is not the whole body; empty when it is.
std::string Shortfall(const Study& study, const StationGroup& group, const ChooseOptions& options,
                      Completeness wanted);

// Coronal first; then stations, each with a coil bias of its own, before the vendor's composing
// unless they lack a part; then the larger coverage; then what is more of one acquisition; then the
// later series, since repeats are made for a reason.
// nullptr when there is none.
const StationGroup* Best(const std::vector<const StationGroup*>& groups,
                         const ChooseOptions& options);

}  // namespace osteon
