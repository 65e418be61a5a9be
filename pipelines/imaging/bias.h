// SPDX-License-Identifier: GPL-3.0-or-later
// The smooth gain that receive coils put over an image (bias field), and its removal.
#pragma once

#include "pipelines/model/volume.h"

namespace osteon {

struct BiasOptions {
  // The field is found on blocks of about this size.
  double working_spacing_mm = 6;
  // Gaussian smoothing of the field (standard deviation), coarse to fine: nothing shorter is taken
  // for coil. The last must follow the fall-off at the ends of a station, which happens over 50 to
  // 80 mm.
  double coarsest_sigma_mm = 200;
  double finest_sigma_mm = 35;
  int iterations = 8;
  // How far (in natural logarithm) from the main tissue a voxel still speaks for the field, from
  // first to last.
  double first_width = 0.7;
  double last_width = 0.18;
  // Foreground that a place needs, as a share of its neighbourhood, to be believed over the field
  // around it.
  double prior_weight = 0.02;
  // The field never corrects by more than this factor.
  double max_gain = 4;
};

// Divides `volume` in place by its bias field. The field is the smoothed departure of the commonest
// foreground tissue (on STIR and T1: muscle, the mode of the logarithms) from its own mode,
// refitted from coarse to fine while voxels far from the mode (organs, fluid, lesions, suppressed
// fat) lose their say; the idea of N4 (Tustison et al. 2010, IEEE TMI 29:1310) with one tissue
// instead of a deconvolved histogram: 1.0 s of CPU where ITK's N4 took 22 s, and evener
// (README.md). Voxels of 0 count as not imaged and stay 0; the commonest tissue keeps its level.
// One thread, deterministic. Does nothing to a volume without foreground.
void CorrectBias(Volume<float>& volume, const BiasOptions& options);

}  // namespace osteon
