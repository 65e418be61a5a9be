// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/selftest/selftest.h"

#include <chrono>

#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {

Selftest::Selftest(std::function<WebContext()> context, const PackedStudy& study,
                   SelftestTimes times)
    : context_(std::move(context)), study_(study), times_(times), thread_([this] { Run(); }) {}

Selftest::~Selftest() { Stop(); }

void Selftest::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Status Selftest::Begin(const std::string& actor) {
  const WebContext context = context_();
  const UnixMs now_ms = context.clock.Now();
  const SelftestRun run{StudyUidOf(study_, now_ms), now_ms, 0, actor};
  const MutexLock lock(mutex_);
  if (stopping_) return Unavailable("Orthanc is stopping");
  if (Status claimed = context.store.ReplaceSelftest({}, run); !claimed) return claimed;
  begun_ = run;
  changed_.notify_one();
  return {};
}

void Selftest::Run() {
  std::string told;
  const auto awake = [this]() REQUIRES_LOCK(mutex_) { return stopping_ || begun_; };
  while (true) {
    std::optional<SelftestRun> begun;
    {
      MutexLock lock(mutex_);
      lock.WaitFor(changed_, std::chrono::milliseconds(times_.look_ms), awake);
      begun.swap(begun_);
      if (stopping_ && !begun) return;
    }
    const Status done =
        Guarded("the self-test", [&] { return begun ? CarryOut(*begun) : EndAbandoned(); });
    const std::string trouble = done ? std::string() : done.error().message();
    if (!trouble.empty() && trouble != told) LogWarning("self-test: " + trouble);
    told = trouble;
  }
}

bool Selftest::Beat(SelftestRun& run) {
  {
    MutexLock lock(mutex_);
    if (lock.WaitFor(changed_, std::chrono::milliseconds(times_.poll_ms),
                     [this]() REQUIRES_LOCK(mutex_) { return stopping_; }))
      return false;
  }
  SelftestRun next = run;
  ++next.beat;
  const Status shown = context_().store.ReplaceSelftest(run, next);
  if (shown) run = next;
  return shown || shown.error().code() != ErrorCode::kCancelled;
}

// The study goes first: what is left of a failure here is found as abandoned.
Status Selftest::End(const SelftestRun& run, const SelftestEnd& end) {
  const WebContext context = context_();
  if (Status gone = DeleteSelftestStudy(context.archive, run.study_uid); !gone) return gone;
  if (Status kept = context.store.KeepSelftest(SelftestJson(run, end, context.clock.Now())); !kept)
    return kept;
  return context.store.ReplaceSelftest(run, {});
}

Status Selftest::CarryOut(SelftestRun run) {
  LogInfo("self-test: begun by " + run.actor);
  const SelftestEnd end = RunSelftest(context_(), study_, run, times_, [&] { return Beat(run); });
  Status ended = End(run, end);
  while (!ended && ended.error().code() != ErrorCode::kCancelled && Beat(run))
    ended = End(run, end);
  if (ended) LogInfo("self-test: " + (end.code.empty() ? "passed" : end.code + " " + end.detail));
  return ended;
}

Status Selftest::EndAbandoned() {
  const WebContext context = context_();
  const auto running = context.store.RunningSelftest();
  if (!running) return running.error();
  if (running->study_uid.empty() || *running != watched_) {
    watched_ = *running;
    watched_since_ms_ = context.clock.Steady();
    return {};
  }
  if (context.clock.Steady() - watched_since_ms_ < times_.abandoned_ms) return {};
  SelftestEnd stopped;
  stopped.code = "stopped";
  return End(*running, stopped);
}

}  // namespace osteon::plugin
