// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the skeleton network slice by slice over the canonical grid.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/inference/network.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/stages/skeleton/canonical.h"

namespace osteon {

// Part of a slice of the coarse grid, in pixels. Rows and columns are multiples of 16 and may reach
// beyond the slice, where the network gets air.
struct SliceWindow {
  int first_row = 0, first_column = 0, rows = 0, columns = 0;
};

// The whole slice.
SliceWindow WholeSlice(const CanonicalStir& stir);
// Where the slice or one of its neighbours shows tissue, with a margin; no rows where none does.
SliceWindow BodyWindow(const CanonicalStir& stir, int slice);

// The network's input for one slice: sub-pixels, neighbouring slices, distance from the body's
// middle. See pipelines/training/network.py.
Planes NetworkInput(const CanonicalStir& stir, int slice, const SliceWindow& window);

// kInvalidInput unless the card names the classes of skeleton_classes.h in their order.
Status CheckCard(const NetworkCard& card);

// Everything but `near_units`; background outside the body windows. The slices are shared among the
// networks, each on a thread of its own; the maps do not depend on how many there are (at least
// one). Errors: those of the network; kCancelled.
Result<TissueMaps> RunNetwork(CanonicalStir stir, std::vector<Network>& networks, RunContext& run);

}  // namespace osteon
