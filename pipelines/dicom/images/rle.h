// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes RLE frames (PS3.5 annex G). DCMTK 3.6.7 is not used, since it reads out of bounds when
// the offsets of a frame are damaged (found by tests/fuzz).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// One grey-scale frame of `pixels` pixels of `bytes_per_pixel` (1, 2 or 4), little-endian, pixel
// after pixel. kInvalidInput: a wrong number of segments, or a segment that is outside the frame or
// too short.
Result<std::vector<std::uint8_t>> DecodeRle(std::span<const std::uint8_t> frame, std::size_t pixels,
                                            int bytes_per_pixel);

}  // namespace osteon
