// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's part of daemon/protocol/README.md: what it does about each message of a worker, each
// answer of the archive I/O, and time. The ledger decides: every message about a job is checked
// against the attempt number there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "orthanc-plugin/dispatch/archive_io.h"
#include "orthanc-plugin/dispatch/assembly.h"
#include "orthanc-plugin/dispatch/retry.h"
#include "orthanc-plugin/dispatch/scheduler.h"
#include "orthanc-plugin/dispatch/windows.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"

namespace osteon::plugin {

enum class DispatchMode {
  kAssist,  // Analyse and store the results.
  kSilent,  // Analyse, check the results, store none.
  kOff,     // Hand out nothing.
};

// Selection rules in force when a job is handed out.
struct JobRules {
  std::string hash;  // Part of the job's fingerprint.
  std::string json;  // For the worker; empty: the defaults.
};

struct JobProtocolOptions {
  SchedulerOptions scheduler;
  RetryPolicy retry;
  PriorityWindows windows;
  DispatchMode mode = DispatchMode::kAssist;
  // Of one result, held in memory while it comes in.
  std::uint64_t max_result_bytes = std::uint64_t{512} << 20;
  std::vector<std::string> send_to;  // Gets a copy of each result.
  std::function<JobRules()> rules = [] { return JobRules(); };
  bool shared_ledger = false;  // Other Orthancs hand out jobs of it, too.
};

struct JobProtocolCounts {
  std::int64_t leases_given = 0;
  std::int64_t leases_expired = 0;
  std::int64_t results_stored = 0;
  std::int64_t failures = 0;
  std::int64_t retries = 0;  // Failures that may pass: the job waits for its next attempt.
  std::int64_t stale = 0;
  std::map<std::string, std::int64_t> stage_ms;  // Of all results that came, by stage.
};

// What the job protocol asks for and others do: the router sends, the archive I/O does the rest
// (tests put their own in).
struct JobActions {
  std::function<bool(const PeerId&, const protocol::Message&)> send;
  std::function<void(Job, PeerId)> prepare;
  std::function<void(Job, PeerId, protocol::Fetch)> fetch;
  std::function<void(Job, std::vector<ReceivedDocument>, DeliveryMode)> deliver;
  std::function<void(JobId)> forget;
  std::function<void()> copies_wait;  // The outbox has something.
  std::function<void()> retry_waits;  // A job has a time at which it is to be tried again.
};

// For log lines.
std::string Label(const Job& job);

// Thread-compatible.
class JobProtocol {
 public:
  JobProtocol(JobStore& store, const Clock& clock, JobProtocolOptions options, JobActions actions);

  // Adopts the leases that were given out before a restart. Once, first.
  Status Start();
  // Neither throws: an exception fails the job that the message or reply is about.
  void OnMessage(const PeerId& peer, const Result<protocol::Message>& message);
  void OnReply(ArchiveIoReply reply);
  // The ledger took the job away from its worker (operator, other instances).
  void OnRevoked(JobId job, std::uint32_t attempt, const std::string& reason);
  // Looks for leases that ran out, silent workers and jobs to hand out. Call it several times a
  // second.
  void OnTick();

  const Scheduler& scheduler() const { return scheduler_; }
  const JobProtocolCounts& counts() const { return counts_; }
  // The last error of the ledger; empty while all is well.
  const std::string& trouble() const { return trouble_; }

 private:
  // A lease as the ledger has it.
  struct Current {
    Job job;
    bool current = false;  // leased or storing, with this attempt.
  };

  void Answer(const PeerId& peer, const Result<protocol::Message>& message);
  void TakeReply(ArchiveIoReply& reply);
  // Fails the attempt whose message or reply caused an exception.
  void OnThrown(JobId job, std::uint32_t attempt, const Error& error);
  void Handle(const PeerId& peer, const protocol::Hello& message);
  void Handle(const PeerId& peer, const protocol::Ready& message);
  void Handle(const PeerId& peer, const protocol::Fetch& message);
  void Handle(const PeerId& peer, const protocol::Touch& message);
  void Handle(const PeerId& peer, const protocol::ResultManifest& message);
  void Handle(const PeerId& peer, const protocol::ResultChunk& message);
  void Handle(const PeerId& peer, const protocol::Failed& message);
  template <typename T>
  void Handle(const PeerId& peer, const T&);  // What only a plugin sends.

  void OnPrepared(const Prepared& prepared);
  void OnPieces(Pieces& pieces);
  void OnDelivered(const Delivered& delivered);

  void Grant();
  void OnExpired(const Held& held);
  // Extends the leases of results being stored here, so that other Orthancs see that this one
  // lives.
  void ExtendStoring();
  // Adopts leases of the ledger that are not known here: from before a restart, or of another
  // Orthanc, so that its jobs come here when it dies for good. Forgets those that ended elsewhere.
  Status Adopt();
  // Notes that the worker speaks here about a job it has by the ledger, whichever Orthanc gave it.
  void Hold(const PeerId& peer, const Job& job);
  Status Extend(JobId job, std::uint32_t attempt);
  void Send(const PeerId& peer, const protocol::Message& message);
  void SendStale(const PeerId& peer, const protocol::Lease& lease, const std::string& reason);
  // Nothing (and trouble_) when the ledger does not answer: the worker asks again.
  std::optional<Current> LookUp(const protocol::Lease& lease);
  void TakeOutcome(const PeerId& peer, const Job& job, const protocol::ResultManifest& manifest);
  void Receive(const PeerId& peer, const Job& job, const protocol::ResultManifest& manifest);
  void BeginDelivery(const PeerId& peer, const protocol::Lease& lease);
  // Applies the failure to the ledger and lets go of the job. False: the ledger did not take it.
  // With `lease_until_ms`, only if nobody has extended the lease since that was read.
  bool Fail(const Job& job, const Failure& failure,
            std::optional<UnixMs> lease_until_ms = std::nullopt);
  // Errors: those of the ledger; kCancelled when the job changed meanwhile.
  Status Record(const Delivered& delivered);
  void TellDelivered(const PeerId& peer, const Delivered& delivered);
  bool Apply(const Transition& transition);
  void LetGo(JobId job);
  protocol::Lease WireLease(const Job& job) const;
  std::optional<JobId> FromWire(const std::string& job) const;
  protocol::Job JobMessage(const Job& job, const Material& material);

  JobStore& store_;
  const Clock& clock_;
  const JobProtocolOptions options_;
  const JobActions actions_;
  Scheduler scheduler_;
  std::map<JobId, Assembly> incoming_;
  std::map<JobId, std::string> rules_;          // JSON of those of its fingerprint.
  std::map<JobId, std::string> not_evaluable_;  // Why, of results that are being stored.
  std::vector<Delivered> unrecorded_;           // What the ledger could not take yet.
  JobProtocolCounts counts_;
  SteadyMs next_round_ms_ = 0;  // Of ExtendStoring and Adopt.
  std::string trouble_;
  std::string ledger_tag_;   // In job ids of messages: another ledger has the same numbers.
  std::minstd_rand random_;  // For the jitter of retries only.
};

}  // namespace osteon::plugin
