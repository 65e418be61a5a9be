// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that reads from and stores in Orthanc for dispatch, so that the socket thread never
// waits for a disk: gathers what a job needs, reads instances piece by piece, checks and stores
// results.
//
// Memory: one instance at a time per job that is being fetched (the last one read, since pieces are
// asked for in order), beside the pieces on their way out, which the workers' credit bounds.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <variant>
#include <vector>

#include "daemon/protocol/messages.h"
#include "orthanc-plugin/archive/archive.h"
#include "orthanc-plugin/archive/material.h"
#include "orthanc-plugin/dispatch/assembly.h"
#include "orthanc-plugin/dispatch/delivery.h"
#include "orthanc-plugin/dispatch/scheduler.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

struct Prepared {
  Job job;
  PeerId peer;
  Result<Material> material;
};
struct Pieces {
  PeerId peer;
  protocol::Fetch asked;
  JobId job = 0;
  Result<std::vector<protocol::Instance>> pieces;
};
struct Delivered {
  Job job;
  Status status;
};
using ArchiveIoReply = std::variant<Prepared, Pieces, Delivered>;

enum class DeliveryMode {
  kStore,      // Check, store, read back.
  kCheckOnly,  // Check; store nothing (silent mode).
};

using GatherFunction = std::function<Result<Material>(const Job&)>;

// Any thread may ask; `reply` is called on the thread of this class.
class ArchiveIo {
 public:
  ArchiveIo(Archive& archive, JobStore& store, GatherFunction gather,
            std::function<void(ArchiveIoReply)> reply);
  ~ArchiveIo();
  ArchiveIo(const ArchiveIo&) = delete;
  ArchiveIo& operator=(const ArchiveIo&) = delete;

  void Prepare(Job job, PeerId peer);
  // `job` as in the ledger: after a restart its material is gathered anew.
  void Fetch(Job job, PeerId peer, protocol::Fetch asked);
  void Deliver(Job job, std::vector<ReceivedDocument> documents, DeliveryMode mode);
  // No worker has the job any more: drops what was kept for it.
  void Forget(JobId job);
  // Ends after the present task; the others are dropped (their leases run out). Idempotent.
  void Stop();

 private:
  struct Kept {
    std::uint32_t attempt = 0;
    Material material;
    std::size_t instance = 0;
    std::string bytes;  // Of `instance`; empty: none read yet.
  };

  void Run();
  void Ask(std::function<void()> task);
  void Tell(ArchiveIoReply reply);
  Result<Kept*> Keep(const Job& job);
  Result<std::vector<protocol::Instance>> ReadPieces(const Job& job, const protocol::Fetch& asked);
  Status Load(Kept& kept, std::size_t instance);
  Status StoreResult(const Job& job, const std::vector<ReceivedDocument>& documents,
                     DeliveryMode mode);

  Archive& archive_;
  JobStore& store_;
  const GatherFunction gather_;
  const std::function<void(ArchiveIoReply)> reply_;
  std::map<JobId, Kept> kept_;  // Of thread_ only.

  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace osteon::plugin
