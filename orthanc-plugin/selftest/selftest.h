// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that carries out a self-test when somebody has asked for one on the page. At most one
// runs on a ledger. It is in the ledger while it runs, so that its study also goes when Orthanc
// dies in the middle: the next start, or another Orthanc, finds it.
#pragma once

#include <condition_variable>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "orthanc-plugin/selftest/course.h"
#include "pipelines/base/mutex.h"

namespace osteon::plugin {

class Selftest {
 public:
  // Starts the thread. REQUIRES: what is referred to outlives it.
  Selftest(std::function<WebContext()> context, const PackedStudy& study, SelftestTimes times);
  ~Selftest();
  Selftest(const Selftest&) = delete;
  Selftest& operator=(const Selftest&) = delete;

  // Any thread; does not wait for it. Errors: kCancelled while one runs; kUnavailable.
  Status Begin(const std::string& actor);
  // One that runs ends as stopped, and its study goes. Idempotent.
  void Stop();

 private:
  void Run();
  Status CarryOut(SelftestRun run);
  Status End(const SelftestRun& run, const SelftestEnd& end);
  Status EndAbandoned();
  // Waits for a moment, and shows that this Orthanc is at it. False: stopping, or another one has
  // ended it.
  bool Beat(SelftestRun& run);

  const std::function<WebContext()> context_;
  const PackedStudy& study_;
  const SelftestTimes times_;

  SelftestRun watched_;  // Of another Orthanc, or from before this start; of the thread.
  SteadyMs watched_since_ms_ = 0;

  Mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::optional<SelftestRun> begun_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace osteon::plugin
