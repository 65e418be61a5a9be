// SPDX-License-Identifier: GPL-3.0-or-later
// Pixel Padding Value (0028,0120) and Range Limit (0028,0121), PS3.3 C.7.5.1.1.2: pixels that no
// scanner measured, which a workstation filled in to make a rectangle. Pure: no DCMTK, no files.
#pragma once

#include <cstdint>

#include "pipelines/model/volume.h"

namespace osteon {

// Padding as stored values, both ends included.
struct PaddingRange {
  double low = 0, high = 0;
};

enum PaddingMark : std::uint8_t {
  kNoPadding = 0,
  kMayBePadding = 1,   // The stored value is that of the padding.
  kSurelyPadding = 2,  // And no measured value could be, since it lies outside of Bits Stored.
};

// Sets what is padding to not-a-number. A padding value that lies apart from all others (by 2 % of
// their range), or below zero where nothing else is, is padding wherever it stands. One that real
// voxels have, too, and always 0 in magnitude images, is so only where it fills an area of at least
// 1 % of the slice that reaches the slice's edge: there it can be nothing but air or padding, while
// inside the body the voxel keeps its value, for there it is a void of signal (air, cortex).
// REQUIRES: `marks` (PaddingMark) has the size of `voxels`.
void RemovePadding(Volume<float>& voxels, const Volume<std::uint8_t>& marks);

}  // namespace osteon
