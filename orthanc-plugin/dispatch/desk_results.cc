// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's part for results: manifest, pieces, delivery.
#include "orthanc-plugin/dispatch/desk.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {

void Desk::Handle(const PeerId& peer, const protocol::ResultManifest& message) {
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
  if (same_attempt && (job.state == JobState::kDone || job.state == JobState::kSkipped))
    return Send(peer, protocol::Committed{message.lease});
  // Orthanc could not store it for now: the worker keeps it and offers it again, at the latest with
  // the next attempt.
  if (same_attempt && (job.state == JobState::kRetryWait || job.state == JobState::kReady)) return;
  SendStale(peer, message.lease, "not the current attempt");
}

void Desk::TakeOutcome(const PeerId& peer, const Job& job,
                       const protocol::ResultManifest& manifest) {
  if (!scheduler_.Touched(peer, job.id, job.attempt, clock_.Steady()))
    scheduler_.Adopt(job.id, job.attempt, job.worker, clock_.Steady());
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

void Desk::Receive(const PeerId& peer, const Job& job, const protocol::ResultManifest& manifest) {
  const Held* held = scheduler_.Find(job.id);
  if (held && held->storing) return;  // It came whole before and is being stored now.
  std::uint64_t total_bytes = 0;
  for (const auto& document : manifest.documents) total_bytes += document.bytes;
  std::string wrong;
  if (manifest.documents.empty()) wrong = "the result has no documents";
  if (total_bytes > options_.max_result_bytes)
    wrong = "the result has " + std::to_string(total_bytes >> 20) +
            " MB, more than MaxResultMegabytes allows";
  if (!wrong.empty()) {
    if (Fail(job, {FailureKind::kAnswered, ErrorCode::kInvalidInput, wrong, "dispatch"}))
      SendStale(peer, manifest.lease, wrong);
    return;
  }
  incoming_.insert_or_assign(job.id, Assembly(manifest));
}

void Desk::Handle(const PeerId& peer, const protocol::ResultChunk& message) {
  const auto job = FromWire(message.lease.job);
  if (!job) return;
  const auto assembly = incoming_.find(*job);
  if (assembly == incoming_.end() || assembly->second.manifest().lease != message.lease) return;
  if (!scheduler_.Touched(peer, *job, message.lease.attempt, clock_.Steady())) return;
  const auto took = assembly->second.Add(message);
  if (!took) {
    LogWarning("job " + std::to_string(*job) + ": " + took.error().message());
    incoming_.erase(assembly);  // The worker offers it again.
    return;
  }
  if (*took == Assembly::Took::kComplete) BeginDelivery(peer, message.lease);
}

void Desk::BeginDelivery(const PeerId& peer, const protocol::Lease& lease) {
  auto assembly = incoming_.extract(*FromWire(lease.job));
  const auto found = LookUp(lease);
  if (!found) return;
  if (!found->current) return SendStale(peer, lease, "not the current attempt");
  std::vector<ResultRow> rows;
  for (const auto& document : assembly.mapped().manifest().documents)
    rows.push_back({document.sop_instance_uid, document.sop_class_uid, document.sha256});
  if (options_.mode == DispatchMode::kSilent) rows.clear();  // Nothing will be in Orthanc.
  Transition received{found->job.id,
                      JobEvent::kResultReceived,
                      "worker " + found->job.worker,
                      "the result is here",
                      lease.attempt,
                      {}};
  const auto storing = store_.BeginStoring(received, rows, clock_.Now());
  if (!storing) {
    trouble_ = storing.error().message();
    LogError("job " + std::to_string(found->job.id) + ": " + trouble_);
    return;  // The worker offers it again.
  }
  scheduler_.Storing(found->job.id);
  errands_.deliver(
      *storing, std::move(assembly.mapped()).TakeDocuments(),
      options_.mode == DispatchMode::kSilent ? DeliveryMode::kCheckOnly : DeliveryMode::kStore);
}

void Desk::OnDelivered(const Delivered& delivered) {
  const Job& job = delivered.job;
  const Held* held = scheduler_.Find(job.id);
  if (!held || held->attempt != job.attempt) return;
  const PeerId peer = held->peer;
  if (!delivered.status && delivered.status.error().code() == ErrorCode::kCancelled) {
    const std::string& reason = delivered.status.error().message();
    if (!Apply({job.id, JobEvent::kCancel, "dispatch", reason, job.attempt, {}})) return;
    LetGo(job.id);
    if (!peer.empty()) SendStale(peer, WireLease(job), reason);
    return;
  }
  if (!delivered.status) {
    const Error& error = delivered.status.error();
    const bool failed =
        Fail(job, {FailureKind::kAnswered, error.code(), error.message(), "dispatch"});
    if (failed && !IsRetryable(error.code()) && !peer.empty())
      SendStale(peer, WireLease(job), error.message());
    return;
  }
  const bool silent = options_.mode == DispatchMode::kSilent;
  const char* reason = silent ? "silent mode: the result was checked and not stored"
                              : "stored in Orthanc and read back";
  const auto done =
      store_.Finish({job.id, JobEvent::kVerified, "dispatch", reason, job.attempt, {}},
                    silent ? std::vector<std::string>() : options_.send_to, clock_.Now());
  if (!done && done.error().code() != ErrorCode::kCancelled) {
    trouble_ = done.error().message();
    // The objects are in Orthanc; the ledger gets another chance when the worker offers the same
    // result again.
    scheduler_.Released(job.id);
    scheduler_.Adopt(job.id, job.attempt, job.worker, clock_.Steady());
    return;
  }
  ++counts_.results_stored;
  LogInfo("job " + std::to_string(job.id) + ", study " + job.study_uid + ": done, " + reason);
  LetGo(job.id);
  errands_.copies_wait();
  if (!peer.empty()) Send(peer, protocol::Committed{WireLease(job)});
}

}  // namespace osteon::plugin
