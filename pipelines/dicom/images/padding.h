// SPDX-License-Identifier: GPL-3.0-or-later
// Pixel Padding Value (0028,0120) and Range Limit (0028,0121), PS3.3 C.7.5.1.1.2: pixels that were
// not measured, and that a workstation filled in to make the image rectangular. Pure: no DCMTK, no
// files.
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
  kSurelyPadding = 2,  // It is also outside of Bits Stored, as no measured value is.
};

// Sets padding to not-a-number. A padding value that is separate from all other values (by 2 % of
// their range), or the only one below zero, is padding everywhere. A value that real voxels may
// also have, which 0 always is in magnitude images, is padding only in connected areas of at least
// 1 % of the slice that reach the slice's edge: these are air or padding. Elsewhere the voxel keeps
// its value: inside the body it is a signal void (air, cortex). REQUIRES: `marks` (PaddingMark) has
// the size of `voxels`.
void RemovePadding(Volume<float>& voxels, const Volume<std::uint8_t>& marks);

}  // namespace osteon
