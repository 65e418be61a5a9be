// SPDX-License-Identifier: GPL-3.0-or-later
// Tells from the header of a file whether its pixels can be read, before anything is decoded. Only
// for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>

namespace osteon {

// Why Pixel Data in this transfer syntax cannot be decoded, with its name and what to do; empty
// when it can. Knows names of syntaxes that are newer than DCMTK (JPEG XL, High-Throughput JPEG
// 2000).
std::string WhyNotDecoded(const std::string& transfer_syntax_uid);

// Why the image is a colour image, naming the attribute; empty when it is none.
std::string WhyColour(DcmItem& dataset);

// Why the pixels cannot be read: transfer syntax, inverted grey, floats, odd depths, contradicting
// bits, no Pixel Data; names the attribute and says what to do. Empty when they can. `goes_on`: as
// in LoadedHeader.
std::string WhyPixelsNotRead(DcmFileFormat& file, bool goes_on);

}  // namespace osteon
