// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/worker.h"

#include <fmt/core.h>

#include <algorithm>

#include "pipelines/base/log.h"
#include "pipelines/base/version.h"

namespace osteon {

using protocol::Lease;

namespace {

constexpr SteadyMs kGreetIntervalMs = 1'000;  // Between two HELLOs to a plugin that asks for them.
constexpr SteadyMs kOtherVersionMs = 60'000;  // The protocol's README: asked again every minute.
// With more unanswered results than slots and this, the plugin cannot store: no new job, or the
// disk would fill.
constexpr std::size_t kMaxOffersBeyondSlots = 4;
// Chosen: room for results and logs beside the study.
constexpr std::uint64_t kSpareDiskBytes = std::uint64_t{256} << 20;

std::uint64_t StudyBytes(const protocol::Job& job) {
  std::uint64_t bytes = 0;
  for (const protocol::JobInstance& instance : job.instances) bytes += instance.bytes;
  return bytes;
}

std::uint64_t ResultBytes(const protocol::Message& outcome) {
  std::uint64_t bytes = 0;
  if (const auto* result = std::get_if<protocol::ResultManifest>(&outcome))
    for (const protocol::ResultDocument& document : result->documents) bytes += document.bytes;
  return bytes;
}

std::string Mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

}  // namespace

std::string Describe(const Lease& lease) {
  return fmt::format("job {} attempt {}", lease.job, lease.attempt);
}

Worker::Worker(Settings settings, Spool spool, Send send)
    : config_(std::move(settings.config)),
      pipeline_(std::move(settings.pipeline)),
      spool_(std::move(spool)),
      send_(std::move(send)) {
  for (SpooledOffer& offer : spool_.LoadOffers()) {
    LogInfo(Describe(LeaseOf(offer)) + ": a result from before the restart is offered again");
    AddOffer(std::move(offer), 0);
  }
}

// --- the connection ---

void Worker::OnConnected(SteadyMs now) {
  connected_ = true;
  greeted_ = false;
  greet_at_ = now;
  Greet(now);
}

void Worker::OnDisconnected() {
  connected_ = false;
  greeted_ = false;
}

protocol::Hello Worker::HelloMessage() const {
  return {config_.name,      std::string(kVersion), pipeline_.name,
          pipeline_.version, pipeline_.hash,        config_.slots};
}

void Worker::Use(Settings settings, SteadyMs now) {
  config_ = std::move(settings.config);
  pipeline_ = std::move(settings.pipeline);
  announced_.reset();
  // When the connection does not take it, the next tick sends both again.
  if (greeted_) greeted_ = send_(HelloMessage());
  SendReady(now);
}

void Worker::SetTrouble(std::string trouble) {
  if (trouble_ == trouble) return;
  trouble_ = std::move(trouble);
  announced_.reset();  // READY carries it.
}

// Says HELLO, and again all that a restarted plugin does not know.
void Worker::Greet(SteadyMs now) {
  if (!connected_ || greeted_ || now < greet_at_) return;
  if (!send_(HelloMessage())) return;
  greeted_ = true;
  greet_at_ = now + kGreetIntervalMs;
  announced_.reset();
  SendReady(now);
  for (auto& [id, offer] : offers_) offer.Restart();
  for (auto& [id, active] : active_) {
    active.touch_at = now;
    active.receiver.AskAgain();
  }
}

std::uint32_t Worker::FreeSlots() const {
  if (drain_until_ || offers_.size() >= config_.slots + kMaxOffersBeyondSlots) return 0;
  return config_.slots - std::min(config_.slots, static_cast<std::uint32_t>(active_.size()));
}

void Worker::SendReady(SteadyMs now) {
  const std::uint32_t free_slots = FreeSlots();
  if (announced_ == free_slots && now < ready_at_) return;
  const auto clock_ms = static_cast<std::uint64_t>(SystemClock().Now());
  if (!Say(protocol::Ready{free_slots, trouble_, clock_ms})) return;
  announced_ = free_slots;
  ready_at_ = now + SteadyMs{1000} * protocol::kReadyIntervalSeconds;
}

WorkerFigures Worker::Figures() const {
  WorkerFigures figures = totals_;
  figures.connected = greeted_;
  figures.trouble = !trouble_.empty();
  figures.slots = config_.slots;
  figures.free_slots = FreeSlots();
  figures.results_waiting = offers_.size();
  if (const auto free_bytes = FreeBytes(spool_.root())) figures.spool_free_bytes = *free_bytes;
  return figures;
}

bool Worker::WantsToWrite() const {
  return greeted_ && std::any_of(offers_.begin(), offers_.end(),
                                 [](const auto& entry) { return entry.second.WantsToWrite(); });
}

void Worker::OnWritable(SteadyMs now) {
  if (!greeted_) return;
  for (auto& [id, offer] : offers_) offer.Advance(now, send_);
}

// --- messages ---

void Worker::OnMessage(const protocol::Message& message, SteadyMs now) {
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { Take(m, now); }) {
          Take(m, now);
        } else {
          LogWarning("the plugin sent a message that only workers send");
        }
      },
      message);
  SendReady(now);
}

// Why this worker cannot take the job, cheapest check first; nothing when it can.
std::optional<Error> Worker::WhyNot(const protocol::Job& job) const {
  if (drain_until_) return Cancelled("the worker is stopping");
  if (FreeSlots() == 0) return Unavailable("no free slot on this worker");
  if (!job.pipeline_hash.empty() && job.pipeline_hash != pipeline_.hash)
    return Cancelled("the settings of this worker changed while the job was on its way");
  const std::uint64_t bytes = StudyBytes(job);
  if (bytes > config_.max_study_bytes) {
    return Unsupported(fmt::format("the study has {}, more than max_study_mib = {}",
                                   Mebibytes(bytes), config_.max_study_bytes >> 20));
  }
  Result<std::uint64_t> free_bytes = FreeBytes(spool_.root());
  if (!free_bytes) return std::move(free_bytes).error();
  if (*free_bytes < bytes + kSpareDiskBytes) {
    return Unavailable("the spool has " + Mebibytes(*free_bytes) + " free, the study needs " +
                       Mebibytes(bytes + kSpareDiskBytes));
  }
  return std::nullopt;
}

bool Worker::AnswerKnown(const protocol::Job& job, SteadyMs now) {
  if (const auto active = active_.find(job.lease.job); active != active_.end()) {
    if (active->second.job.lease.attempt >= job.lease.attempt) return true;
    Forget(active->second.job.lease);
    return false;
  }
  const auto known = offers_.find(job.lease.job);
  if (known == offers_.end()) return false;
  Offer& offer = known->second;
  if (offer.lease().attempt > job.lease.attempt) return true;
  if (offer.lease() == job.lease) {
    offer.Restart();
    return true;
  }
  const auto* result = std::get_if<protocol::ResultManifest>(&offer.spooled().outcome);
  if (result == nullptr || result->fingerprint != job.fingerprint) {
    Forget(offer.lease());
    return false;
  }
  LogInfo(Describe(job.lease) + ": the result of an earlier attempt is still here");
  Result<SpooledOffer> relabelled = spool_.Relabel(std::move(offer).Release(), job.lease);
  offers_.erase(known);
  if (!relabelled) return false;
  AddOffer(std::move(relabelled).value(), now);
  return true;
}

void Worker::Take(const protocol::Job& job, SteadyMs now) {
  announced_.reset();  // The plugin took a free slot off for this job: tell it the number again.
  if (AnswerKnown(job, now)) return;
  if (const std::optional<Error> reason = WhyNot(job)) {
    Fail(job.lease, "accept", {*reason}, now);
    return;
  }
  Result<std::filesystem::path> run = spool_.BeginRun(job);
  if (!run) {
    Fail(job.lease, "accept", {run.error()}, now);
    return;
  }
  LogInfo(fmt::format("{}: {} instances, {}", Describe(job.lease), job.instances.size(),
                      Mebibytes(StudyBytes(job))));
  Active active{.job = job, .run = *run, .receiver = Receiver(job, *run), .child = std::nullopt};
  active.touch_at = active.last_piece = now;
  const auto inserted = active_.emplace(job.lease.job, std::move(active)).first;
  ++totals_.jobs;
  AskForMore(inserted->second, now);
  Touch(inserted->second, now);
}

void Worker::Take(const protocol::Instance& piece, SteadyMs now) {
  const auto found = active_.find(piece.lease.job);
  if (found == active_.end() || found->second.job.lease != piece.lease) return;
  Active& active = found->second;
  const std::uint64_t before = active.receiver.pieces_taken();
  const Status status = active.receiver.Take(piece);
  if (!status) {
    Fail(piece.lease, active.stage, {status.error()}, now);
    return;
  }
  if (active.receiver.pieces_taken() != before) {
    active.last_piece = now;
    totals_.received_bytes += piece.bytes.size();
  }
  AskForMore(active, now);
  if (active.receiver.Complete() && !active.child) StartChild(active, now);
}

void Worker::Take(const protocol::Committed& committed, SteadyMs /*now*/) {
  LogInfo(Describe(committed.lease) + ": committed");
  if (const auto offer = offers_.find(committed.lease.job); offer != offers_.end())
    totals_.sent_bytes += ResultBytes(offer->second.spooled().outcome);
  Forget(committed.lease);
}

void Worker::Take(const protocol::Stale& stale, SteadyMs /*now*/) {
  LogInfo(Describe(stale.lease) + ": stale: " + stale.reason);
  Forget(stale.lease);
}

void Worker::Take(const protocol::Cancel& cancel, SteadyMs /*now*/) {
  LogInfo(Describe(cancel.lease) + ": cancelled: " + cancel.reason);
  Forget(cancel.lease);
  Say(protocol::Failed{cancel.lease, ErrorCode::kCancelled, "unknown",
                       "cancelled: " + cancel.reason});
}

void Worker::Take(const protocol::Refused& refused, SteadyMs now) {
  if (refused.reason == protocol::RefusedReason::kMalformed) {
    LogError("the plugin could not read a message: " + refused.message);
    return;
  }
  greeted_ = false;
  if (refused.reason == protocol::RefusedReason::kVersion) {
    LogError("the plugin refuses this worker's protocol version: " + refused.message);
    greet_at_ = now + kOtherVersionMs;
  }
}

// Drops the attempt in whatever state it is; another attempt of the same job stays.
// NOLINTNEXTLINE(performance-unnecessary-value-param): callers pass the lease that is erased here.
void Worker::Forget(Lease lease) {
  if (const auto active = active_.find(lease.job);
      active != active_.end() && active->second.job.lease == lease) {
    active->second.child.reset();
    spool_.Remove(active->second.run);
    active_.erase(active);
  }
  if (const auto offer = offers_.find(lease.job);
      offer != offers_.end() && offer->second.lease() == lease) {
    spool_.Remove(offer->second.spooled().folder);
    offers_.erase(offer);
  }
}

}  // namespace osteon
