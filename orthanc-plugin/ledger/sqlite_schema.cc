// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/sqlite_schema.h"

#include <iterator>

namespace osteon::plugin {
namespace {

constexpr const char* kSteps[] = {
    // 1
    R"sql(
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE studies (
      study_id       TEXT PRIMARY KEY,           -- Orthanc's
      last_update    TEXT NOT NULL DEFAULT '',
      first_seen_ms  INTEGER NOT NULL,
      last_change_ms INTEGER NOT NULL,
      due_ms         INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX studies_due ON studies (due_ms) WHERE due_ms IS NOT NULL;

    CREATE TABLE jobs (
      id             INTEGER PRIMARY KEY AUTOINCREMENT,
      study_id       TEXT NOT NULL,
      study_uid      TEXT NOT NULL,
      state          TEXT NOT NULL,
      priority       INTEGER NOT NULL,
      inputs_hash    TEXT NOT NULL DEFAULT '',
      pipeline_hash  TEXT NOT NULL DEFAULT '',
      fingerprint    TEXT NOT NULL DEFAULT '',
      attempt        INTEGER NOT NULL DEFAULT 0,
      failures       INTEGER NOT NULL DEFAULT 0,
      deaths         INTEGER NOT NULL DEFAULT 0,
      worker         TEXT NOT NULL DEFAULT '',
      lease_until_ms INTEGER NOT NULL DEFAULT 0,
      not_before_ms  INTEGER NOT NULL DEFAULT 0,
      created_ms     INTEGER NOT NULL,
      updated_ms     INTEGER NOT NULL,
      actor          TEXT NOT NULL,
      reason         TEXT NOT NULL,
      error_code     TEXT NOT NULL DEFAULT '',
      caveat         TEXT NOT NULL DEFAULT '',
      supersedes     INTEGER REFERENCES jobs (id)
    );
    -- The rules of the house, held by the database itself: one job under way per study, one job per fingerprint done.
    CREATE UNIQUE INDEX jobs_one_open ON jobs (study_id)
      WHERE state IN ('collecting', 'ready', 'leased', 'storing', 'retry_wait');
    CREATE UNIQUE INDEX jobs_one_done ON jobs (fingerprint) WHERE state = 'done';
    CREATE INDEX jobs_by_study ON jobs (study_id, id);
    CREATE INDEX jobs_by_state ON jobs (state, priority, created_ms);

    CREATE TABLE history (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      job      INTEGER NOT NULL REFERENCES jobs (id),
      at_ms    INTEGER NOT NULL,
      actor    TEXT NOT NULL,
      event    TEXT NOT NULL,
      from_state TEXT NOT NULL,
      to_state TEXT NOT NULL,
      attempt  INTEGER NOT NULL,
      reason   TEXT NOT NULL
    );
    CREATE INDEX history_by_job ON history (job, sequence);
    CREATE TRIGGER history_no_update BEFORE UPDATE ON history
      BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
    CREATE TRIGGER history_no_delete BEFORE DELETE ON history
      BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

    CREATE TABLE results (
      job              INTEGER NOT NULL REFERENCES jobs (id),
      sop_instance_uid TEXT NOT NULL,
      sop_class_uid    TEXT NOT NULL,
      sha256           TEXT NOT NULL,
      attempt          INTEGER NOT NULL,         -- the last one that wrote it
      PRIMARY KEY (job, sop_instance_uid)
    ) WITHOUT ROWID;

    CREATE TABLE deliveries (
      job           INTEGER NOT NULL REFERENCES jobs (id),
      destination   TEXT NOT NULL,
      state         TEXT NOT NULL,
      attempts      INTEGER NOT NULL DEFAULT 0,
      not_before_ms INTEGER NOT NULL,
      reason        TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (job, destination)
    ) WITHOUT ROWID;
    CREATE INDEX deliveries_waiting ON deliveries (not_before_ms) WHERE state = 'waiting';
    )sql",
};
constexpr std::int64_t kVersion = std::size(kSteps);

Result<std::int64_t> UserVersion(sqlite3* database) {
  Statement query(database, "PRAGMA user_version");
  auto row = query.Step();
  if (!row) return std::move(row).error();
  return query.Int(0);
}

}  // namespace

Status Migrate(sqlite3* database, UnixMs now_ms) {
  Transaction transaction(database);
  if (Status begun = transaction.Begin(); !begun) return begun;
  const auto version = UserVersion(database);
  if (!version) return version.error();
  if (*version > kVersion)
    return Unsupported("the ledger was written by a newer Osteon (schema " +
                       std::to_string(*version) + ", this program knows " +
                       std::to_string(kVersion) + "); install that version again");
  for (auto step = *version; step < kVersion; ++step)
    if (Status run = Execute(database, kSteps[step]); !run)
      return std::move(run).error().During("bring the ledger to schema " +
                                           std::to_string(step + 1));
  if (*version == 0) {
    Statement born(database,
                   "INSERT INTO meta (key, value) VALUES ('born_ms', ?), ('cursor', '-1')");
    if (Status run = born.Bind(std::to_string(now_ms)).Run(); !run) return run;
  }
  const std::string set = "PRAGMA user_version=" + std::to_string(kVersion);
  if (Status run = Execute(database, set.c_str()); !run) return run;
  return transaction.Commit();
}

}  // namespace osteon::plugin
