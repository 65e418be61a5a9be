// SPDX-License-Identifier: GPL-3.0-or-later
// Sends copies of stored results on to other DICOM nodes ("SendTo"): C-STORE by Orthanc, then
// storage commitment, so that "sent" means that the other side has said it keeps them. The ledger's
// outbox holds what waits; of several Orthancs on it, one claims a copy before it sends it, and
// keeps it claimed until the other side has committed.
#pragma once

#include <condition_variable>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/dispatch/copies.h"
#include "orthanc-plugin/dispatch/retry.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

struct ForwardOptions {
  // Modalities of Orthanc's configuration. Empty: nothing is forwarded.
  std::vector<std::string> destinations;
  Commitment commitment = Commitment::kAsk;
  // How long the other side may take to commit. Some archives do it when they have written to their
  // long-term storage; meanwhile other copies go on.
  SteadyMs commitment_timeout_ms = 600'000;
  RetryPolicy retry;
};

// A sender renews its claim while it lives; after so long without that, another one sends the copy.
inline constexpr SteadyMs kAbandonedMs = 20'000;

// Watches the copies that other Orthancs send. Thread-compatible.
class SenderWatch {
 public:
  // True: its number has stood still for kAbandonedMs, as far as this watch has seen it.
  bool IsAbandoned(const DeliveryRow& row, SteadyMs now_ms);
  // Forgets those that are not among `rows`.
  void Keep(const std::vector<DeliveryRow>& rows);

 private:
  struct Seen {
    UnixMs number = 0;  // DeliveryRow::not_before_ms.
    SteadyMs since_ms = 0;
  };
  std::map<std::pair<JobId, std::string>, Seen> seen_;
};

// The thread that sends copies. A destination that is down delays the others by its timeouts at
// most; one that commits late, or never, delays only its own copies, when its share of the places
// for uncommitted ones is full.
class Forwarder {
 public:
  // References must outlive the forwarder.
  Forwarder(Archive& archive, JobStore& store, const Clock& clock, ForwardOptions options);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Any thread: a copy waits.
  void Wake();
  // Ends after the present call to Orthanc. Idempotent.
  void Stop();

 private:
  // A copy that this Orthanc has claimed.
  struct Held {
    DeliveryRow row;  // As it stands in the ledger.
    SteadyMs claimed_ms = 0;
    std::string transaction;  // Of the storage commitment; empty while it is being sent.
    SteadyMs stored_ms = 0, look_ms = 0;
  };

  void Run();
  void SendDue();
  void Send(const DeliveryRow& row);
  void LookForCommitments();
  std::optional<Status> LookForCommitment(Held& held);
  bool Holds(const DeliveryRow& row) const;
  bool HasRoomFor(const std::string& destination) const;
  void ClaimAgain();
  void Close(const Held& held, const Status& delivered);
  bool WaitForWork();
  bool Pause(int ms);

  Archive& archive_;
  JobStore& store_;
  const Clock& clock_;
  const ForwardOptions options_;
  SenderWatch watch_;  // This and the next two: used by thread_ only.
  std::vector<Held> held_;
  std::optional<SteadyMs> retry_ms_;  // When the first copy that failed here is due again.
  Mutex mutex_;
  std::condition_variable changed_;
  bool awake_ GUARDED_BY(mutex_) = true;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace osteon::plugin
