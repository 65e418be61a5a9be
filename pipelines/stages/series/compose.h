// SPDX-License-Identifier: GPL-3.0-or-later
// From the chosen series to one volume of the whole body, with station gains and coil bias removed.
#pragma once

#include <functional>

#include "pipelines/base/result.h"
#include "pipelines/imaging/bias.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/series/body_grid.h"
#include "pipelines/stages/series/station_merge.h"

namespace osteon {

struct ComposeOptions {
  BodyGridOptions grid;
  MergeOptions merge;
  BiasOptions bias;
  // A station whose slices were moved to those of the grid by more than this share of their spacing
  // gets a caveat. Chosen: half of the largest move there can be.
  double moved_slice_caveat_share = 0.25;
};

// Loads the voxels of one series: LoadVolume of pipelines/dicom, or a test's.
using VolumeLoader = std::function<Result<ImageVolume>(const SeriesInfo&, RunContext&)>;

// Composes `choice` (ChooseSeries) in the grid that ComposedVolume describes. Coronal input keeps
// its voxels; sagittal, axial and strongly tilted input is resampled and has no `sources`. A slice
// that was missing is interpolated in `stir`, 0 in `inside` and without a source. Memory: the
// result, plus one series at a time, plus all stations of one contrast. Errors: those of `load`;
// kInternal. Caveats: station_gap, station_mismatch, station_slices_moved, oblique_input. REQUIRES:
// choice.stir is not empty and all chosen series share one frame of reference.
Result<ComposedVolume> ComposeBody(const Study& study, const SeriesChoice& choice,
                                   const VolumeLoader& load, const ComposeOptions& options,
                                   RunContext& run);

}  // namespace osteon
