// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/forwarder.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr int kIdleMs = 5'000;  // Between two looks when nobody wakes the thread.
// More copies than a night makes: those of a destination that does not commit must not hide those
// of others.
constexpr int kBatch = 1000;
constexpr SteadyMs kClaimAgainMs = kAbandonedMs / 4;  // Two renewals may fail.
// Orthanc 1.10 remembers 100 commitments ("StorageCommitmentReportsSize"), including those that
// other nodes ask of it.
constexpr std::size_t kMostUncommitted = 50;
// The next look for an answer comes after a tenth of the time waited so far, within these limits.
constexpr SteadyMs kLookSoonestMs = 500, kLookLatestMs = 10'000;

// The row after an attempt that ended so.
DeliveryRow Outcome(const DeliveryRow& row, const Status& delivered, const ForwardOptions& options,
                    UnixMs now_ms) {
  DeliveryRow now = row;
  now.state = "waiting";
  if (!delivered && delivered.error().code() == ErrorCode::kCancelled) return now;
  ++now.attempts;
  if (delivered) {
    now.state = "sent";
    now.reason = options.commitment == Commitment::kAsk ? "stored and committed" : "stored";
    return now;
  }
  now.reason = delivered.error().message();
  if (!IsRetryable(delivered.error().code()) || now.attempts >= options.retry.max_failures)
    now.state = "failed";
  else
    now.not_before_ms = now_ms + RetryDelayMs(options.retry, now.attempts, 0.5);
  return now;
}

}  // namespace

bool SenderWatch::IsAbandoned(const DeliveryRow& row, SteadyMs now_ms) {
  const auto [seen, is_new] = seen_.try_emplace({row.job, row.destination});
  if (is_new || seen->second.number != row.not_before_ms)
    seen->second = {row.not_before_ms, now_ms};
  return now_ms - seen->second.since_ms >= kAbandonedMs;
}

void SenderWatch::Keep(const std::vector<DeliveryRow>& rows) {
  std::erase_if(seen_, [&](const auto& entry) {
    return std::none_of(rows.begin(), rows.end(), [&](const DeliveryRow& row) {
      return row.state == "sending" && entry.first == std::pair(row.job, row.destination);
    });
  });
}

Forwarder::Forwarder(Archive& archive, JobStore& store, const Clock& clock, ForwardOptions options)
    : archive_(archive),
      store_(store),
      clock_(clock),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

Forwarder::~Forwarder() { Stop(); }

void Forwarder::Wake() {
  {
    const MutexLock lock(mutex_);
    awake_ = true;
  }
  changed_.notify_one();
}

void Forwarder::Stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// False when stopping.
bool Forwarder::WaitForWork() {
  SteadyMs wait_ms = kIdleMs;
  const Status soonest = Guarded("copies", [&] {
    const SteadyMs now_ms = clock_.Steady();
    for (const Held& held : held_) wait_ms = std::clamp(held.look_ms - now_ms, INT64_C(0), wait_ms);
    if (retry_ms_) wait_ms = std::clamp(*retry_ms_ - now_ms, INT64_C(0), wait_ms);
    if (retry_ms_ && *retry_ms_ <= now_ms) retry_ms_.reset();
    return Status();
  });
  if (!soonest) LogError(soonest.error().message());
  MutexLock lock(mutex_);
  lock.WaitFor(changed_, std::chrono::milliseconds(wait_ms),
               [this]() REQUIRES_LOCK(mutex_) { return awake_ || stopping_; });
  awake_ = false;
  return !stopping_;
}

// False when stopping. Everything slow calls this: it renews the claims on the copies held here.
bool Forwarder::Pause(int ms) {
  ClaimAgain();
  MutexLock lock(mutex_);
  return !lock.WaitFor(changed_, std::chrono::milliseconds(ms),
                       [this]() REQUIRES_LOCK(mutex_) { return stopping_; });
}

void Forwarder::Run() {
  const Status warned = Guarded("copies", [this] {
    const std::string unknown = UnknownDestinations(archive_, options_.destinations);
    if (!unknown.empty()) LogWarning(unknown);
    return Status();
  });
  if (!warned) LogError(warned.error().message());
  while (WaitForWork()) {
    const Status done = Guarded("copies", [this] {
      LookForCommitments();
      SendDue();
      ClaimAgain();
      return Status();
    });
    if (!done) LogError(done.error().message());
  }
  // These are sent again at the next start, since Orthanc forgets its commitments.
  const Status closed = Guarded("copies", [this] {
    for (const Held& held : held_) Close(held, Cancelled("stopping"));
    return Status();
  });
  if (!closed) LogError(closed.error().message());
}

void Forwarder::SendDue() {
  const auto due = store_.DueDeliveries(clock_.Now(), options_.retry.max_ms, kBatch);
  if (!due) return;
  watch_.Keep(*due);
  for (const DeliveryRow& row : *due) {
    if (Holds(row) || !HasRoomFor(row.destination)) continue;
    if (row.state != "sending" || watch_.IsAbandoned(row, clock_.Steady())) Send(row);
    if (!Pause(0)) return;
  }
}

void Forwarder::Send(const DeliveryRow& row) {
  const auto claimed = store_.ClaimDelivery(row, clock_.Now());
  if (!claimed) return;  // Another Orthanc was quicker, or the ledger does not answer.
  held_.push_back({*claimed, clock_.Steady(), "", 0, INT64_MAX});
  auto transaction = Guarded("send a copy", [&] {
    return StoreCopy(archive_, store_, row, options_.commitment, clock_,
                     [this](int ms) { return Pause(ms); });
  });
  Held& held = held_.back();
  if (transaction && !transaction->empty()) {
    held.transaction = *std::move(transaction);
    held.stored_ms = clock_.Steady();
    held.look_ms = held.stored_ms + kLookSoonestMs;
    DeliveryRow told = held.row;  // Shown with the job meanwhile.
    told.reason = "stored, not committed yet";
    if (store_.UpdateDelivery(held.row, told)) held.row = std::move(told);
    return;
  }
  Close(held, transaction ? Status() : Status(transaction.error()));
  held_.pop_back();
}

void Forwarder::LookForCommitments() {
  std::vector<Held> uncommitted;
  for (Held& held : held_) {
    if (const auto delivered = LookForCommitment(held))
      Close(held, *delivered);
    else
      uncommitted.push_back(std::move(held));
  }
  held_ = std::move(uncommitted);
}

// How the copy ended; nothing while there is no answer.
std::optional<Status> Forwarder::LookForCommitment(Held& held) {
  const SteadyMs now_ms = clock_.Steady();
  if (now_ms < held.look_ms) return std::nullopt;
  const auto answer =
      Guarded("ask for a commitment", [&] { return AskCommitment(archive_, held.transaction); });
  if (!answer) return Error(answer.error()).During("storage commitment");
  if (*answer == CommitmentAnswer::kCommitted) return Status();
  if (*answer == CommitmentAnswer::kRefused)
    return Unavailable("the other side did not commit to keep the objects");
  const SteadyMs age_ms = now_ms - held.stored_ms;
  if (age_ms >= options_.commitment_timeout_ms)
    return Unavailable(fmt::format("storage commitment: no answer within {} s",
                                   options_.commitment_timeout_ms / 1000));
  held.look_ms = now_ms + std::clamp(age_ms / 10, kLookSoonestMs, kLookLatestMs);
  return std::nullopt;
}

bool Forwarder::Holds(const DeliveryRow& row) const {
  return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
    return held.row.job == row.job && held.row.destination == row.destination;
  });
}

// Each destination has the same share.
bool Forwarder::HasRoomFor(const std::string& destination) const {
  const auto held = std::count_if(held_.begin(), held_.end(), [&](const Held& one) {
    return one.row.destination == destination;
  });
  const std::size_t destinations = std::max<std::size_t>(options_.destinations.size(), 1);
  return static_cast<std::size_t>(held) < std::max<std::size_t>(kMostUncommitted / destinations, 1);
}

void Forwarder::ClaimAgain() {
  for (Held& held : held_) {
    if (clock_.Steady() - held.claimed_ms < kClaimAgainMs) continue;
    held.claimed_ms = clock_.Steady();
    if (auto again = store_.ClaimDelivery(held.row, clock_.Now())) held.row = *std::move(again);
  }
}

void Forwarder::Close(const Held& held, const Status& delivered) {
  const DeliveryRow now = Outcome(held.row, delivered, options_, clock_.Now());
  if (now.state == "waiting" && now.not_before_ms > clock_.Now()) {
    const SteadyMs at_ms = clock_.Steady() + now.not_before_ms - clock_.Now();
    retry_ms_ = std::min(retry_ms_.value_or(at_ms), at_ms);
  }
  const std::string label = fmt::format("job {}, copy to {}: ", now.job, now.destination);
  if (Status written = store_.UpdateDelivery(held.row, now); !written)
    LogError(label + written.error().message());
  if (now.state == "failed")
    LogError(label + "given up, " + now.reason);
  else
    LogInfo(label + now.state + (now.reason.empty() ? "" : ", " + now.reason));
}

}  // namespace osteon::plugin
