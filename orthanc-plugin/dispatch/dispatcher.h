// SPDX-License-Identifier: GPL-3.0-or-later
// The two threads of dispatch: the socket thread with router and job protocol, and the archive I/O
// thread.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "orthanc-plugin/dispatch/archive_io.h"
#include "orthanc-plugin/dispatch/job_protocol.h"
#include "orthanc-plugin/dispatch/router.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

struct DispatchStatus {
  bool listening = false;
  std::string trouble;  // Empty while all is well.
  std::vector<WorkerView> workers;
  std::vector<Held> leases;
  JobProtocolCounts jobs;
  RouterCounts router;
  WorkerKeys keys;
};

class Dispatcher {
 public:
  // References must outlive the dispatcher. The threads run from here until Stop. An address that
  // is in use is tried again every few seconds.
  Dispatcher(Archive& archive, JobStore& store, const Clock& clock, RouterOptions router,
             JobProtocolOptions jobs, GatherFunction gather, std::function<void()> copies_wait,
             std::function<void()> retry_waits);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Any thread, none of them blocks.
  void JobReady();
  void Revoked(JobId job, std::uint32_t attempt, std::string reason);
  DispatchStatus GetStatus() const;

  // Ends both threads after their present step; leases stay in the ledger for the next start.
  // Idempotent.
  void Stop();

 private:
  struct JobReadyNote {};
  struct RevokedNote {
    JobId job = 0;
    std::uint32_t attempt = 0;
    std::string reason;
  };
  using Note = std::variant<JobReadyNote, RevokedNote, ArchiveIoReply>;

  void Run();
  void Step(SteadyMs& next_tick);
  // False: not listening yet.
  bool Listen();
  // False: `step` threw; logs what, and pauses.
  bool Tried(const std::function<void()>& step);
  void Put(Note note);
  void HandleNotes();
  void Publish();

  const Clock& clock_;
  const RouterOptions router_options_;

  mutable Mutex mutex_;
  std::deque<Note> notes_ GUARDED_BY(mutex_);
  DispatchStatus status_ GUARDED_BY(mutex_);
  Router* to_wake_ GUARDED_BY(mutex_) = nullptr;  // router_, for other threads.
  std::shared_ptr<Router> router_;                // Of the socket thread.
  std::atomic<bool> stopping_ = false;

  ArchiveIo archive_io_;
  JobProtocol job_protocol_;
  std::thread thread_;
};

}  // namespace osteon::plugin
