// SPDX-License-Identifier: GPL-3.0-or-later
// Japanese text of DICOM files (PS3.3 C.12.1.1.2 with ISO 2022 IR 13, 87 and 159; PS3.5 annex H) as
// UTF-8. DCMTK in Debian cannot: it uses glibc's converter, which does not know these sets by the
// names that DCMTK passes.
#pragma once

#include <string>
#include <string_view>

#include "pipelines/base/result.h"

namespace osteon {

// Reads JIS X 0208 and JIS X 0212 after escape sequences, half-width katakana in the upper half of
// the bytes, and ASCII. Error kInvalidInput: an escape sequence or a character outside these sets.
Result<std::string> JapaneseToUtf8(std::string_view text);

}  // namespace osteon
