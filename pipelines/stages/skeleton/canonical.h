// SPDX-License-Identifier: GPL-3.0-or-later
// The canonical grid: every body at the same size and brightness, whatever the scanner, so that one
// network serves children and adults and pixels of 0.9 to 2.2 mm. The contract with the training
// code is pipelines/training/README.md; both sides are compared by
// tests/pipelines/stages/skeleton/canonical_golden.py.
//
// Fine grid: 2 mm in plane, 6 mm between slices, times the body scale (body height over 1776 mm).
// Coarse grid: 2 x 2 fine pixels. A body of any size is about 50 slices of 890 x 300 fine pixels.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/volume.h"

namespace osteon {

// Chosen with the network that was trained on them: the height of its adult anatomy, and voxels
// that make a slice of a whole body cheap enough for a CPU.
inline constexpr double kAdultHeightMm = 1776.0;
inline constexpr double kFinePixelMm = 2.0;
inline constexpr double kFineSliceMm = 6.0;

struct CanonicalStir {
  double scale = 1;  // Body height over kAdultHeightMm, 0.4..1.25. Too small when the field of view
                     // cuts the body.
  Volume<float> relative;  // Fine grid, even rows and columns; STIR over its local reference: about
                           // 1 in muscle.
  VolumeGeometry coarse;   // 2 x 2 of its pixels.
  double global_reference = 0;  // Composed STIR units: about muscle.
  double middle_column = 0;     // Centre of the body, coarse grid indices.
  double middle_slice = 0;
};

// Height of the body in the field of view, from the rows with at least 15 cm2 of tissue; 0 when
// there is none.
double BodyHeightMm(const Volume<float>& stir, int threads = 1);

// The result does not depend on `threads` (1..), here and below. Errors: kUnsupported when the
// volume is empty or shows no body.
Result<CanonicalStir> ToCanonical(const Volume<float>& stir, int threads = 1);

// The steps, shared with the tests. `ResampleSmooth` weighs source voxels with a triangle as wide
// as the coarser of the two spacings along each axis (linear interpolation when the source is
// coarser).
Volume<float> ResampleSmooth(const Volume<float>& source, const VolumeGeometry& target,
                             int threads = 1);
// Mean of 2 x 2 pixels in plane.
Volume<float> HalveInPlane(const Volume<float>& fine);
// Lower median of the voxels that are brighter than the mean: about muscle.
double GlobalReference(const Volume<float>& coarse);
// Box-smoothed signal of the foreground, capped at 3 global references, on the coarse grid.
Volume<float> LocalReference(const Volume<float>& coarse, double global_reference, int threads = 1);

}  // namespace osteon
