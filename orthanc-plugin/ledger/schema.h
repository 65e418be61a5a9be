// SPDX-License-Identifier: GPL-3.0-or-later
// The tables and how they came to be. Private to this folder.
//
// The version counts the steps that were run. To change the schema: add a step at the end; never
// edit one that was released; and keep a ledger of the version before for the test that opens each
// (tests/orthanc-plugin/ledger/old/README.md). A ledger of a newer version is refused, not guessed
// at.
#pragma once

#include "orthanc-plugin/ledger/sql.h"
#include "pipelines/base/clock.h"

namespace osteon::plugin {

// Brings the database to the present version, all steps in one transaction; when several programs
// start at once, one of them does. Errors: kUnsupported when it is newer.
Status Migrate(Connection& connection, UnixMs now_ms);

// The present one.
std::int64_t SchemaVersion();

}  // namespace osteon::plugin
