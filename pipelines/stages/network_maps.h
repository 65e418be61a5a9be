// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the skeleton network slice by slice over the canonical grid.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/inference/network.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/stages/canonical.h"

namespace osteon {

// The network's input for one slice: sub-pixels, neighbouring slices, distance from the body's
// middle; padded to multiples of 16. See pipelines/training/network.py.
Planes NetworkInput(const CanonicalStir& stir, int slice);

// kInvalidInput unless the card names the classes of skeleton_classes.h in their order.
Status CheckCard(const NetworkCard& card);

// Everything but `near_units`. Errors: those of the network; kCancelled.
Result<TissueMaps> RunNetwork(CanonicalStir stir, Network& network, RunContext& run);

}  // namespace osteon
