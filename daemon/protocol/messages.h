// SPDX-License-Identifier: GPL-3.0-or-later
// What the plugin and a worker say to each other, as plain values. README.md of this folder is the
// protocol: who sends what when, and what the receiver must do. frames.h turns these into bytes and
// back.
//
// To change the wire: a new field goes to the end of a message and raises kMinorVersion (an older
// receiver ignores what follows the fields it knows); anything else raises kMajorVersion, which the
// other side refuses.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pipelines/base/result.h"

namespace osteon::protocol {

inline constexpr std::uint8_t kMajorVersion = 1;
inline constexpr std::uint8_t kMinorVersion = 3;

// Limits, checked by Encode and by Decode before anything is allocated. A token is printable ASCII
// without space and without '/'; a text is any bytes and is cut by Encode where it is too long,
// everything else is refused.
inline constexpr std::size_t kMaxTokenBytes = 128;  // Twice a UID (64) or a SHA-256 (64).
inline constexpr std::size_t kMaxTextBytes = 4096;  // A message for an operator, on one screen.
inline constexpr std::size_t kMaxRulesBytes = std::size_t{64} << 10;  // Never cut: refused.
inline constexpr std::uint32_t kMaxInstances = 65'536;  // A whole-body study has 200 to 5,000.
inline constexpr std::uint32_t kMaxDocuments = 256;     // SR, SEG, PDF and one SC a lesion.
inline constexpr std::uint32_t kMaxRelated = 1024;      // Chosen: more than any patient has.
inline constexpr std::uint32_t kMaxStages = 64;         // Chosen: more than the pipeline has.
// Orthanc's buffers have 32-bit sizes.
inline constexpr std::uint64_t kMaxInstanceBytes = std::uint64_t{4} << 30;
// Chosen: far above the largest document seen (15 MB). A result is all its documents.
inline constexpr std::uint64_t kMaxDocumentBytes = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kMaxResultBytes = std::uint64_t{2} << 30;
// Every instance and document is cut into pieces of this size, the last one shorter, so that both
// sides know where each piece begins. 256 KiB: 800 pieces for 200 MB, and a hundred of them in
// flight are 25 MiB.
inline constexpr std::size_t kChunkBytes = std::size_t{256} << 10;
// For ZMQ_MAXMSGSIZE: no message is larger. A JOB of kMaxInstances stays below it.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{48} << 20;

// One attempt at one job. `attempt` is the fencing token: it grows with every lease the ledger
// gives out, and whoever speaks with an older one is told STALE. The job id is the ledger's:
// letters, digits, '-', '_', '.', not starting with a dot, at most 64, so that it can name a
// folder.
struct Lease {
  std::string job;
  std::uint32_t attempt = 0;  // From 1.

  auto operator<=>(const Lease&) const = default;
};

// --- worker to plugin ---

// First message on every connection, again after each reconnect, and when one of its values has
// changed.
struct Hello {
  std::string worker;            // Token; the name an administrator knows it by.
  std::string version;           // Token; of the program.
  std::string pipeline_name;     // Token.
  std::string pipeline_version;  // Token.
  std::string pipeline_hash;     // Token; PipelineIdentity::hash.
  std::uint32_t slots = 1;       // Studies it analyses at once.

  bool operator==(const Hello&) const = default;
};

// The worker is alive and can take so many more jobs. Sent at every change and at least every
// kReadyIntervalSeconds.
struct Ready {
  std::uint32_t free_slots = 0;
  // Since 1.2. Text for the administrator: what is wrong with this worker; empty: nothing.
  std::string trouble = {};
  // Since 1.3. What its clock says, milliseconds since 1970; 0: not said.
  std::uint64_t clock_ms = 0;

  bool operator==(const Ready&) const = default;
};
inline constexpr int kReadyIntervalSeconds = 10;
// A connection without READY for so many intervals is forgotten: one or two may be lost.
inline constexpr int kMissedReadyUntilGone = 3;

// Asks for `credit` pieces, the first one at byte `offset` of instance `instance`, going on into
// the instances that follow. The plugin remembers nothing: the worker asks again for a lost piece.
struct Fetch {
  Lease lease;
  std::uint32_t instance = 0;
  std::uint64_t offset = 0;  // Multiple of kChunkBytes.
  std::uint32_t credit = 1;

  bool operator==(const Fetch&) const = default;
};
inline constexpr std::uint32_t kMaxCredit = 64;  // 16 MiB of pieces.

// The job is being worked on: extends the lease. At least three times in each lease.
struct Touch {
  Lease lease;
  std::string stage;    // Token: "receive", "detect", ...
  double fraction = 0;  // Of the whole job, 0..1.

  bool operator==(const Touch&) const = default;
};

enum class ResultOutcome : std::uint8_t {
  kAnalysed = 0,
  kNotEvaluable = 1,
  kNotWholeBody = 2,  // No documents: the plugin records the study as skipped, with `reason`.
};

struct ResultDocument {
  std::string name;              // Token: "sr.dcm".
  std::string sop_class_uid;     // Token.
  std::string sop_instance_uid;  // Token; derived from the fingerprint, the same on every attempt.
  std::uint64_t bytes = 0;       // 1..kMaxDocumentBytes.
  std::string sha256;            // Token; 64 hexadecimal digits.

  bool operator==(const ResultDocument&) const = default;
};

struct StageCost {
  std::string stage;  // Token.
  std::uint32_t milliseconds = 0;
  // Since 1.2. The most that the process had until the end of the stage (model/run_context.h).
  std::uint64_t peak_memory_bytes = 0;

  bool operator==(const StageCost&) const = default;
};

// The manifest; the documents follow as ResultChunk, in order. The worker keeps all of it until
// COMMITTED or STALE.
struct ResultManifest {
  Lease lease;
  std::string fingerprint;  // Token; as in the JOB.
  ResultOutcome outcome = ResultOutcome::kAnalysed;
  std::string reason;  // Text, without patient data; for other outcomes than kAnalysed.
  std::vector<ResultDocument> documents;  // In the order they should be stored.
  std::vector<StageCost> stages;
  std::uint64_t peak_memory_bytes = 0;

  bool operator==(const ResultManifest&) const = default;
};

struct ResultChunk {
  Lease lease;
  std::uint32_t document = 0;  // Index into ResultManifest::documents.
  std::uint64_t offset = 0;    // Multiple of kChunkBytes.
  std::string bytes;           // 1..kChunkBytes.

  bool operator==(const ResultChunk&) const = default;
};

// How an attempt without a result ended.
enum class Ending : std::uint8_t {
  kAnswered = 0,  // It gave an error, or exceeded one of its limits.
  // Its process, or the whole worker, was killed while it had the study. The second time makes the
  // job stuck.
  kDied = 1,
};

// The attempt ended without a result. The code says what the plugin must do (base/result.h): retry,
// give up, release.
struct Failed {
  Lease lease;
  ErrorCode code = ErrorCode::kInternal;
  std::string stage;    // Token: where it was; "receive", "detect", ... or "unknown".
  std::string message;  // Text for the operator, without patient data.
  Ending ending = Ending::kAnswered;

  bool operator==(const Failed&) const = default;
};

// --- plugin to worker ---

enum class InstanceRole : std::uint8_t {
  kStudy = 0,
  kPrior = 1,  // SR or SEG of the patient's last Osteon report, or a STIR image of its study.
};

struct JobInstance {
  InstanceRole role = InstanceRole::kStudy;
  std::string series_instance_uid;  // Token.
  std::string sop_instance_uid;     // Token.
  std::uint64_t bytes = 0;          // 1..kMaxInstanceBytes, of the DICOM file.
  std::string md5;                  // Token; 32 lower-case hexadecimal digits, as Orthanc keeps it.

  bool operator==(const JobInstance&) const = default;
};

// A radiograph of the same patient that the report refers to.
struct RelatedRadiograph {
  std::string study_instance_uid;  // Token.
  std::string modality;            // Token: "CR", "DX".
  std::string body_part;           // Text; BodyPartExamined or StudyDescription.
  std::string date;                // Token, YYYYMMDD.

  bool operator==(const RelatedRadiograph&) const = default;
};

struct Job {
  Lease lease;
  std::uint32_t lease_seconds = 60;  // From its sending; every TOUCH starts it anew.
  std::string fingerprint;           // Token, 64 hexadecimal digits.
  std::vector<JobInstance> instances;
  std::vector<RelatedRadiograph> related;
  // Since 1.1. The plugin's selection rules as JSON, so that the worker takes the series that the
  // plugin saw; empty: those compiled in.
  std::string selection_rules;
  // Since 1.1. What had not arrived when the waiting time was over, in words for the report; empty:
  // the study is complete.
  std::string incomplete;
  // Since 1.2. Token; the worker's pipeline_hash that the fingerprint was made from, so that a
  // worker whose settings have changed meanwhile does not take it. Empty: not said.
  std::string pipeline_hash = {};

  bool operator==(const Job&) const = default;
};

struct Instance {
  Lease lease;
  std::uint32_t instance = 0;  // Index into Job::instances.
  std::uint64_t offset = 0;    // Multiple of kChunkBytes.
  std::string bytes;           // 1..kChunkBytes.

  bool operator==(const Instance&) const = default;
};

// The answer to RESULT and FAILED: the outcome is in the ledger (and the documents in Orthanc), so
// the worker deletes its spool.
struct Committed {
  Lease lease;

  bool operator==(const Committed&) const = default;
};

// This attempt is not the current one (any more): drop it, with its results, without an answer.
struct Stale {
  Lease lease;
  std::string reason;  // Text.

  bool operator==(const Stale&) const = default;
};

// Stop this attempt. The worker answers FAILED with kCancelled, whether it had it or not.
struct Cancel {
  Lease lease;
  std::string reason;  // Text.

  bool operator==(const Cancel&) const = default;
};

enum class RefusedReason : std::uint8_t {
  // Another major version. The worker asks again every minute: one side is about to be upgraded.
  kVersion = 0,
  kHelloFirst = 1,  // The plugin does not know this connection: say HELLO, then go on.
  kMalformed = 2,   // A message of this version that could not be read. Logged by both.
};

struct Refused {
  RefusedReason reason = RefusedReason::kVersion;
  std::string message;  // Text.

  bool operator==(const Refused&) const = default;
};

using Message = std::variant<Hello, Ready, Job, Fetch, Instance, Touch, ResultManifest, ResultChunk,
                             Failed, Committed, Stale, Cancel, Refused>;

// "HELLO", "RESULT", ...: for logs and metrics.
std::string_view Name(const Message& message);

// How many pieces of kChunkBytes a file of so many bytes makes.
constexpr std::uint64_t ChunkCount(std::uint64_t bytes) {
  return (bytes + kChunkBytes - 1) / kChunkBytes;
}
// Bytes of the piece at `offset` of a file of `bytes`. REQUIRES: offset < bytes.
constexpr std::size_t ChunkSize(std::uint64_t bytes, std::uint64_t offset) {
  return static_cast<std::size_t>(bytes - offset < kChunkBytes ? bytes - offset : kChunkBytes);
}

}  // namespace osteon::protocol
