// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/ledger/schema.h"

#include <fmt/core.h>

#include <iterator>

namespace osteon::plugin {
namespace {

constexpr const char* kSteps[] = {
    // 1
    R"sql(
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL){keyed};

    CREATE TABLE studies (
      study_id       TEXT PRIMARY KEY,           -- Orthanc's
      last_update    TEXT NOT NULL DEFAULT '',
      first_seen_ms  {number} NOT NULL,
      last_change_ms {number} NOT NULL,
      due_ms         {number}
    ){keyed};
    CREATE INDEX studies_due ON studies (due_ms) WHERE due_ms IS NOT NULL;

    CREATE TABLE jobs (
      id             {id_key},
      study_id       TEXT NOT NULL,
      study_uid      TEXT NOT NULL,
      state          TEXT NOT NULL,
      priority       {number} NOT NULL,
      inputs_hash    TEXT NOT NULL DEFAULT '',
      pipeline_hash  TEXT NOT NULL DEFAULT '',
      fingerprint    TEXT NOT NULL DEFAULT '',
      attempt        {number} NOT NULL DEFAULT 0,
      failures       {number} NOT NULL DEFAULT 0,
      deaths         {number} NOT NULL DEFAULT 0,
      worker         TEXT NOT NULL DEFAULT '',
      lease_until_ms {number} NOT NULL DEFAULT 0,
      not_before_ms  {number} NOT NULL DEFAULT 0,
      created_ms     {number} NOT NULL,
      updated_ms     {number} NOT NULL,
      actor          TEXT NOT NULL,
      reason         TEXT NOT NULL,
      error_code     TEXT NOT NULL DEFAULT '',
      caveat         TEXT NOT NULL DEFAULT '',
      supersedes     {number} REFERENCES jobs (id)
    );
    -- The rules of the house, held by the database itself: one job under way per study, one job per fingerprint done.
    CREATE UNIQUE INDEX jobs_one_open ON jobs (study_id)
      WHERE state IN ('collecting', 'ready', 'leased', 'storing', 'retry_wait');
    CREATE UNIQUE INDEX jobs_one_done ON jobs (fingerprint) WHERE state = 'done';
    CREATE INDEX jobs_by_study ON jobs (study_id, id);
    CREATE INDEX jobs_by_state ON jobs (state, priority, created_ms);

    CREATE TABLE history (
      sequence {id_key},
      job      {number} NOT NULL REFERENCES jobs (id),
      at_ms    {number} NOT NULL,
      actor    TEXT NOT NULL,
      event    TEXT NOT NULL,
      from_state TEXT NOT NULL,
      to_state TEXT NOT NULL,
      attempt  {number} NOT NULL,
      reason   TEXT NOT NULL
    );
    CREATE INDEX history_by_job ON history (job, sequence);
    {append_only}

    CREATE TABLE results (
      job              {number} NOT NULL REFERENCES jobs (id),
      sop_instance_uid TEXT NOT NULL,
      sop_class_uid    TEXT NOT NULL,
      sha256           TEXT NOT NULL,
      attempt          {number} NOT NULL,         -- the last one that wrote it
      PRIMARY KEY (job, sop_instance_uid)
    ){keyed};

    CREATE TABLE deliveries (
      job           {number} NOT NULL REFERENCES jobs (id),
      destination   TEXT NOT NULL,
      state         TEXT NOT NULL,
      attempts      {number} NOT NULL DEFAULT 0,
      not_before_ms {number} NOT NULL,
      reason        TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (job, destination)
    ){keyed};
    CREATE INDEX deliveries_waiting ON deliveries (not_before_ms) WHERE state = 'waiting';
    )sql",
    // 2
    R"sql(
    CREATE INDEX deliveries_sending ON deliveries (job) WHERE state = 'sending';
    )sql",
    // 3
    R"sql(
    ALTER TABLE jobs ADD COLUMN patient_digest TEXT NOT NULL DEFAULT '';
    CREATE INDEX results_by_uid ON results (sop_instance_uid);
    )sql",
    // 4
    R"sql(
    DROP INDEX jobs_one_done;
    CREATE UNIQUE INDEX jobs_one_done ON jobs (fingerprint) WHERE state IN ('done', 'not_evaluable');
    )sql",
    // 5
    R"sql(
    CREATE INDEX jobs_by_update ON jobs (updated_ms);
    CREATE INDEX history_by_time ON history (at_ms);
    CREATE TABLE digests (
      day           TEXT NOT NULL,
      way           TEXT NOT NULL,
      state         TEXT NOT NULL,
      attempts      {number} NOT NULL DEFAULT 0,
      not_before_ms {number} NOT NULL,
      until_ms      {number} NOT NULL DEFAULT 0,
      reason        TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (day, way)
    ){keyed};
    )sql",
    // 6
    R"sql(
    ALTER TABLE jobs ADD COLUMN why TEXT NOT NULL DEFAULT '';
    )sql",
    // 7
    R"sql(
    ALTER TABLE history ADD COLUMN why TEXT NOT NULL DEFAULT '';
    )sql",
    // 8
    R"sql(
    ALTER TABLE history ADD COLUMN series TEXT NOT NULL DEFAULT '';
    )sql",
};
constexpr std::int64_t kVersion = std::size(kSteps);

// The step in the database's own words.
std::string Translate(std::string text, const Dialect& dialect) {
  const std::pair<std::string_view, std::string_view> words[] = {
      {"{number}", dialect.number},
      {"{id_key}", dialect.id_key},
      {"{keyed}", dialect.keyed},
      {"{append_only}", dialect.append_only}};
  for (const auto& [word, meaning] : words)
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at))
      text.replace(at, word.size(), meaning);
  return text;
}

}  // namespace

std::int64_t SchemaVersion() { return kVersion; }

Status Migrate(Connection& connection, UnixMs now_ms) {
  Transaction transaction(connection);
  if (Status begun = transaction.Begin(); !begun) return begun;
  const auto version = connection.LockSchema();
  if (!version) return version.error();
  if (*version > kVersion)
    return Unsupported(
        fmt::format("the ledger was written by a newer Osteon (schema {}, this program knows {}); "
                    "install that version again",
                    *version, kVersion));
  if (*version == kVersion) return {};
  for (auto step = *version; step < kVersion; ++step)
    if (Status run = connection.Execute(Translate(kSteps[step], connection.dialect())); !run)
      return std::move(run).error().During(fmt::format("bring the ledger to schema {}", step + 1));
  if (*version == 0) {
    const auto born =
        connection.Run("INSERT INTO meta (key, value) VALUES ('born_ms', ?), ('cursor', '-1')",
                       {std::to_string(now_ms)});
    if (!born) return born.error();
  }
  if (Status set = connection.SetSchemaVersion(kVersion); !set) return set;
  return transaction.Commit();
}

}  // namespace osteon::plugin
