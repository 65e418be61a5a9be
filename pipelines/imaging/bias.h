// SPDX-License-Identifier: GPL-3.0-or-later
// The smooth gain of receive coils (bias field), and its removal.
#pragma once

#include "pipelines/model/volume.h"

namespace osteon {

// All chosen, by trying on simulated studies (README.md), except where another source is given.
struct BiasOptions {
  // The field is estimated on blocks of about this size: far below the shortest smoothing.
  double working_spacing_mm = 6;
  // Gaussian smoothing of the field (standard deviation), from the first iteration to the last in
  // equal ratios. The last must follow the fall-off at the ends of a station, over 50 to 80 mm.
  double coarsest_sigma_mm = 200;
  double finest_sigma_mm = 35;
  int iterations = 8;
  // Standard deviation, in natural logarithm, of the Gaussian that weights voxels by their distance
  // from the mode, from the first iteration to the last: a factor of 2.0 and of 1.2.
  double first_width = 0.7;
  double last_width = 0.18;
  // Weight of the field so far against that of the foreground around a place (0 to 1): where there
  // is little foreground the field changes little.
  double prior_weight = 0.02;
  // The largest factor, up or down, that is corrected.
  double max_gain = 4;
  int threads = 1;  // 1..; the result does not depend on it.
};

// Divides `volume` in place by its bias field: the smoothed difference, in logarithm, between the
// foreground and its mode (on STIR and T1 that of muscle), refitted from coarse to fine, with
// voxels weighted by their distance from the mode, so that organs, fluid, lesions and suppressed
// fat hardly count. The idea is that of N4 (Tustison et al. 2010, IEEE TMI 29:1310) with one tissue
// instead of a deconvolved histogram: 1.0 s of CPU where ITK's N4 took 22 s, and a more uniform
// result (README.md). Voxels of 0 count as not imaged and stay 0; muscle keeps its mean level. One
// thread, deterministic. A volume with too little foreground is left as it is.
void CorrectBias(Volume<float>& volume, const BiasOptions& options);

}  // namespace osteon
