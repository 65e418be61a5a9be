// SPDX-License-Identifier: GPL-3.0-or-later
// PostgreSQL behind Connection. Private to this folder, the only one that sees libpq-fe.h.
//
// libpq rather than libpqxx: it throws nothing, gives SQLSTATE as it is, takes any number of
// values, and lets us limit the wait for an answer. The ledger uses ten functions of it.
//
// A server that is gone, hung or unreachable costs a caller some seconds at most, and those that
// queue up behind it nothing: after a failed attempt the next one is made a second later.
#pragma once

#include <memory>
#include <string>

#include "orthanc-plugin/ledger/sql.h"

namespace osteon::plugin {

// Connects. `settings`: a connection string or URI of libpq, whose defaults (.pgpass, PG* of the
// environment) hold. Errors: as OpenPostgresJobStore.
Result<std::unique_ptr<Connection>> OpenPostgres(const std::string& settings);

}  // namespace osteon::plugin
