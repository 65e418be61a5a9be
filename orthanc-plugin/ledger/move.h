// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger goes from SQLite to PostgreSQL, for a site that gets a second Orthanc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

struct MovedTable {
  std::string name;
  std::int64_t rows = 0;
};

// Copies every row of every table into a ledger without jobs, which is made where there is none;
// all of it or nothing. The file keeps what it holds. REQUIRES that no Orthanc has either open.
// Errors: kInvalidInput when the file is not there, an Orthanc has it open, or the other ledger has
// jobs; kUnsupported when the file was written by another version; else as OpenPostgresJobStore.
Result<std::vector<MovedTable>> MoveLedger(const std::string& sqlite_path,
                                           const std::string& postgres_connection, UnixMs now_ms);

}  // namespace osteon::plugin
