// SPDX-License-Identifier: GPL-3.0-or-later
// The part of `doctor` about the nodes that get copies of reports ("SendTo").
#pragma once

#include <vector>

#include "daemon/cli/checks/finding.h"
#include "daemon/cli/orthanc_client.h"

namespace osteon::cli {

// For each node of `status` ("send_to" of the plugin's status): does it answer Orthanc's C-ECHO
// (DICOM PS3.7, section 9.1.5), and which SOP classes of Osteon's objects does it accept from this
// machine under Orthanc's AE title. Nothing is sent.
void CheckNodes(const ServerOptions& server, const Json& status, std::vector<Finding>& findings);

}  // namespace osteon::cli
