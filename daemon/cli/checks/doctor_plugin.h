// SPDX-License-Identifier: GPL-3.0-or-later
// The half of `doctor` that asks Orthanc and the plugin.
#pragma once

#include <vector>

#include "daemon/cli/checks/finding.h"
#include "daemon/cli/orthanc_client.h"

namespace osteon::cli {

// Orthanc itself, the plugin, its workers, disks, clock, jobs, and every node that gets copies (by
// C-ECHO).
std::vector<Finding> CheckServer(const ServerOptions& server);

}  // namespace osteon::cli
