// SPDX-License-Identifier: GPL-3.0-or-later
// Images and outlines to draw, out of the composed volume. Pure.
#pragma once

#include <vector>

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/report.h"

namespace osteon {

// Grey levels: signal `low` and below is black, `high` and above white, between them the share of
// the way to the power of `gamma`.
struct Window {
  double low = 0, high = 1;
  double gamma = 1;
};
// Of STIR, by muscle: black at a tenth of it, white (fluid) at 5 times, and a gamma of a half, so
// that muscle is mid-grey (0.43), marrow and fat that were suppressed are still told from air and
// cortex (0.3 at 0.5 times muscle), and lesions, at 2 to 5 times muscle, keep the upper third.
// Without the anchor by the imaged voxels: black at a twentieth of their median, white at the 99th
// percentile.
Window WindowOf(const ComposedVolume& composed, const Anchors& anchors);
// Of a T1: black at 0, white at the 99th percentile of what was imaged.
Window WindowOf(const OtherContrast& t1);
// Of an ADC in um2/s: white at 3000, as free fluid has it (measured in CSF at body temperature).
inline constexpr Window kAdcWindow{0, 3000, 1};

enum class View { kCoronal, kSagittal };

// Maximum along the view: columns x rows for coronal (seen from the front, the patient's right on
// the left), slices x rows for sagittal (front on the left). 0 where nothing was imaged.
GreyImage MaximumProjection(const ComposedVolume& composed, View view, Window window);
// One coronal slice, columns x rows.
GreyImage SliceImage(const Volume<float>& voxels, int slice, Window window);

// 1 where the label lies anywhere along the view; same size as the projection.
std::vector<std::uint8_t> ProjectedMask(const Volume<std::uint16_t>& labels, int label, View view);
std::vector<std::uint8_t> SliceMask(const Volume<std::uint16_t>& labels, int label, int slice);

// Closed outlines of a mask along the pixel edges, in pixel coordinates where pixel (x, y) covers
// [x, x + 1) x [y, y + 1). Corners on a straight edge are left out. Holes have outlines of their
// own.
std::vector<std::vector<Point2>> Outlines(const std::vector<std::uint8_t>& mask, int width,
                                          int height);

}  // namespace osteon
