// SPDX-License-Identifier: GPL-3.0-or-later
// The other part of Worker: a job from JOB to its outcome, and the end of the worker.
#include "daemon/worker/worker.h"

#include <fmt/core.h>

#include "pipelines/base/log.h"

namespace osteon {

using protocol::Lease;

namespace {

constexpr SteadyMs kLeaveGraceMs = 5'000;  // A draining worker waits so long for its last answers.
constexpr SteadyMs kListenOnMs = 500;      // Longer than a JOB takes on a slow network.
constexpr double kReceiveShare = 0.1;      // Chosen: share of receiving in a job's progress.
constexpr SteadyMs kTouchesPerLease = 4;   // The protocol wants three; one may be late.
// How often lost pieces are asked for again before receive_timeout_seconds are over.
constexpr SteadyMs kAsksPerTimeout = 6;

// What each stage took, for the log: "; read 210 ms, 64 MiB; compose ..." (the memory is the peak
// until then).
std::string CostsInWords(const protocol::Message& outcome) {
  std::string words;
  const auto* result = std::get_if<protocol::ResultManifest>(&outcome);
  if (!result) return words;
  for (const protocol::StageCost& cost : result->stages) {
    words += fmt::format("; {} {} ms, {} MiB", cost.stage, cost.milliseconds,
                         cost.peak_memory_bytes >> 20);
  }
  return words;
}

}  // namespace

void Worker::AddOffer(SpooledOffer spooled, SteadyMs now) {
  const std::string job = LeaseOf(spooled).job;
  offers_.erase(job);
  const SteadyMs again_ms = SteadyMs{config_.offer_again_seconds} * 1000;
  const auto inserted = offers_.emplace(job, Offer(std::move(spooled), again_ms)).first;
  if (greeted_) inserted->second.Advance(now, send_);
}

void Worker::Fail(const Lease& lease, const std::string& stage, const Loss& loss, SteadyMs now) {
  const Error& error = loss.error;
  LogWarning(Describe(lease) + ": " + std::string(osteon::Name(error.code())) + " in " + stage +
             ": " + error.message());
  if (error.code() != ErrorCode::kCancelled) ++totals_.failed;
  const protocol::Failed failed = {lease, error.code(), stage, error.message(), loss.ending};
  Forget(lease);
  AddOffer(spool_.OfferFailure(failed), now);
}

void Worker::Touch(Active& active, SteadyMs now) {
  if (!Say(protocol::Touch{active.job.lease, active.stage, active.fraction})) return;
  active.touch_at = now + SteadyMs{active.job.lease_seconds} * 1000 / kTouchesPerLease;
}

void Worker::AskForMore(Active& active, SteadyMs now) {
  while (const std::optional<protocol::Fetch> fetch = active.receiver.NextFetch()) {
    if (!Say(*fetch)) return;
    active.receiver.MarkAsked(*fetch);
    active.ask_again_at = now + SteadyMs{config_.receive_timeout_seconds} * 1000 / kAsksPerTimeout;
  }
}

void Worker::StartChild(Active& active, SteadyMs now) {
  ChildCommand command;
  command.arguments = {"job",
                       "--folder",
                       active.run.string(),
                       "--threads",
                       std::to_string(config_.threads),
                       "--pipeline-hash",
                       pipeline_.hash};
  if (!config_.model_dir.empty()) {
    command.arguments.insert(command.arguments.end(), {"--model-dir", config_.model_dir.string()});
  }
  if (!config_.file.empty()) {
    command.arguments.insert(command.arguments.end(), {"--config", config_.file.string()});
  }
  command.run_folder = active.run;
  command.threads = config_.threads;
  Result<Child> child = Child::Start(command, config_.limits, now);
  if (!child) {
    Fail(Lease(active.job.lease), "start", {child.error()}, now);
    return;
  }
  active.child.emplace(std::move(child).value());
  active.stage = "read";
  active.fraction = kReceiveShare;
  active.touch_at = now;
}

std::optional<Worker::Loss> Worker::AdvanceReceiving(Active& active, SteadyMs now) {
  active.fraction = kReceiveShare * active.receiver.fraction();
  const SteadyMs limit_ms = SteadyMs{config_.receive_timeout_seconds} * 1000;
  if (now - active.last_piece > limit_ms) {
    return Loss{
        Unavailable(fmt::format("no instance arrived for {} s", config_.receive_timeout_seconds))};
  }
  if (now >= active.ask_again_at) active.receiver.AskAgain();
  AskForMore(active, now);
  return std::nullopt;
}

std::optional<Worker::Loss> Worker::AdvanceRunning(Active& active, SteadyMs now) {
  // Looks for the end first: what the pipe holds after the end is complete.
  const std::optional<ChildEnd> end = active.child->Poll(now);
  if (const std::optional<ChildReport> report = active.child->ReadReports()) {
    if (report->stage != active.stage) active.touch_at = now;
    active.stage = report->stage;
    active.fraction = kReceiveShare + (1 - kReceiveShare) * report->fraction;
  }
  if (!end) return std::nullopt;
  if (!end->problem.empty()) return Loss{Error(end->code, end->problem), end->ending};
  Result<SpooledOffer> offer = spool_.OfferRun(active.run, active.job);
  if (!offer) return Loss{std::move(offer).error()};
  LogInfo(Describe(active.job.lease) + ": analysed" + CostsInWords(offer->outcome));
  ++totals_.analysed;
  if (const auto* result = std::get_if<protocol::ResultManifest>(&offer->outcome))
    for (const protocol::StageCost& cost : result->stages)
      totals_.stage_ms[cost.stage] += cost.milliseconds;
  const Lease lease = active.job.lease;
  active_.erase(lease.job);
  AddOffer(std::move(offer).value(), now);
  return std::nullopt;
}

void Worker::OnTick(SteadyMs now) {
  Greet(now);
  std::vector<std::string> ids;
  for (const auto& [id, active] : active_) ids.push_back(id);
  for (const std::string& id : ids) {
    Active& active = active_.at(id);
    const Lease lease = active.job.lease;
    const std::optional<Loss> loss =
        active.child ? AdvanceRunning(active, now) : AdvanceReceiving(active, now);
    if (loss) {
      Fail(lease, active.stage, *loss, now);
    } else if (const auto still = active_.find(id);
               still != active_.end() && now >= still->second.touch_at) {
      Touch(still->second, now);
    }
  }
  OnWritable(now);
  SendReady(now);
  AdvanceDrain(now);
}

std::vector<int> Worker::ReportFds() const {
  std::vector<int> fds;
  for (const auto& [id, active] : active_) {
    if (active.child && active.child->report_fd() >= 0) fds.push_back(active.child->report_fd());
  }
  return fds;
}

// --- the end ---

void Worker::Drain(SteadyMs now) {
  const SteadyMs drain_ms = drain_until_ ? 0 : SteadyMs{config_.drain_seconds} * 1000;
  if (!drain_until_) listen_until_ = now + kListenOnMs;
  drain_until_ = now + drain_ms;
  LogInfo(
      fmt::format("draining: {} running, {} results unanswered", active_.size(), offers_.size()));
}

void Worker::AdvanceDrain(SteadyMs now) {
  if (!drain_until_) return;
  std::vector<Lease> give_back;
  for (const auto& [id, active] : active_) {
    if (!active.child || now >= *drain_until_) give_back.push_back(active.job.lease);
  }
  for (const Lease& lease : give_back) {
    Fail(lease, active_.at(lease.job).stage, {Cancelled("the worker is stopping")}, now);
  }
  if (!active_.empty()) return;
  if (!leave_at_) leave_at_ = now + kLeaveGraceMs;
  const bool nothing_left = offers_.empty() && now >= listen_until_;
  finished_ = nothing_left || !connected_ || now >= *leave_at_;
}

}  // namespace osteon
