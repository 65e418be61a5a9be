// SPDX-License-Identifier: GPL-3.0-or-later
// What another DICOM node would take, asked by an association (DICOM PS3.8, section 7.1) in which
// nothing is sent.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::cli {

struct DicomNode {
  std::string host;
  std::uint16_t port = 104;
  std::string ae_title;   // Its own.
  std::string caller_ae;  // By what name it is called.
};

// Those of `sop_class_uids` that the node accepts in Explicit or Implicit VR Little Endian; blocks
// for at most about 30 s. Errors: kUnavailable when it cannot be reached or refuses the
// association.
Result<std::set<std::string>> AcceptedSopClasses(const DicomNode& node,
                                                 const std::vector<std::string>& sop_class_uids);

}  // namespace osteon::cli
