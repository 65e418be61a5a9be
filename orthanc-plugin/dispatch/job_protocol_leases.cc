// SPDX-License-Identifier: GPL-3.0-or-later
// The part of JobProtocol that ends, extends and adopts leases, and the JOB with which one begins.
//
// A living Orthanc changes lease_until_ms of each of its leases within one lease: the worker
// touches them four times, and the Orthanc extends those whose result it stores. So another Orthanc
// that has seen the number unchanged for one lease, on its own steady clock, may end it. Time in
// which the ledger does not answer does not count, since nobody can change the number then.
#include <set>
#include <utility>

#include "orthanc-plugin/dispatch/job_protocol.h"
#include "pipelines/base/log.h"

namespace osteon::plugin {
namespace {

constexpr SteadyMs kTryAgainMs = 1'000;  // After the ledger did not take the end of a lease.
// A lease is extended and looked at so often in its time: one round may fail.
constexpr SteadyMs kRoundsPerLease = 3;

bool UnderWay(const Job& job) {
  return job.state == JobState::kLeased || job.state == JobState::kStoring;
}

// A worker that never confirmed the job did not die of it: the JOB message was lost.
Failure LeaseExpired(const Held& held, const Job& job) {
  if (job.state == JobState::kStoring)
    return {FailureKind::kAnswered, ErrorCode::kUnavailable,
            "the Orthanc that was storing the result went silent", "dispatch"};
  if (held.touched)
    return {FailureKind::kDeath, ErrorCode::kUnavailable,
            "worker " + held.worker + " went silent holding the job", "dispatch"};
  return {FailureKind::kAnswered, ErrorCode::kUnavailable,
          "worker " + held.worker + " never confirmed that it had the job", "dispatch"};
}

}  // namespace

Status JobProtocol::Adopt() {
  std::set<JobId> under_way;
  for (const JobState state : {JobState::kLeased, JobState::kStoring}) {
    JobQuery query;
    query.states = {state};
    query.limit = INT32_MAX;
    const auto jobs = store_.List(query);
    if (!jobs) return jobs.error();
    for (const Job& job : *jobs) {
      under_way.insert(job.id);
      if (scheduler_.Holds(job.id, job.attempt)) continue;
      if (scheduler_.Find(job.id)) LetGo(job.id);  // Another attempt, which is over.
      scheduler_.Adopt(job, clock_.Steady());
    }
  }
  for (const Held& held : scheduler_.Leases())
    if (held.peer.empty() && !held.storing && !under_way.contains(held.job)) LetGo(held.job);
  return {};
}

void JobProtocol::Hold(const PeerId& peer, const Job& job) {
  if (scheduler_.Touched(peer, job.id, job.attempt, clock_.Steady())) return;
  scheduler_.Adopt(job, clock_.Steady());
  scheduler_.Touched(peer, job.id, job.attempt, clock_.Steady());
}

Status JobProtocol::Extend(JobId job, std::uint32_t attempt) {
  const UnixMs until_ms = clock_.Now() + options_.scheduler.lease_ms;
  Status extended = store_.Extend(job, attempt, until_ms);
  if (extended) scheduler_.Extended(job, until_ms);
  return extended;
}

void JobProtocol::ExtendStoring() {
  for (const Held& held : scheduler_.Leases()) {
    if (!held.storing) continue;
    const Status extended = Extend(held.job, held.attempt);
    if (!extended && extended.error().code() == ErrorCode::kCancelled) LetGo(held.job);
  }
}

void JobProtocol::OnExpired(const Held& held) {
  const auto job = store_.Find(held.job);
  if (!job) {
    trouble_ = job.error().message();
    scheduler_.Keep(held, clock_.Steady() + kTryAgainMs);
    return scheduler_.Postpone(clock_.Steady());
  }
  incoming_.erase(held.job);
  rules_.erase(held.job);
  not_evaluable_.erase(held.job);
  actions_.forget(held.job);
  if (!job->has_value() || (*job)->attempt != held.attempt || !UnderWay(**job)) return;
  if ((*job)->lease_until_ms != held.ledger_until_ms)
    return scheduler_.Adopt(**job, clock_.Steady());  // Its worker talks to another Orthanc.
  ++counts_.leases_expired;
  if (!Fail(**job, LeaseExpired(held, **job), held.ledger_until_ms))
    scheduler_.Keep(held, clock_.Steady() + kTryAgainMs);
}

void JobProtocol::OnTick() {
  const Scheduler::Due due = scheduler_.Tick(clock_.Steady());
  for (const std::string& worker : due.silent) LogWarning("worker " + worker + " has gone silent");
  for (const Held& held : due.expired) OnExpired(held);
  for (const Delivered& delivered : std::exchange(unrecorded_, {})) OnReply(delivered);
  if (clock_.Steady() >= next_round_ms_) {
    next_round_ms_ = clock_.Steady() + options_.scheduler.lease_ms / kRoundsPerLease;
    ExtendStoring();
    if (Status adopted = Adopt(); !adopted) {
      trouble_ = adopted.error().message();
      scheduler_.Postpone(clock_.Steady());
    }
  }
  Grant();
}

bool JobProtocol::Fail(const Job& job, const Failure& failure,
                       std::optional<UnixMs> lease_until_ms) {
  const double jitter = static_cast<double>(random_() - std::minstd_rand::min()) /
                        static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
  Transition transition = JudgeFailure(job, failure, options_.retry, jitter, clock_.Now());
  transition.lease_until_ms = lease_until_ms;
  const auto failed = store_.Apply(transition, clock_.Now());
  if (!failed && failed.error().code() != ErrorCode::kCancelled) {
    trouble_ = failed.error().message();
    LogError(Label(job) + ": " + trouble_);
    return false;
  }
  if (failed) {  // Otherwise an operator or another Orthanc changed the job first.
    ++counts_.failures;
    LogWarning(Label(job) + ": " + std::string(Words(transition.event)) + ", " + transition.reason);
    if (transition.event == JobEvent::kFailedForNow) {
      ++counts_.retries;
      actions_.retry_waits();
    }
  }
  LetGo(job.id);
  return true;
}

protocol::Job JobProtocol::JobMessage(const Job& job, const Material& material) {
  protocol::Job message;
  message.lease = WireLease(job);
  message.lease_seconds = static_cast<std::uint32_t>(options_.scheduler.lease_ms / 1000);
  message.fingerprint = job.fingerprint;
  for (const MaterialInstance& instance : material.instances)
    message.instances.push_back(
        {instance.role == MaterialRole::kPrior ? protocol::InstanceRole::kPrior
                                               : protocol::InstanceRole::kStudy,
         instance.series_uid, instance.sop_instance_uid, instance.bytes, instance.md5});
  for (const Radiograph& film : material.radiographs)
    message.related.push_back({film.study_uid, film.modality, film.body_part, film.date});
  message.selection_rules = rules_[job.id];
  message.incomplete = job.caveat;
  message.pipeline_hash = job.pipeline_hash;
  return message;
}

}  // namespace osteon::plugin
