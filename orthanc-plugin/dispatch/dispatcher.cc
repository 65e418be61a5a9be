// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/dispatcher.h"

#include <chrono>

#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr int kPollMs = 250;           // At most, so that ticks come in time.
constexpr SteadyMs kTickMs = 500;      // Leases and windows are exact to half a second.
constexpr int kListenAgainMs = 2'000;  // The address may be free again when another Orthanc ends.
constexpr int kStopCheckMs = 50;       // While there is no socket to wait at.
constexpr int kThrownMs = 100;         // After an exception, so that a lasting one does not spin.

}  // namespace

Dispatcher::Dispatcher(Archive& archive, JobStore& store, const Clock& clock, RouterOptions router,
                       JobProtocolOptions jobs, GatherFunction gather,
                       std::function<void()> copies_wait, std::function<void()> retry_waits)
    : clock_(clock),
      router_options_(std::move(router)),
      archive_io_(archive, store, std::move(gather),
                  [this](ArchiveIoReply reply) { Put(std::move(reply)); }),
      job_protocol_(
          store, clock, std::move(jobs),
          {[this](const PeerId& peer, const protocol::Message& message) {
             return router_->Send(peer, message);
           },
           [this](Job job, PeerId peer) { archive_io_.Prepare(std::move(job), std::move(peer)); },
           [this](Job job, PeerId peer, protocol::Fetch asked) {
             archive_io_.Fetch(std::move(job), std::move(peer), std::move(asked));
           },
           [this](Job job, std::vector<ReceivedDocument> documents, DeliveryMode mode) {
             archive_io_.Deliver(std::move(job), std::move(documents), mode);
           },
           [this](JobId job) { archive_io_.Forget(job); }, std::move(copies_wait),
           std::move(retry_waits)}),
      thread_([this] { Run(); }) {}

Dispatcher::~Dispatcher() { Stop(); }

void Dispatcher::Stop() {
  stopping_ = true;
  {
    const MutexLock lock(mutex_);
    if (to_wake_) to_wake_->Wake();
  }
  if (thread_.joinable()) thread_.join();
  archive_io_.Stop();
}

void Dispatcher::Put(Note note) {
  const MutexLock lock(mutex_);
  notes_.push_back(std::move(note));
  if (to_wake_) to_wake_->Wake();
}

void Dispatcher::JobReady() { Put(JobReadyNote{}); }

void Dispatcher::Revoked(JobId job, std::uint32_t attempt, std::string reason) {
  Put(RevokedNote{job, attempt, std::move(reason)});
}

DispatchStatus Dispatcher::GetStatus() const {
  const MutexLock lock(mutex_);
  return status_;
}

bool Dispatcher::Listen() {
  auto opened = Router::Open(router_options_);
  const MutexLock lock(mutex_);
  if (!opened) {
    if (status_.trouble != opened.error().message())
      LogError("dispatch: " + opened.error().message());
    status_.trouble = opened.error().message();
    return false;
  }
  router_ = *std::move(opened);
  to_wake_ = router_.get();
  status_.listening = true;
  LogInfo("listening for workers on " + router_options_.endpoint +
          (router_options_.server_keys ? " (CURVE)" : " (this machine only, no CURVE)"));
  return true;
}

bool Dispatcher::Tried(const std::function<void()>& step) {
  const Status done = Guarded("dispatch", [&] {
    step();
    return Status();
  });
  if (done) return true;
  {
    const MutexLock lock(mutex_);
    if (status_.trouble != done.error().message()) LogError(done.error().message());
    status_.trouble = done.error().message();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(kThrownMs));
  return false;
}

void Dispatcher::Run() {
  for (int waited_ms = kListenAgainMs; !router_ && !stopping_; waited_ms += kStopCheckMs) {
    if (waited_ms >= kListenAgainMs) {
      waited_ms = 0;
      bool listening = false;
      Tried([&] { listening = Listen(); });
      if (listening) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kStopCheckMs));
  }
  for (bool started = false; !started && !stopping_;) {
    Tried([&] { started = job_protocol_.Start().ok(); });
    if (!started) std::this_thread::sleep_for(std::chrono::milliseconds(kStopCheckMs));
  }
  SteadyMs next_tick = 0;
  while (!stopping_) Tried([&] { Step(next_tick); });
  const MutexLock lock(mutex_);
  status_.listening = false;
  to_wake_ = nullptr;
  router_.reset();
}

void Dispatcher::Step(SteadyMs& next_tick) {
  for (const Incoming& incoming : router_->Poll(kPollMs))
    job_protocol_.OnMessage(incoming.peer, incoming.message);
  HandleNotes();
  if (clock_.Steady() >= next_tick) {
    next_tick = clock_.Steady() + kTickMs;
    job_protocol_.OnTick();
  }
  Publish();
}

void Dispatcher::HandleNotes() {
  std::deque<Note> notes;
  {
    const MutexLock lock(mutex_);
    notes.swap(notes_);
  }
  for (Note& note : notes) {
    if (auto* reply = std::get_if<ArchiveIoReply>(&note))
      job_protocol_.OnReply(std::move(*reply));
    else if (const auto* revoked = std::get_if<RevokedNote>(&note))
      job_protocol_.OnRevoked(revoked->job, revoked->attempt, revoked->reason);
    else
      job_protocol_.OnTick();
  }
}

void Dispatcher::Publish() {
  const MutexLock lock(mutex_);
  status_.trouble = job_protocol_.trouble();
  status_.workers = job_protocol_.scheduler().Workers();
  status_.leases = job_protocol_.scheduler().Leases();
  status_.jobs = job_protocol_.counts();
  status_.router = router_->counts();
  status_.keys = router_->GetWorkerKeys();
}

}  // namespace osteon::plugin
