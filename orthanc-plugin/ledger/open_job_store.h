// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger in one SQLite file beside Orthanc's index, or, for several Orthancs on one index, in
// PostgreSQL. One connection behind one mutex: the plugin asks a few times a second at most.
// Measured figures are in README.md.
#pragma once

#include <memory>
#include <string>

#include "orthanc-plugin/ledger/job_store.h"

namespace osteon::plugin {

// Opens `path`, makes it where it is missing, and brings it to the present schema.
// Errors: kUnavailable (disk, permissions), kUnsupported (written by a newer Osteon), kInternal
// (damaged).
Result<std::unique_ptr<JobStore>> OpenSqliteJobStore(const std::string& path, UnixMs now_ms);

// `connection`: what libpq takes, "host=db dbname=orthanc user=osteon" or a postgresql:// address.
// The tables are in a schema of their own, "osteon_ledger", which is made where it is missing. No
// error text holds any of `connection`, since that may hold a password. Errors: kInvalidInput (not
// understood), kUnavailable (no answer, no right), kUnsupported (written by a newer Osteon, or the
// database is not in UTF-8), kInternal (damaged).
Result<std::unique_ptr<JobStore>> OpenPostgresJobStore(const std::string& connection,
                                                       UnixMs now_ms);

}  // namespace osteon::plugin
