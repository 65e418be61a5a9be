// SPDX-License-Identifier: GPL-3.0-or-later
// Reads files into DCMTK's data sets. Every reader of pipelines/dicom uses these functions.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>

namespace osteon {

// DcmFileFormat::loadFileUntilTag with a limit of nesting: DCMTK 3.6.7 reads nested sequences
// recursively and without limit, so that a file of some 100 kB can overflow the stack. Here it
// returns an error after 512 KiB of stack, several hundred levels; the deepest real objects, SRs,
// have some twenty.
//
// Values longer than `max_value_bytes` stay in the file until they are read. Reading stops before
// `stop_at`. REQUIRES: the thread's stack has 4 MiB left.
OFCondition LoadDicomFile(DcmFileFormat& file, const std::filesystem::path& path,
                          Uint32 max_value_bytes = DCM_MaxReadLength,
                          const DcmTagKey& stop_at = DCM_UndefinedTagKey);

// As LoadDicomFile, for the attributes before `stop_at`.
struct LoadedHeader {
  OFCondition status;
  bool goes_on = false;  // The file does not end before `stop_at`.
};
LoadedHeader LoadDicomHeader(DcmFileFormat& file, const std::filesystem::path& path,
                             const DcmTagKey& stop_at);

}  // namespace osteon
