// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/intake_thread.h"

#include <algorithm>
#include <chrono>

#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

// Every instance of a study wakes the thread; a round begins so much later, to take many at once.
constexpr std::chrono::milliseconds kGatherMs(250);
constexpr UnixMs kAfterErrorMs = 5'000;  // Orthanc or ledger do not answer: tried again.
// With more deleted studies than this, all studies are compared instead.
constexpr std::size_t kMaxDeleted = 10'000;

}  // namespace

IntakeThread::IntakeThread(Intake& intake) : intake_(intake), thread_([this] { Run(); }) {}

IntakeThread::~IntakeThread() { Stop(); }

void IntakeThread::Wake() {
  {
    const MutexLock lock(mutex_);
    awake_ = true;
  }
  changed_.notify_one();
}

void IntakeThread::Deleted(std::string study_id) {
  {
    const MutexLock lock(mutex_);
    awake_ = true;
    if (wake_.deleted_studies.size() < kMaxDeleted)
      wake_.deleted_studies.push_back(std::move(study_id));
    else
      wake_.rescan = true;
  }
  changed_.notify_one();
}

void IntakeThread::Rescan() {
  {
    const MutexLock lock(mutex_);
    awake_ = true;
    wake_.rescan = true;
  }
  changed_.notify_one();
}

void IntakeThread::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::string IntakeThread::Trouble() const {
  const MutexLock lock(mutex_);
  return trouble_;
}

void IntakeThread::Run() {
  UnixMs pause_ms = 0;
  while (true) {
    Intake::Wake wake;
    {
      MutexLock lock(mutex_);
      lock.WaitFor(changed_, std::chrono::milliseconds(pause_ms),
                   [this]() REQUIRES_LOCK(mutex_) { return awake_ || stopping_; });
      if (!stopping_ && awake_)
        lock.WaitFor(changed_, kGatherMs, [this]() REQUIRES_LOCK(mutex_) { return stopping_; });
      if (stopping_) return;
      awake_ = false;
      wake = std::exchange(wake_, {});
    }
    RunRound(wake, pause_ms);
  }
}

void IntakeThread::RunRound(const Intake::Wake& wake, UnixMs& pause_ms) {
  const auto next = Guarded("round", [&] { return intake_.Round(wake); });
  const MutexLock lock(mutex_);
  if (next) {
    pause_ms = *next;
    trouble_.clear();
    return;
  }
  pause_ms = kAfterErrorMs;
  if (trouble_ != next.error().message()) LogError("intake: " + next.error().message());
  trouble_ = next.error().message();
  // Deletions are reported only once, so they are kept for the next round.
  wake_.deleted_studies.insert(wake_.deleted_studies.end(), wake.deleted_studies.begin(),
                               wake.deleted_studies.end());
  wake_.rescan = wake_.rescan || wake.rescan;
}

}  // namespace osteon::plugin
