// SPDX-License-Identifier: GPL-3.0-or-later
// DCMTK keeps its decoders and its log in process-wide state; only this file changes it.
#pragma once

namespace osteon {

// Registers the JPEG and JPEG-LS decoders (RLE and JPEG 2000 are read without DCMTK) and turns
// DCMTK's own log off, since its lines may hold patient data. Any thread, any number of times; the
// first call does the work.
void PrepareDcmtk();

}  // namespace osteon
