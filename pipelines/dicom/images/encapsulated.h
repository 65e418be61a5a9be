// SPDX-License-Identifier: GPL-3.0-or-later
// Assigns fragments of encapsulated pixel data to frames (PS3.5 annex A.4). Only for .cc files of
// pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <span>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon {

// One frame's compressed bytes. The spans are valid as long as the pixel data element.
struct CodeStream {
  Uint32 first_fragment = 0;  // Item number; the offset table is item 0.
  std::vector<std::span<const std::uint8_t>> fragments;

  std::vector<std::uint8_t> Joined() const;
};

// One entry per frame. kInvalidInput when there are fewer frames than `frames` or a fragment cannot
// be read.
Result<std::vector<CodeStream>> ReadCodeStreams(DcmPixelData& pixels, E_TransferSyntax syntax,
                                                int frames);

}  // namespace osteon
