// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes JPEG 2000 code streams, which DCMTK 3.6.7 cannot, by OpenJPEG.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

struct Jpeg2000Image {
  int columns = 0, rows = 0;
  std::vector<std::int32_t> samples;  // By rows; signed if the code stream says so.
};

// One grey-scale image (ISO/IEC 15444-1, raw code stream or JP2). The code stream must say
// `columns` x `rows`, which is checked before anything is allocated for it. kInvalidInput: the code
// stream is damaged, of another size, or has several components.
Result<Jpeg2000Image> DecodeJpeg2000(std::span<const std::uint8_t> code_stream, int columns,
                                     int rows);

}  // namespace osteon
