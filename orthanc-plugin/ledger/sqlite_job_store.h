// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger in one SQLite file beside Orthanc's index. One connection behind one mutex: the plugin
// asks a few times a second at most, and a commit costs one fsync (0.1 to 10 ms). Measured figures
// are in README.md.
#pragma once

#include <memory>
#include <string>

#include "orthanc-plugin/ledger/job_store.h"

namespace osteon::plugin {

// Opens `path`, makes it where it is missing, and brings it to the present schema.
// Errors: kUnavailable (disk, permissions), kUnsupported (written by a newer Osteon), kInternal
// (damaged).
Result<std::unique_ptr<JobStore>> OpenSqliteJobStore(const std::string& path, UnixMs now_ms);

}  // namespace osteon::plugin
