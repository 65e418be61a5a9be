// SPDX-License-Identifier: GPL-3.0-or-later
// Files into DCMTK's data sets: the one way in for every reader of pipelines/dicom.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>

namespace osteon {

// DcmFileFormat::loadFileUntilTag with an end to nesting: DCMTK reads a sequence in a sequence by a
// call in a call, so that a file of some 100 kB ends the program (3.6.7, and it has no limit to
// set). Here it ends with an error after 512 KiB of stack, several hundred levels; the deepest
// objects there are, SRs, have some twenty.
//
// Values longer than `max_value_bytes` stay in the file until they are asked for. Reading stops
// before `stop_at`. Any thread whose stack has room for 4 MiB.
OFCondition LoadDicomFile(DcmFileFormat& file, const std::filesystem::path& path,
                          Uint32 max_value_bytes = DCM_MaxReadLength,
                          const DcmTagKey& stop_at = DCM_UndefinedTagKey);

// As LoadDicomFile, for what stands before `stop_at`.
struct LoadedHeader {
  OFCondition status;
  bool goes_on = false;  // Something follows what was read: the file does not end before `stop_at`.
};
LoadedHeader LoadDicomHeader(DcmFileFormat& file, const std::filesystem::path& path,
                             const DcmTagKey& stop_at);

}  // namespace osteon
