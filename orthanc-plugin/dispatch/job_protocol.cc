// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/job_protocol.h"

#include <fmt/core.h>

#include <charconv>

#include "pipelines/base/digest.h"
#include "pipelines/base/guarded.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {

std::string Label(const Job& job) { return fmt::format("job {}, attempt {}", job.id, job.attempt); }

namespace {

constexpr std::size_t kLedgerTagDigits = 6;  // Chosen: one of 16 million ledgers has the same.

// The lease a message is about; nothing when it is about none.
std::optional<protocol::Lease> LeaseOf(const protocol::Message& message) {
  return std::visit(
      [](const auto& one) -> std::optional<protocol::Lease> {
        if constexpr (requires { one.lease; })
          return one.lease;
        else
          return std::nullopt;
      },
      message);
}

}  // namespace

JobProtocol::JobProtocol(JobStore& store, const Clock& clock, JobProtocolOptions options,
                         JobActions actions)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      actions_(std::move(actions)),
      scheduler_(options_.scheduler),
      random_(static_cast<std::minstd_rand::result_type>(clock.Steady())) {}

Status JobProtocol::Start() {
  const auto born = store_.BornMs();
  if (!born) return born.error();
  ledger_tag_ = Sha256Hex(std::to_string(*born)).substr(0, kLedgerTagDigits);
  return Adopt();
}

void JobProtocol::OnMessage(const PeerId& peer, const Result<protocol::Message>& message) {
  const Status answered = Guarded("answer a worker", [&] {
    Answer(peer, message);
    return Status();
  });
  if (answered) return;
  trouble_ = answered.error().message();
  LogError(trouble_);
  const auto lease = message ? LeaseOf(*message) : std::nullopt;
  const auto job = lease ? FromWire(lease->job) : std::nullopt;
  if (job) OnThrown(*job, lease->attempt, answered.error());
}

void JobProtocol::OnThrown(JobId id, std::uint32_t attempt, const Error& error) {
  const Status failed = Guarded("fail a job", [&]() -> Status {
    const auto job = store_.Find(id);
    if (!job) return job.error();
    const bool current =
        job->has_value() && (*job)->attempt == attempt &&
        ((*job)->state == JobState::kLeased || (*job)->state == JobState::kStoring);
    if (!current) return {};
    const Failure failure{FailureKind::kAnswered, error.code(), error.message(), "dispatch"};
    return Fail(**job, failure) ? Status() : Unavailable(trouble_);
  });
  if (!failed) LogError(failed.error().message());
}

void JobProtocol::Answer(const PeerId& peer, const Result<protocol::Message>& message) {
  const bool known = scheduler_.Heard(peer, clock_.Steady());
  if (!message) {
    if (message.error().code() == ErrorCode::kUnsupported)
      Send(peer, protocol::Refused{protocol::RefusedReason::kVersion, message.error().message()});
    else if (known)
      Send(peer, protocol::Refused{protocol::RefusedReason::kMalformed, message.error().message()});
    return;
  }
  if (!known && !std::holds_alternative<protocol::Hello>(*message))
    return Send(peer, protocol::Refused{protocol::RefusedReason::kHelloFirst, "say HELLO first"});
  std::visit([&](const auto& one) { Handle(peer, one); }, *message);
}

template <typename T>
void JobProtocol::Handle(const PeerId& peer, const T&) {
  Send(peer, protocol::Refused{protocol::RefusedReason::kMalformed, "only a plugin says this"});
}

void JobProtocol::Handle(const PeerId& peer, const protocol::Hello& message) {
  scheduler_.Hello(peer, message, clock_.Steady());
  LogInfo("worker " + message.worker + " is here: version " + message.version + ", pipeline " +
          message.pipeline_name + " " + message.pipeline_version);
}

void JobProtocol::Handle(const PeerId& peer, const protocol::Ready& message) {
  scheduler_.Ready(peer, message.free_slots, clock_.Steady());
  scheduler_.Trouble(peer, message.trouble);
  if (message.clock_ms > 0)
    scheduler_.ClockAhead(peer, static_cast<UnixMs>(message.clock_ms) - clock_.Now());
  Grant();
}

void JobProtocol::Handle(const PeerId& peer, const protocol::Fetch& message) {
  const auto found = LookUp(message.lease);
  if (!found) return;
  if (!found->current) return SendStale(peer, message.lease, "not the current attempt");
  Hold(peer, found->job);
  actions_.fetch(found->job, peer, message);
}

void JobProtocol::Handle(const PeerId& peer, const protocol::Touch& message) {
  const auto job = FromWire(message.lease.job);
  if (!job || !scheduler_.Touched(peer, *job, message.lease.attempt, clock_.Steady())) {
    const auto found = LookUp(message.lease);
    if (!found) return;
    if (!found->current) return SendStale(peer, message.lease, "not the current attempt");
    Hold(peer, found->job);
  }
  scheduler_.Progress(*job, message.stage, message.fraction);
  const Status extended = Extend(*job, message.lease.attempt);
  if (extended) return;
  if (extended.error().code() != ErrorCode::kCancelled) {
    trouble_ =
        extended.error().message();  // The lease in memory goes on until the ledger answers again.
    return;
  }
  LetGo(*job);
  SendStale(peer, message.lease, extended.error().message());
}

void JobProtocol::Handle(const PeerId& peer, const protocol::Failed& message) {
  const auto found = LookUp(message.lease);
  if (!found) return;
  if (!found->current) return SendStale(peer, message.lease, "not the current attempt");
  const WorkerView* worker = scheduler_.Worker(peer);
  Failure failure;
  if (message.ending == protocol::Ending::kDied) failure.kind = FailureKind::kDeath;
  failure.code = message.code;
  failure.message = message.stage + ": " + message.message;
  failure.actor = "worker " + (worker ? worker->name : found->job.worker);
  if (Fail(found->job, failure)) Send(peer, protocol::Committed{message.lease});
}

void JobProtocol::OnReply(ArchiveIoReply reply) {
  const Status taken = Guarded("take an answer of the archive I/O", [&] {
    TakeReply(reply);
    return Status();
  });
  if (taken) return;
  LogError(taken.error().message());
  if (const auto* prepared = std::get_if<Prepared>(&reply))
    return OnThrown(prepared->job.id, prepared->job.attempt, taken.error());
  if (const auto* pieces = std::get_if<Pieces>(&reply))
    return OnThrown(pieces->job, pieces->asked.lease.attempt, taken.error());
  const Job& job = std::get<Delivered>(reply).job;
  OnThrown(job.id, job.attempt, taken.error());
}

void JobProtocol::TakeReply(ArchiveIoReply& reply) {
  if (const auto* prepared = std::get_if<Prepared>(&reply)) return OnPrepared(*prepared);
  if (auto* pieces = std::get_if<Pieces>(&reply)) return OnPieces(*pieces);
  OnDelivered(std::get<Delivered>(reply));
}

void JobProtocol::OnPrepared(const Prepared& prepared) {
  const Job& job = prepared.job;
  if (!scheduler_.Holds(job.id, job.attempt)) return;
  if (!prepared.material) {
    const Error& error = prepared.material.error();
    if (error.code() != ErrorCode::kCancelled) {
      Fail(job, {FailureKind::kAnswered, error.code(), error.message(), "dispatch"});
      return;
    }
    Apply({job.id, JobEvent::kCancel, "dispatch", error.message(), job.attempt, {}});
    return LetGo(job.id);
  }
  if (actions_.send(prepared.peer, JobMessage(job, *prepared.material))) {
    LogInfo(fmt::format("{} went to worker {}: {} instances", Label(job), job.worker,
                        prepared.material->instances.size()));
    return;
  }
  scheduler_.Lost(prepared.peer);
  Apply({job.id,
         JobEvent::kReleased,
         "dispatch",
         "the worker was gone before it had the job",
         job.attempt,
         {}});
  LetGo(job.id);
}

void JobProtocol::OnPieces(Pieces& pieces) {
  if (!pieces.pieces) {
    const Error& error = pieces.pieces.error();
    LogWarning(fmt::format("job {}: {}", pieces.job, error.message()));
    // kUnavailable may pass: the worker asks again. Instances that are gone do not come back.
    if (error.code() != ErrorCode::kUnavailable)
      Send(pieces.peer, protocol::Cancel{pieces.asked.lease, error.message()});
    return;
  }
  for (protocol::Instance& piece : *pieces.pieces)
    if (!actions_.send(pieces.peer, std::move(piece)))
      return;  // Gone or full: it asks again for what it lacks.
}

void JobProtocol::OnRevoked(JobId job, std::uint32_t attempt, const std::string& reason) {
  const Held* held = scheduler_.Find(job);
  if (!held || held->attempt != attempt) return;
  const PeerId peer = held->peer;
  Job named;
  named.id = job;
  named.attempt = attempt;
  if (!peer.empty()) Send(peer, protocol::Cancel{WireLease(named), reason});
  LetGo(job);
}

void JobProtocol::Grant() {
  if (options_.mode == DispatchMode::kOff) return;
  while (const auto peer = scheduler_.NextFree()) {
    const WorkerView* worker = scheduler_.Worker(*peer);
    LeaseRequest request;
    request.worker = worker->name;
    request.pipeline_hash = worker->pipeline_hash;
    JobRules rules = options_.rules();
    request.config_hash = rules.hash;
    request.now_ms = clock_.Now();
    request.lease_ms = options_.scheduler.lease_ms;
    request.open = OpenPriorities(options_.windows, ToLocalTime(request.now_ms));
    if (scheduler_.HeldBy(*peer) > 0) request.most_deaths = 0;
    const auto leased = store_.Lease(request);
    trouble_ = leased ? "" : leased.error().message();
    if (!leased || !leased->has_value()) return;
    ++counts_.leases_given;
    scheduler_.Granted(*peer, **leased, clock_.Steady());
    rules_[(*leased)->id] = std::move(rules.json);
    actions_.prepare(**leased, *peer);
  }
}

void JobProtocol::Send(const PeerId& peer, const protocol::Message& message) {
  if (!actions_.send(peer, message)) scheduler_.Lost(peer);
}

void JobProtocol::SendStale(const PeerId& peer, const protocol::Lease& lease,
                            const std::string& reason) {
  ++counts_.stale;
  Send(peer, protocol::Stale{lease, reason});
}

std::optional<JobProtocol::Current> JobProtocol::LookUp(const protocol::Lease& lease) {
  const auto id = FromWire(lease.job);
  if (!id) return Current{};
  auto job = store_.Find(*id);
  if (!job) {
    trouble_ = job.error().message();
    return std::nullopt;
  }
  Current found;
  if (!job->has_value()) return found;
  found.job = **std::move(job);
  const bool under_way =
      found.job.state == JobState::kLeased || found.job.state == JobState::kStoring;
  found.current = under_way && found.job.attempt == lease.attempt;
  return found;
}

bool JobProtocol::Apply(const Transition& transition) {
  const auto applied = store_.Apply(transition, clock_.Now());
  if (applied) return true;
  if (applied.error().code() == ErrorCode::kCancelled)
    return true;  // An operator or another Orthanc changed the job first.
  trouble_ = applied.error().message();
  LogError(fmt::format("job {}: {}", transition.job, applied.error().message()));
  return false;
}

void JobProtocol::LetGo(JobId job) {
  scheduler_.Released(job);
  incoming_.erase(job);
  rules_.erase(job);
  not_evaluable_.erase(job);
  actions_.forget(job);
}

protocol::Lease JobProtocol::WireLease(const Job& job) const {
  return {fmt::format("{}-{}", job.id, ledger_tag_), job.attempt};
}

std::optional<JobId> JobProtocol::FromWire(const std::string& job) const {
  JobId id = 0;
  const auto [end, error] = std::from_chars(job.data(), job.data() + job.size(), id);
  if (error != std::errc{} || std::string_view(end, job.data() + job.size()) != "-" + ledger_tag_)
    return std::nullopt;
  return id;
}

}  // namespace osteon::plugin
