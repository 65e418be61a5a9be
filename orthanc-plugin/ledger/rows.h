// SPDX-License-Identifier: GPL-3.0-or-later
// What the ledger holds and is asked, as values.
#pragma once

#include <array>
#include <climits>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orthanc-plugin/ledger/states.h"
#include "pipelines/base/clock.h"

namespace osteon::plugin {

using JobId = std::int64_t;

// Order of handing out, first to last.
enum class Priority { kStat, kRoutine, kOvernight, kBackfill };
inline constexpr std::array kPriorities = {Priority::kStat, Priority::kRoutine,
                                           Priority::kOvernight, Priority::kBackfill};
std::string_view Name(Priority priority);
std::optional<Priority> PriorityFromName(std::string_view name);

// What intake keeps per study, whether or not there is a job.
struct StudyRow {
  std::string study_id;          // Orthanc's.
  std::string last_update;       // Orthanc's stamp when the study was last looked at.
  UnixMs first_seen_ms = 0;      // Of the running collection: what the force time counts from.
  UnixMs last_change_ms = 0;     // Last time instances came.
  std::optional<UnixMs> due_ms;  // When to look at it next; nothing: when it changes.
};

struct Job {
  JobId id = 0;
  std::string study_id;  // Orthanc's.
  std::string study_uid;
  JobState state = JobState::kCollecting;
  Priority priority = Priority::kRoutine;
  std::string
      inputs_hash;  // SHA-256 of study and eligible SOPInstanceUIDs; empty while first collecting.
  std::string patient_digest;  // Of whose images they were then; empty: not known (older ledgers).
  std::string pipeline_hash;   // Of the worker it was first leased to.
  std::string fingerprint;     // See Fingerprint(); empty before the first lease.
  std::uint32_t attempt = 0;   // Fencing token: grows with each lease.
  int failures = 0;            // In a row, that may pass.
  int deaths = 0;              // Analyses or workers that were killed or hung holding it.
  std::string worker;          // Who has it, or had it last.
  // For people; other Orthancs only see whether it changes, and so whether the holder lives.
  UnixMs lease_until_ms = 0;
  UnixMs not_before_ms = 0;  // In retry_wait.
  UnixMs created_ms = 0;
  UnixMs updated_ms = 0;  // Last change of state.
  std::string actor;   // Who caused the last change: "intake", "worker w1", "operator alice", ...
  std::string reason;  // Why it is in its state, in words for an administrator.
  // The same as a JSON list of Phrase (code, text, values), for other languages; empty: only words.
  std::string why;
  std::string error_code;  // Name(ErrorCode) when it failed.
  std::string caveat;  // What was missing when the force time opened the gate; empty when complete.
  std::optional<JobId> supersedes;
};

struct HistoryRow {
  std::int64_t sequence = 0;
  UnixMs at_ms = 0;
  std::string actor;
  std::string event;
  std::string from;
  std::string to;
  std::uint32_t attempt = 0;
  std::string reason;
  std::string why;     // The reason as Job::why; empty: only words.
  std::string series;  // Of a step that judged the study: what was said of each series, as JSON.
};

// A row of Orthanc's change log, by its number and a digest of what it says.
struct ChangeMark {
  std::int64_t number = -1;  // -1: none was ever read.
  std::string digest;        // Empty when it is not known.
};

// How far the change log has been read, from where.
struct CursorStep {
  std::int64_t from = -1;
  ChangeMark to;
};

// What changes beside the state. Members that are not set stay as they are.
struct JobPatch {
  std::optional<std::string> study_uid;
  std::optional<std::string> inputs_hash;
  std::optional<std::string> patient_digest;
  std::optional<std::string> error_code;
  std::optional<std::string> caveat;
  std::string why;     // Goes with the reason: not set, it is none.
  std::string series;  // As HistoryRow::series. The job itself does not have it.
  std::optional<Priority> priority;
  std::optional<int> failures;
  std::optional<int> deaths;
  std::optional<UnixMs> not_before_ms;
};

struct Transition {
  JobId job = 0;
  JobEvent event = JobEvent::kCancel;
  std::string actor;
  std::string reason;
  std::optional<std::uint32_t> attempt;  // When set, must be the job's current one.
  JobPatch patch;
  // When set, must be the job's: nobody has extended its lease since that was read.
  std::optional<UnixMs> lease_until_ms = std::nullopt;
  // When set, must be last_change_ms of its study: nothing has come since that was judged.
  std::optional<UnixMs> study_change_ms = std::nullopt;
};

struct NewJob {
  std::string study_id;
  std::string study_uid;
  Priority priority = Priority::kRoutine;
  std::string actor;
  std::string reason;
  std::optional<JobId> supersedes;
};

struct LeaseRequest {
  std::string worker;
  std::string pipeline_hash;
  std::string config_hash;
  std::vector<Priority> open;  // Whose window is open now.
  UnixMs now_ms = 0;
  UnixMs lease_ms = 0;
  // A job with more deaths is not given, nor one behind it: the worker has others under way, and
  // what kills it would count against them.
  int most_deaths = INT_MAX;
};

// One object of a result, before it is put into Orthanc.
struct ResultRow {
  std::string sop_instance_uid;
  std::string sop_class_uid;
  std::string sha256;
};

// A copy of a job's result that has to reach another DICOM node (an outbox: written with `done`, in
// one transaction).
struct DeliveryRow {
  JobId job = 0;
  std::string destination;  // Name of a modality in Orthanc's configuration.
  // "waiting", "sending" (some Orthanc is at it), "sent" (and confirmed), "failed" (a person must
  // look).
  std::string state;
  int attempts = 0;
  UnixMs not_before_ms = 0;  // Of "sending": a number that changes as long as the sender lives.
  std::string reason;        // Of the last attempt.
};

struct JobQuery {
  std::vector<JobState> states;  // Empty: all.
  std::string study;             // Orthanc's id or StudyInstanceUID; empty: all.
  JobId before = INT64_MAX;      // Paging, newest first.
  int limit = 100;
};

struct LedgerCounts {
  std::vector<std::pair<JobState, std::int64_t>> by_state;  // All states, zero included.
  // Of those that wait for a worker (ready, retry_wait), in the order of kPriorities.
  std::array<std::int64_t, kPriorities.size()> waiting_by_priority = {};
  std::int64_t copies_waiting = 0;
  std::int64_t copies_failed = 0;
  UnixMs oldest_waiting_ms =
      0;  // created_ms of the oldest job that waits for a worker; 0 when none does.
};

// since_ms <= t < until_ms.
struct Period {
  UnixMs since_ms = 0;
  UnixMs until_ms = INT64_MAX;
};

// One time that a worker had a job.
struct EndedAttempt {
  JobId job = 0;
  std::string worker;
  UnixMs leased_ms = 0;
  UnixMs ended_ms = 0;
  JobState to = JobState::kStuck;  // What it ended in: a report, retry_wait, ...
};

// A person's word about all jobs; it stands until it is taken back, whatever is restarted.
enum class HoldKind {
  kNone,
  kPause,  // Nothing is handed out. What workers have goes on.
  kDrain,  // What was opened before is still handed out; what is opened after that waits.
};
struct Hold {
  HoldKind kind = HoldKind::kNone;
  UnixMs since_ms = 0;
  std::string actor;
  std::string reason;
};
// "none", "pause", "drain".
std::string_view Name(HoldKind kind);

// A self-test that an Orthanc on the ledger carries out.
struct SelftestRun {
  std::string study_uid;  // Of its study, which goes when it ends; empty: none runs.
  UnixMs begun_ms = 0;
  std::int64_t beat = 0;  // Grows while its Orthanc is at it; stands still when that one died.
  std::string actor;

  bool operator==(const SelftestRun&) const = default;
};

struct PeriodRows {
  // Those whose last change of state is in the period, and all that are open or stuck now; by
  // number.
  std::vector<Job> jobs;
  std::vector<EndedAttempt> ended;  // Within the period, in order of their end.
  // How long the newest attempts took that ended in a report, whenever that was; at most 50.
  std::vector<UnixMs> took_ms;
  std::int64_t copies_failed = 0;
  // The newest of them by job, then by destination; at most 50.
  std::vector<DeliveryRow> failed_copies;
  UnixMs born_ms = 0;  // Of the ledger: nothing is known of the time before.
  Hold hold;
};

// A digest on its way to people, one row a day and way ("mail", "webhook").
struct DigestSending {
  std::string day;  // Local date of the morning it belongs to, "2026-11-30".
  std::string way;
  std::string state;  // "sending", "waiting" (to be tried again), "sent".
  int attempts = 0;
  UnixMs not_before_ms = 0;  // Of "waiting": the next try; of "sending": when it counts as lost.
  UnixMs until_ms = 0;       // Of "sent": where its period ends and the next one's begins.
  std::string reason;        // Of the last failure; empty when there was none.
};

}  // namespace osteon::plugin
