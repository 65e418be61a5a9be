// SPDX-License-Identifier: GPL-3.0-or-later
// Loads the voxels of one stack. Memory: the volume itself (4 bytes per voxel) and one source file
// for each thread.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

// Largest number of voxels of one stack: 1.2 GB as float, more than any whole-body series.
inline constexpr std::size_t kMaxVoxels = 300'000'000;

// Voxels rescaled to float, in the geometry of `info`. An ADC map is converted to um2/s (10^-6
// mm2/s); it is not-a-number everywhere when its unit cannot be told. Padding is not-a-number
// (padding.h). Missing slices are the mean of their neighbours (ReadStudy adds the caveat). Errors
// name file and field: kInvalidInput (truncated, shorter than its header says, broken compression),
// kUnsupported (colour, unknown transfer syntax, more than kMaxVoxels), kCancelled. Caveats:
// lossy_compression; bits_above_used, bits_above_masked (stored_bits.h); adc_unit_guessed,
// adc_unit_contradicted, adc_unit_unknown (adc_unit.h).
Result<ImageVolume> LoadVolume(const SeriesInfo& info, RunContext& run);

// The same on `threads` threads (at least one), each of which reads files of its own. The result,
// its errors and caveats do not depend on how many there are.
Result<ImageVolume> LoadVolumeOn(int threads, const SeriesInfo& info, RunContext& run);

}  // namespace osteon
