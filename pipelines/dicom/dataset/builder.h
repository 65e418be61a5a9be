// SPDX-License-Identifier: GPL-3.0-or-later
// Writes values into DICOM items. Fails only by a bug of ours (wrong value representation) or lack
// of memory, so the functions Check instead of returning an error. Only for .cc files of
// pipelines/dicom, since it shows DCMTK.
#pragma once

#include <dcmtk/config/osconfig.h>
//
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/concepts.h"
#include "pipelines/model/geometry.h"

namespace osteon {

// `text` in UTF-8; several values are separated by a backslash. Replaces an existing value.
void Put(DcmItem& item, const DcmTagKey& tag, std::string_view text);
void PutUs(DcmItem& item, const DcmTagKey& tag, std::initializer_list<std::uint16_t> values);
void PutUl(DcmItem& item, const DcmTagKey& tag, const std::vector<std::uint32_t>& values);
// Decimal strings of at most 16 characters.
void PutDecimals(DcmItem& item, const DcmTagKey& tag, std::initializer_list<double> values);
// 32-bit floats, as graphic data of SCOORD and SCOORD3D is.
void PutFloats(DcmItem& item, const DcmTagKey& tag, const std::vector<double>& values);
void PutDouble(DcmItem& item, const DcmTagKey& tag, double value);
void PutBytes(DcmItem& item, const DcmTagKey& tag, DcmEVR vr, std::string_view bytes);

// Appends an item to the sequence, which is created when absent. Owned by `item`.
DcmItem& AddItem(DcmItem& item, const DcmTagKey& sequence);
// Appends an item with Code Value, Coding Scheme Designator and Code Meaning.
DcmItem& AddCode(DcmItem& item, const DcmTagKey& sequence, const Code& code);

// At most `bytes` bytes of `text`, never cutting a UTF-8 character. For SH (16), LO (64) and code
// meanings.
std::string Shortened(std::string_view text, std::size_t bytes);

// The dataset as a Part 10 file, Explicit VR Little Endian, with our implementation UID. The same
// dataset gives the same bytes. Pixel Data (7FE0,0010) of 8 bits or less, when there are any, are
// given beside it and follow it: within the dataset they would be copied three times. REQUIRES: the
// dataset has no attribute behind Pixel Data. Error: kInternal when DCMTK cannot write it.
Result<std::string> ToPart10(DcmDataset& dataset, std::string_view pixels = {});

// Adds Pixel Data (7FE0,0010) of 8 bits or less to a file of ToPart10() that has none. DCMTK has no
// part in this, so threads may do it for a file each.
void AppendPixels(std::string& file, std::string_view pixels);

}  // namespace osteon
