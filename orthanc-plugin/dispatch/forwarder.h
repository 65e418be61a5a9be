// SPDX-License-Identifier: GPL-3.0-or-later
// Sends copies of stored results on to other DICOM nodes ("SendTo"): C-STORE by Orthanc, then
// storage commitment, so that "sent" means that the other side has said it keeps them. The ledger's
// outbox holds what waits; of several Orthancs on it, one claims a copy before it sends it.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/dispatch/retry.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/clock.h"

namespace osteon::plugin {

enum class Commitment {
  kAsk,   // Only a storage commitment makes a copy "sent".
  kSkip,  // The answers to C-STORE do.
};

struct ForwardOptions {
  std::vector<std::string>
      destinations;  // Modalities of Orthanc's configuration. Empty: nothing is forwarded.
  Commitment commitment = Commitment::kAsk;
  UnixMs commitment_timeout_ms = 60'000;  // How long the answer to one is waited for.
  RetryPolicy retry;
};

// One attempt at one copy; waits for the answers of the other side. `pause` waits so many ms and
// returns false to give up. Returns the row as it is now to be written.
DeliveryRow Forward(Archive& archive, JobStore& store, const DeliveryRow& row,
                    const ForwardOptions& options, const Clock& clock,
                    const std::function<bool(int)>& pause);

// A sender shows that it lives; when it has not for so long, another one sends the copy.
inline constexpr SteadyMs kAbandonedMs = 20'000;

// The copies that others are sending. Thread-compatible.
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

// The thread that does it. A destination that is down holds up no other for longer than its
// timeouts.
class Forwarder {
 public:
  // References must outlive the forwarder.
  Forwarder(Archive& archive, JobStore& store, const Clock& clock, ForwardOptions options);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Any thread: something waits.
  void Wake();
  // Ends after the call to Orthanc under way. Idempotent.
  void Stop();

 private:
  void Run();
  bool Pause(int ms);
  void Send(const DeliveryRow& row);

  Archive& archive_;
  JobStore& store_;
  const Clock& clock_;
  const ForwardOptions options_;
  SenderWatch watch_;  // Of the thread.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace osteon::plugin
