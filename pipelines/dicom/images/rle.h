// SPDX-License-Identifier: GPL-3.0-or-later
// RLE frames (PS3.5 annex G). Read here, since DCMTK 3.6.7 follows the offsets of a damaged frame
// out of its bytes (found by tests/fuzz).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// One grey-scale frame of `pixels` pixels of `bytes_per_pixel` (1, 2 or 4), little-endian, pixel
// after pixel. kInvalidInput: another number of segments, a segment that lies outside the frame, or
// one that ends before its last pixel.
Result<std::vector<std::uint8_t>> DecodeRle(std::span<const std::uint8_t> frame, std::size_t pixels,
                                            int bytes_per_pixel);

}  // namespace osteon
