// SPDX-License-Identifier: GPL-3.0-or-later
// The part of JobProtocol that takes results: manifest, pieces, delivery.
#include <fmt/core.h>

#include "orthanc-plugin/dispatch/job_protocol.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

// In the metrics; a pipeline has about ten.
constexpr std::size_t kMostStages = 32;

// "; stages: read 2.1 s (180 MiB), detect 40.3 s (1200 MiB); at most 1234 MiB of memory", for the
// history, where the page finds it; the memory of a stage is the peak until its end. Empty when the
// worker did not say.
std::string StageTimes(const protocol::ResultManifest& manifest) {
  std::string text;
  for (const protocol::StageCost& stage : manifest.stages) {
    text += fmt::format("{}{} {:.1f} s", text.empty() ? "; stages: " : ", ", stage.stage,
                        stage.milliseconds / 1000.0);
    if (stage.peak_memory_bytes > 0)
      text += fmt::format(" ({} MiB)", stage.peak_memory_bytes >> 20);
  }
  if (manifest.peak_memory_bytes > 0 && !text.empty())
    text += fmt::format("; at most {} MiB of memory", manifest.peak_memory_bytes >> 20);
  return text;
}

}  // namespace

void JobProtocol::Handle(const PeerId& peer, const protocol::ResultManifest& message) {
  const auto found = LookUp(message.lease);
  if (!found) return;
  const Job& job = found->job;
  if (found->current) {
    if (message.fingerprint != job.fingerprint)
      return SendStale(peer, message.lease,
                       "the result is of other instances or of another pipeline");
    return TakeOutcome(peer, job, message);
  }
  const bool same_attempt =
      job.attempt == message.lease.attempt && job.fingerprint == message.fingerprint;
  if (same_attempt && (IsReported(job.state) || job.state == JobState::kSkipped))
    return Send(peer, protocol::Committed{message.lease});
  // Orthanc could not store it: the worker keeps it and offers it again, at the latest with the
  // next attempt.
  if (same_attempt && (job.state == JobState::kRetryWait || job.state == JobState::kReady)) return;
  SendStale(peer, message.lease, "not the current attempt");
}

void JobProtocol::TakeOutcome(const PeerId& peer, const Job& job,
                              const protocol::ResultManifest& manifest) {
  // Another Orthanc is storing it. If that one dies, the lease runs out and the worker offers the
  // result again.
  const Held* known = scheduler_.Find(job.id);
  if (job.state == JobState::kStoring && !(known && known->storing) && options_.shared_ledger)
    return;
  Hold(peer, job);
  if (manifest.outcome == protocol::ResultOutcome::kNotWholeBody) {
    if (!Apply({job.id,
                JobEvent::kNotSelected,
                "worker " + job.worker,
                manifest.reason,
                job.attempt,
                {}}))
      return;
    LetGo(job.id);
    return Send(peer, protocol::Committed{manifest.lease});
  }
  Receive(peer, job, manifest);
}

void JobProtocol::Receive(const PeerId& peer, const Job& job,
                          const protocol::ResultManifest& manifest) {
  const Held* held = scheduler_.Find(job.id);
  if (held && held->storing) return;  // It arrived before and is being stored.
  std::uint64_t total_bytes = 0;
  for (const auto& document : manifest.documents) total_bytes += document.bytes;
  std::string wrong;
  if (manifest.documents.empty()) wrong = "the result has no documents";
  if (total_bytes > options_.max_result_bytes)
    wrong =
        fmt::format("the result has {} MB, more than MaxResultMegabytes allows", total_bytes >> 20);
  if (!wrong.empty()) {
    if (Fail(job, {FailureKind::kAnswered, ErrorCode::kInvalidInput, wrong, "dispatch"}))
      SendStale(peer, manifest.lease, wrong);
    return;
  }
  incoming_.insert_or_assign(job.id, Assembly(manifest));
}

void JobProtocol::Handle(const PeerId& peer, const protocol::ResultChunk& message) {
  const auto job = FromWire(message.lease.job);
  if (!job) return;
  const auto assembly = incoming_.find(*job);
  if (assembly == incoming_.end() || assembly->second.manifest().lease != message.lease) return;
  if (!scheduler_.Touched(peer, *job, message.lease.attempt, clock_.Steady())) return;
  const auto took = assembly->second.Add(message);
  if (!took) {
    LogWarning(fmt::format("job {}: {}", *job, took.error().message()));
    incoming_.erase(assembly);  // The worker offers it again.
    return;
  }
  if (*took == Assembly::Took::kComplete) BeginDelivery(peer, message.lease);
}

void JobProtocol::BeginDelivery(const PeerId& peer, const protocol::Lease& lease) {
  auto assembly = incoming_.extract(*FromWire(lease.job));
  const auto found = LookUp(lease);
  if (!found) return;
  if (!found->current) return SendStale(peer, lease, "not the current attempt");
  const protocol::ResultManifest& manifest = assembly.mapped().manifest();
  std::vector<ResultRow> rows;
  for (const auto& document : manifest.documents)
    rows.push_back({document.sop_instance_uid, document.sop_class_uid, document.sha256});
  if (options_.mode == DispatchMode::kSilent) rows.clear();  // Nothing will be in Orthanc.
  Transition received{found->job.id,
                      JobEvent::kResultReceived,
                      "worker " + found->job.worker,
                      "the result is here" + StageTimes(manifest),
                      lease.attempt,
                      {}};
  const auto storing = store_.BeginStoring(received, rows, clock_.Now());
  if (!storing) {
    trouble_ = storing.error().message();
    LogError(fmt::format("job {}: {}", found->job.id, trouble_));
    return;  // The worker offers it again.
  }
  for (const protocol::StageCost& stage : manifest.stages)
    if (counts_.stage_ms.size() < kMostStages || counts_.stage_ms.contains(stage.stage))
      counts_.stage_ms[stage.stage] += stage.milliseconds;
  scheduler_.Storing(found->job.id);
  not_evaluable_.erase(found->job.id);
  if (manifest.outcome == protocol::ResultOutcome::kNotEvaluable)
    not_evaluable_[found->job.id] = manifest.reason;
  actions_.deliver(
      *storing, std::move(assembly.mapped()).TakeDocuments(),
      options_.mode == DispatchMode::kSilent ? DeliveryMode::kCheckOnly : DeliveryMode::kStore);
}

void JobProtocol::OnDelivered(const Delivered& delivered) {
  const Job& job = delivered.job;
  const Held* held = scheduler_.Find(job.id);
  if (!held || held->attempt != job.attempt) return;
  const PeerId peer = held->peer;
  const Status recorded = Record(delivered);
  // Only this process knows the outcome, so it is recorded again until the ledger answers.
  if (!recorded && recorded.error().code() != ErrorCode::kCancelled)
    return unrecorded_.push_back(delivered);
  LetGo(job.id);
  // An operator or another Orthanc changed the job meanwhile: the worker hears of it when it offers
  // its result again.
  if (!recorded) return;
  if (delivered.status) actions_.copies_wait();
  if (!peer.empty()) TellDelivered(peer, delivered);
}

Status JobProtocol::Record(const Delivered& delivered) {
  const Job& job = delivered.job;
  if (!delivered.status) {
    const Error& error = delivered.status.error();
    const bool applied =
        error.code() == ErrorCode::kCancelled
            ? Apply({job.id, JobEvent::kCancel, "dispatch", error.message(), job.attempt, {}})
            : Fail(job, {FailureKind::kAnswered, error.code(), error.message(), "dispatch"});
    return applied ? Status() : Unavailable(trouble_);
  }
  const bool silent = options_.mode == DispatchMode::kSilent;
  const auto why = not_evaluable_.find(job.id);
  const bool evaluable = why == not_evaluable_.end();
  const std::string reason = (evaluable ? "" : why->second + "; ") +
                             (silent ? "silent mode: the result was checked and not stored"
                                     : "stored in Orthanc and read back");
  const JobEvent event = evaluable ? JobEvent::kVerified : JobEvent::kVerifiedNotEvaluable;
  const auto selftest = store_.RunningSelftest();
  if (!selftest) return selftest.error();
  const bool synthetic = !job.study_uid.empty() && job.study_uid == selftest->study_uid;
  const auto done = store_.Finish(
      {job.id, event, "dispatch", reason, job.attempt, {}},
      silent || synthetic ? std::vector<std::string>() : options_.send_to, clock_.Now());
  if (!done) {
    trouble_ = done.error().message();
    return done.error();
  }
  ++counts_.results_stored;
  LogInfo(
      fmt::format("job {}, study {}: {}, {}", job.id, job.study_uid, Name(done->state), reason));
  return {};
}

void JobProtocol::TellDelivered(const PeerId& peer, const Delivered& delivered) {
  const protocol::Lease lease = WireLease(delivered.job);
  if (delivered.status) return Send(peer, protocol::Committed{lease});
  const Error& error = delivered.status.error();
  // The job is tried again after a retryable error: the worker keeps the result.
  if (!IsRetryable(error.code())) SendStale(peer, lease, error.message());
}

}  // namespace osteon::plugin
