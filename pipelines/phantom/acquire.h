// SPDX-License-Identifier: GPL-3.0-or-later
// The simulated scanner: thick slices of the body, with coil, stations, incomplete fat suppression
// and noise.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/phantom/body.h"
#include "pipelines/phantom/signal.h"

namespace osteon::phantom {

// One stack of slices as stored: 12 bits.
struct Acquired {
  Volume<std::uint16_t> voxels;
  double slice_thickness_mm = 5;
};

struct CoronalProtocol {
  PulseSequence sequence;
  double slice_mm = 5, gap_mm = 1;
  double muscle_snr = 18;
  double fat_failure = 0;
  bool stations = false;  // One stack for each table position, head first; else one composed stack.
  std::uint64_t noise_seed = 0;
};
// kCancelled.
Result<std::vector<Acquired>> AcquireCoronal(const Body& body, const CoronalProtocol& protocol,
                                             std::uint64_t seed, RunContext& run);

// Axial echo-planar stacks of two b-values and the map made from them: [b low, b high, ADC in 10^-6
// mm2/s].
struct Diffusion {
  Acquired low, high, adc;
};
inline constexpr double kLowB = 50, kHighB = 800;
Result<Diffusion> AcquireDiffusion(const Body& body, double tesla, std::uint64_t seed,
                                   RunContext& run);

}  // namespace osteon::phantom
