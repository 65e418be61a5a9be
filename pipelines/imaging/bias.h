// SPDX-License-Identifier: GPL-3.0-or-later
// The smooth gain that receive coils put over an image (bias field), and its removal.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/volume.h"

namespace osteon {

struct BiasOptions {
  // The field is found on blocks of about this size.
  double working_spacing_mm = 8;
  // Spacing of the B-spline control points of the finest level: nothing shorter is taken for coil.
  double finest_control_spacing_mm = 120;
  int levels = 3;
  int iterations_per_level = 20;
  double convergence = 1e-3;
  // The field never corrects by more than this factor.
  double max_gain = 4;
};

// N4 (Tustison et al. 2010, IEEE TMI 29:1310) on a shrunken copy; voxels of 0 are not imaged.
// Divides `volume` in place by the field, whose geometric mean over the foreground is 1. Zero stays
// zero. One thread, deterministic. kInternal when ITK fails. Does nothing to a volume without
// foreground.
Status CorrectBias(Volume<float>& volume, const BiasOptions& options);

}  // namespace osteon
