// SPDX-License-Identifier: GPL-3.0-or-later
// Which worker gets the next job, which leases have run out, and which workers are silent. Events
// and the time go in, decisions come out; no socket, no ledger, no clock. It holds what the ledger
// does not know: connections, and leases counted on a clock that does not jump.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"

namespace osteon::plugin {

// ROUTER's routing id of a connection: drawn anew for each.
using PeerId = std::string;

struct SchedulerOptions {
  SteadyMs lease_ms = 60'000;
  std::size_t max_in_flight = 64;  // Leases of all workers together.
};

struct WorkerView {
  std::string name;
  std::string version;
  std::string pipeline_hash;
  std::uint32_t slots = 0;
  std::uint32_t free_slots = 0;
  SteadyMs last_heard_ms = 0;
  SteadyMs hello_ms = 0;
  bool shares_name = false;  // Another worker that lives has the same name.
  std::string trouble;       // What it says is wrong with it; empty: nothing.
  // How far its clock is ahead of ours, and how long READY was on its way; nothing: it does not
  // say.
  std::optional<UnixMs> clock_ahead_ms = {};
};

struct Held {
  JobId job = 0;
  std::uint32_t attempt = 0;
  // Empty for a lease from before a restart or of another Orthanc, until its worker speaks here.
  PeerId peer;
  std::string worker;  // By name.
  SteadyMs deadline_ms = 0;
  // As in the ledger when it was last read or written here. When the ledger has another number, the
  // worker talks to another Orthanc.
  UnixMs ledger_until_ms = 0;
  bool touched = false;  // The worker has confirmed that it has it.
  // The job may have killed a worker: its next worker gets no other job beside it, so that a second
  // death is due to this one.
  bool alone = false;
  bool storing = false;  // The result is here: no lease to expire, the plugin itself works on it.
  std::string stage;
  double fraction = 0;
};

// Thread-compatible.
class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options) : options_(options) {}

  // --- Connections
  void Hello(const PeerId& peer, const protocol::Hello& hello, SteadyMs now_ms);
  // False: a connection that has not said HELLO.
  bool Ready(const PeerId& peer, std::uint32_t free_slots, SteadyMs now_ms);
  // What it says with READY.
  void Trouble(const PeerId& peer, const std::string& trouble);
  void ClockAhead(const PeerId& peer, UnixMs ahead_ms);
  // Another message arrived. False as above.
  bool Heard(const PeerId& peer, SteadyMs now_ms);
  // A send failed: the connection is gone. Its leases run on; it may come back under another id.
  void Lost(const PeerId& peer);
  // The connection that should get the next job: of those with a free slot the one with the fewest
  // jobs, so that work spreads; nothing when all are busy or max_in_flight is reached.
  std::optional<PeerId> NextFree() const;
  // How many jobs this connection has.
  std::size_t HeldBy(const PeerId& peer) const;
  const WorkerView* Worker(const PeerId& peer) const;
  std::vector<WorkerView> Workers() const;

  // --- Leases
  void Granted(const PeerId& peer, const Job& job, SteadyMs now_ms);
  // A lease found in the ledger: its worker gets a whole lease to be heard of, here or elsewhere.
  void Adopt(const Job& job, SteadyMs now_ms);
  // The ledger does not answer, so nobody can have extended the adopted ones: they get a whole
  // lease again.
  void Postpone(SteadyMs now_ms);
  // Puts a lease back that ran out and could not be ended.
  void Keep(Held held, SteadyMs deadline_ms);
  // The worker speaks about its lease: extends it and remembers the connection. False: this is not
  // the current lease.
  bool Touched(const PeerId& peer, JobId job, std::uint32_t attempt, SteadyMs now_ms);
  void Extended(JobId job, UnixMs ledger_until_ms);
  void Progress(JobId job, std::string stage, double fraction);
  void Storing(JobId job);
  // No worker has the job any more. Returns its lease.
  std::optional<Held> Released(JobId job);
  const Held* Find(JobId job) const;
  // True when `peer` (or nobody yet) holds that attempt.
  bool Holds(JobId job, std::uint32_t attempt) const;
  std::vector<Held> Leases() const;

  // --- Time
  struct Due {
    std::vector<Held> expired;        // Taken out already.
    std::vector<std::string> silent;  // Names of workers whose connection was forgotten.
  };
  Due Tick(SteadyMs now_ms);

 private:
  bool IsIsolated(const PeerId& peer) const;

  SchedulerOptions options_;
  std::map<PeerId, WorkerView> workers_;
  std::map<JobId, Held> leases_;
};

}  // namespace osteon::plugin
