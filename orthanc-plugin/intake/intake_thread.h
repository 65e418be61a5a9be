// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that runs Intake. Orthanc's callback calls Wake and Deleted, which only set a flag.
#pragma once

#include <condition_variable>
#include <thread>

#include "orthanc-plugin/intake/intake.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

class IntakeThread {
 public:
  // `intake` is used by the new thread only, from here until Stop.
  explicit IntakeThread(Intake& intake);
  ~IntakeThread();
  IntakeThread(const IntakeThread&) = delete;
  IntakeThread& operator=(const IntakeThread&) = delete;

  // Any thread; never block.
  void Wake();
  void Deleted(std::string study_id);
  void Rescan();
  // Waits until the present round has ended. Idempotent.
  void Stop();

  // The last error of a round; empty while all is well. Any thread.
  std::string Trouble() const;

 private:
  void Run();
  void RunRound(const Intake::Wake& wake, UnixMs& pause_ms);

  Intake& intake_;
  mutable Mutex mutex_;
  std::condition_variable changed_;
  bool awake_ GUARDED_BY(mutex_) = true;  // The first round runs at once.
  bool stopping_ GUARDED_BY(mutex_) = false;
  Intake::Wake wake_ GUARDED_BY(mutex_);
  // Until the first round is done, what the ledger says may be older than Orthanc.
  std::string trouble_ GUARDED_BY(mutex_) = "still comparing Orthanc's studies with the ledger";
  std::thread thread_;
};

}  // namespace osteon::plugin
