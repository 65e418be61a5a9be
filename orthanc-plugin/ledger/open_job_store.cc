// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/open_job_store.h"

#include "orthanc-plugin/ledger/postgres.h"
#include "orthanc-plugin/ledger/schema.h"
#include "orthanc-plugin/ledger/sql_store.h"
#include "orthanc-plugin/ledger/sqlite.h"

namespace osteon::plugin {
namespace {

Result<std::unique_ptr<JobStore>> Open(Result<std::unique_ptr<Connection>> connection,
                                       const std::string& name, UnixMs now_ms) {
  if (!connection) return std::move(connection).error();
  if (Status migrated = Migrate(**connection, now_ms); !migrated)
    return std::move(migrated).error().During("open " + name);
  return std::unique_ptr<JobStore>(std::make_unique<SqlJobStore>(*std::move(connection)));
}

}  // namespace

Result<std::unique_ptr<JobStore>> OpenSqliteJobStore(const std::string& path, UnixMs now_ms) {
  return Open(OpenSqlite(path), path, now_ms);
}

Result<std::unique_ptr<JobStore>> OpenPostgresJobStore(const std::string& connection,
                                                       UnixMs now_ms) {
  return Open(OpenPostgres(connection), "the ledger in PostgreSQL", now_ms);
}

}  // namespace osteon::plugin
