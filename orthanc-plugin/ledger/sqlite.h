// SPDX-License-Identifier: GPL-3.0-or-later
// SQLite behind Connection. Private to this folder, the only one that sees sqlite3.h.
#pragma once

#include <memory>
#include <string>

#include "orthanc-plugin/ledger/sql.h"

namespace osteon::plugin {

// Opens or makes the file with mode 0600, WAL, synchronous FULL (a commit that returned is on the
// disk).
Result<std::unique_ptr<Connection>> OpenSqlite(const std::string& path);

}  // namespace osteon::plugin
