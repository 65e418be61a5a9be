// SPDX-License-Identifier: GPL-3.0-or-later
// JPEG 2000 code streams, which DCMTK 3.6.7 cannot decode. OpenJPEG behind one function.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

struct Jpeg2000Image {
  int columns = 0, rows = 0;
  std::vector<std::int32_t> samples;  // Row after row, sign as in the code stream.
};

// One grey-scale image (ISO/IEC 15444-1, raw code stream or JP2). The code stream must say
// `columns` x `rows`, which is checked before anything is allocated for it. kInvalidInput: broken,
// of another size, or with several components.
Result<Jpeg2000Image> DecodeJpeg2000(std::span<const std::uint8_t> code_stream, int columns,
                                     int rows);

}  // namespace osteon
