// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the pixels of a file can be read, told from its header before anything is decoded. Only
// for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <string>

namespace osteon {

// Why Pixel Data in this transfer syntax cannot be decoded, by name and with what to do; empty when
// it can. Any UID, also of syntaxes that are newer than DCMTK (JPEG XL, High-Throughput JPEG 2000).
std::string WhyNotDecoded(const std::string& transfer_syntax_uid);

// Why the image holds colours rather than signal; names the attribute. Empty when it does not.
std::string WhyColour(DcmItem& dataset);

// Why the pixels cannot be read: transfer syntax, inverted grey, floats, odd depths, contradicting
// bits, no Pixel Data; names the attribute and says what to do. Empty when they can. `goes_on`: the
// file has more than the header, see LoadDicomHeader.
std::string WhyPixelsNotRead(DcmFileFormat& file, bool goes_on);

}  // namespace osteon
