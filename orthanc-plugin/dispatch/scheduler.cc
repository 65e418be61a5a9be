// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/dispatch/scheduler.h"

#include <algorithm>

namespace osteon::plugin {
namespace {

constexpr SteadyMs kSilentMs =
    SteadyMs{1000} * protocol::kReadyIntervalSeconds * protocol::kMissedReadyUntilGone;

}  // namespace

void Scheduler::Hello(const PeerId& peer, const protocol::Hello& hello, SteadyMs now_ms) {
  workers_[peer] = {
      hello.worker, hello.version, hello.pipeline_hash, hello.slots, 0, now_ms, now_ms, false, ""};
}

bool Scheduler::Ready(const PeerId& peer, std::uint32_t free_slots, SteadyMs now_ms) {
  const auto worker = workers_.find(peer);
  if (worker == workers_.end()) return false;
  // The worker did not count a JOB that had not arrived yet.
  std::uint32_t under_way = 0;
  for (const auto& [job, held] : leases_) under_way += held.peer == peer && !held.touched ? 1 : 0;
  worker->second.free_slots = free_slots > under_way ? free_slots - under_way : 0;
  worker->second.last_heard_ms = now_ms;
  return true;
}

void Scheduler::Trouble(const PeerId& peer, const std::string& trouble) {
  if (const auto worker = workers_.find(peer); worker != workers_.end())
    worker->second.trouble = trouble;
}

void Scheduler::ClockAhead(const PeerId& peer, UnixMs ahead_ms) {
  if (const auto worker = workers_.find(peer); worker != workers_.end())
    worker->second.clock_ahead_ms = ahead_ms;
}

bool Scheduler::Heard(const PeerId& peer, SteadyMs now_ms) {
  const auto worker = workers_.find(peer);
  if (worker == workers_.end()) return false;
  worker->second.last_heard_ms = now_ms;
  return true;
}

void Scheduler::Lost(const PeerId& peer) { workers_.erase(peer); }

std::size_t Scheduler::HeldBy(const PeerId& peer) const {
  return static_cast<std::size_t>(
      std::count_if(leases_.begin(), leases_.end(),
                    [&](const auto& entry) { return entry.second.peer == peer; }));
}

bool Scheduler::IsIsolated(const PeerId& peer) const {
  return std::any_of(leases_.begin(), leases_.end(), [&](const auto& entry) {
    return entry.second.peer == peer && entry.second.alone;
  });
}

std::optional<PeerId> Scheduler::NextFree() const {
  if (leases_.size() >= options_.max_in_flight) return std::nullopt;
  const PeerId* best = nullptr;
  for (const auto& [peer, worker] : workers_) {
    if (worker.free_slots == 0 || IsIsolated(peer)) continue;
    if (!best || HeldBy(peer) < HeldBy(*best)) best = &peer;
  }
  if (!best) return std::nullopt;
  return *best;
}

const WorkerView* Scheduler::Worker(const PeerId& peer) const {
  const auto worker = workers_.find(peer);
  return worker == workers_.end() ? nullptr : &worker->second;
}

std::vector<WorkerView> Scheduler::Workers() const {
  std::vector<WorkerView> views;
  for (const auto& [peer, worker] : workers_) views.push_back(worker);
  // After a restart of a worker its old connection sends nothing after the HELLO of the new one.
  for (WorkerView& one : views)
    for (const WorkerView& other : views)
      one.shares_name = one.shares_name ||
                        (&one != &other && one.name == other.name &&
                         one.last_heard_ms > other.hello_ms && other.last_heard_ms > one.hello_ms);
  return views;
}

void Scheduler::Granted(const PeerId& peer, const Job& job, SteadyMs now_ms) {
  Held held;
  held.job = job.id;
  held.attempt = job.attempt;
  held.peer = peer;
  held.deadline_ms = now_ms + options_.lease_ms;
  held.ledger_until_ms = job.lease_until_ms;
  held.alone = job.deaths > 0;
  const auto worker = workers_.find(peer);
  if (worker != workers_.end()) {
    held.worker = worker->second.name;
    if (worker->second.free_slots > 0) --worker->second.free_slots;
  }
  leases_[job.id] = std::move(held);
}

void Scheduler::Adopt(const Job& job, SteadyMs now_ms) {
  Held held;
  held.job = job.id;
  held.attempt = job.attempt;
  held.worker = job.worker;
  held.deadline_ms = now_ms + options_.lease_ms;
  held.ledger_until_ms = job.lease_until_ms;
  held.alone = job.deaths > 0;
  // A lease that was never extended was never confirmed.
  held.touched = job.lease_until_ms != job.updated_ms + options_.lease_ms;
  leases_[job.id] = std::move(held);
}

void Scheduler::Postpone(SteadyMs now_ms) {
  for (auto& [job, held] : leases_)
    if (held.peer.empty()) held.deadline_ms = now_ms + options_.lease_ms;
}

void Scheduler::Keep(Held held, SteadyMs deadline_ms) {
  held.deadline_ms = deadline_ms;
  leases_[held.job] = std::move(held);
}

bool Scheduler::Touched(const PeerId& peer, JobId job, std::uint32_t attempt, SteadyMs now_ms) {
  const auto lease = leases_.find(job);
  if (lease == leases_.end() || lease->second.attempt != attempt) return false;
  lease->second.peer = peer;
  lease->second.touched = true;
  lease->second.deadline_ms = now_ms + options_.lease_ms;
  if (const WorkerView* worker = Worker(peer)) lease->second.worker = worker->name;
  return true;
}

void Scheduler::Extended(JobId job, UnixMs ledger_until_ms) {
  const auto lease = leases_.find(job);
  if (lease != leases_.end()) lease->second.ledger_until_ms = ledger_until_ms;
}

void Scheduler::Progress(JobId job, std::string stage, double fraction) {
  const auto lease = leases_.find(job);
  if (lease == leases_.end()) return;
  lease->second.stage = std::move(stage);
  lease->second.fraction = fraction;
}

void Scheduler::Storing(JobId job) {
  const auto lease = leases_.find(job);
  if (lease != leases_.end()) lease->second.storing = true;
}

std::optional<Held> Scheduler::Released(JobId job) {
  const auto lease = leases_.find(job);
  if (lease == leases_.end()) return std::nullopt;
  Held held = std::move(lease->second);
  leases_.erase(lease);
  return held;
}

const Held* Scheduler::Find(JobId job) const {
  const auto lease = leases_.find(job);
  return lease == leases_.end() ? nullptr : &lease->second;
}

bool Scheduler::Holds(JobId job, std::uint32_t attempt) const {
  const Held* held = Find(job);
  return held && held->attempt == attempt;
}

std::vector<Held> Scheduler::Leases() const {
  std::vector<Held> all;
  for (const auto& [job, held] : leases_) all.push_back(held);
  return all;
}

Scheduler::Due Scheduler::Tick(SteadyMs now_ms) {
  Due due;
  for (auto lease = leases_.begin(); lease != leases_.end();) {
    if (lease->second.storing || now_ms < lease->second.deadline_ms) {
      ++lease;
      continue;
    }
    due.expired.push_back(std::move(lease->second));
    lease = leases_.erase(lease);
  }
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (now_ms - worker->second.last_heard_ms < kSilentMs) {
      ++worker;
      continue;
    }
    due.silent.push_back(worker->second.name);
    worker = workers_.erase(worker);
  }
  return due;
}

}  // namespace osteon::plugin
