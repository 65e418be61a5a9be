// SPDX-License-Identifier: GPL-3.0-or-later
// Makes images and outlines from the composed volume. Pure.
#pragma once

#include <vector>

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/label_boxes.h"
#include "pipelines/model/report.h"

namespace osteon {

// Grey levels: signal up to `low` is black, from `high` on white; between, grey is ((signal - low)
// / (high - low)) ^ gamma.
struct Window {
  double low = 0, high = 1;
  double gamma = 1;
};
// Window of STIR relative to muscle: black at 0.1, white (fluid) at 5 times muscle, gamma 0.5, so
// that muscle is mid-grey (0.43), suppressed marrow and fat differ from air and cortex (0.3 at 0.5
// times muscle), and lesions, at 2 to 5 times muscle, have the upper third. Without a muscle
// anchor: black at a twentieth of the median of the imaged voxels, white at their 99th percentile.
Window WindowOf(const ComposedVolume& composed, const Anchors& anchors);
// The window of `other` in which tissue is as grey as in `shown` with `window`: both studies are in
// arbitrary units, so it goes by the median signal of the body, which needs no muscle to be found.
Window WindowLike(Window window, const ComposedVolume& shown, const ComposedVolume& other);
// Window of a T1: black at 0, white at the 99th percentile of the imaged voxels.
Window WindowOf(const OtherContrast& t1);
// Window of an ADC in um2/s: white at 3000, the value of free fluid (measured in CSF at body
// temperature).
inline constexpr Window kAdcWindow{0, 3000, 1};

enum class View { kCoronal, kSagittal };

// Maximum along the view: columns x rows for coronal (seen from the front, the patient's right on
// the left), slices x rows for sagittal (front on the left). 0 where no voxel was imaged.
GreyImage MaximumProjection(const ComposedVolume& composed, View view, Window window);
// Of the whole body, made once for all pages that show it.
struct BodyProjections {
  GreyImage coronal, sagittal;
};
// One coronal slice, columns x rows.
GreyImage SliceImage(const Volume<float>& voxels, int slice, Window window);

// 1 where any voxel along the view has the label; same size as the projection. `box` is that of the
// label (LabelBoxes).
std::vector<std::uint8_t> ProjectedMask(const Volume<std::uint16_t>& labels, int label,
                                        const LabelBox& box, View view);
std::vector<std::uint8_t> SliceMask(const Volume<std::uint16_t>& labels, int label, int slice);

// Closed outlines of a mask along the pixel edges, in pixel coordinates where pixel (x, y) covers
// [x, x + 1) x [y, y + 1). Points on straight edges are left out. Holes have their own outlines.
std::vector<std::vector<Point2>> Outlines(const std::vector<std::uint8_t>& mask, int width,
                                          int height);

}  // namespace osteon
