// SPDX-License-Identifier: GPL-3.0-or-later
// When a group of series is an image of the whole body, and which of several is the best.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/phrase.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/choose.h"
#include "pipelines/selection/station_groups.h"

namespace osteon {

// The head-foot length that a whole body of this patient needs, mm.
double NeededMm(const Study& study, const ChooseOptions& options, Completeness wanted);

// Why a group is not a whole body ("covers 640 mm ..."); nothing when it is.
std::optional<Phrase> Shortfall(const Study& study, const StationGroup& group,
                                const ChooseOptions& options, Completeness wanted);

// The best group: coronal before sagittal before axial; then the larger coverage, where stations
// (whose coil bias can be corrected one by one) get stations_may_lack_mm ahead of a composed
// series; then fewer series of another acquisition; then the later series. nullptr when `groups` is
// empty.
const StationGroup* Best(const std::vector<const StationGroup*>& groups,
                         const ChooseOptions& options);

}  // namespace osteon
