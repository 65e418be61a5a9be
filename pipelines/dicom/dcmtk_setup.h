// SPDX-License-Identifier: GPL-3.0-or-later
// DCMTK keeps its decoders and its log in process-wide state; this is the one place that touches
// it.
#pragma once

namespace osteon {

// Registers the JPEG, JPEG-LS and RLE decoders and turns DCMTK's own log off, since its lines may
// hold patient data. Any thread, any number of times; the first call does the work.
void PrepareDcmtk();

}  // namespace osteon
