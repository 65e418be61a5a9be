// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/speed/simulated_fleet.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "daemon/protocol/frames.h"

namespace osteon::bench {
namespace {

constexpr double kOfferAgainMs = 30'000;  // As real workers do.

template <typename T>
T Must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "a simulated worker: %s\n", result.error().message().c_str());
  std::exit(1);
}

void Send(void* socket, const protocol::Message& message) {
  const auto frames = Must(protocol::Encode(message));
  for (std::size_t i = 0; i < frames.size(); ++i)
    zmq_send(socket, frames[i].data(), frames[i].size(), i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
}

// Nothing when there is none.
std::optional<protocol::Message> Receive(void* socket) {
  protocol::Frames frames;
  int more = 1;
  while (more != 0) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    const bool got = zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0;
    if (got)
      frames.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
    more = got ? zmq_msg_more(&part) : 0;
    zmq_msg_close(&part);
    if (!got) return std::nullopt;
  }
  return Must(protocol::Decode(frames));
}

}  // namespace

double NowMs() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

SimulatedFleet::SimulatedFleet(const std::vector<std::string>& endpoints, int workers,
                               double work_ms)
    : work_ms_(work_ms), context_(zmq_ctx_new()) {
  zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, workers + 16);
  for (int n = 0; n < workers; ++n) {
    Worker worker;
    worker.name = "bench-" + std::to_string(n);
    worker.socket = zmq_socket(context_, ZMQ_DEALER);
    const int zero = 0;
    zmq_setsockopt(worker.socket, ZMQ_LINGER, &zero, sizeof zero);
    const std::string& endpoint = endpoints[static_cast<std::size_t>(n) % endpoints.size()];
    if (zmq_connect(worker.socket, endpoint.c_str()) != 0) std::exit(1);
    items_.push_back({worker.socket, 0, ZMQ_POLLIN, 0});
    workers_.push_back(std::move(worker));
  }
  for (Worker& worker : workers_) Greet(worker);
}

SimulatedFleet::~SimulatedFleet() {
  for (const Worker& worker : workers_) zmq_close(worker.socket);
  zmq_ctx_term(context_);
}

void SimulatedFleet::Step() {
  constexpr int kPollMs = 5;
  zmq_poll(items_.data(), static_cast<int>(items_.size()), kPollMs);
  const double now = NowMs();
  for (Worker& worker : workers_) {
    while (const auto message = Receive(worker.socket)) Take(worker, *message);
    if (worker.job && now >= worker.finish_ms) Finish(worker);
    if (now >= worker.ready_ms) SayReady(worker);
  }
}

void SimulatedFleet::Greet(Worker& worker) {
  Send(worker.socket, protocol::Hello{worker.name, "bench", "no-op", "1", "bench", 1});
  SayReady(worker);
}

void SimulatedFleet::SayReady(Worker& worker) {
  Send(worker.socket, protocol::Ready{worker.job ? 0U : 1U});
  worker.ready_ms = NowMs() + 1000 * protocol::kReadyIntervalSeconds;
}

void SimulatedFleet::Take(Worker& worker, const protocol::Message& message) {
  if (const auto* job = std::get_if<protocol::Job>(&message)) {
    arrived_.emplace(job->lease.job, NowMs());
    worker.job = *job;
    worker.finish_ms = NowMs() + work_ms_;
    Send(worker.socket, protocol::Touch{job->lease, "receive", 0});
  } else if (std::holds_alternative<protocol::Refused>(message)) {
    Greet(worker);
  } else if (std::holds_alternative<protocol::Committed>(message)) {
    ++committed_;
    worker.job.reset();
    SayReady(worker);
  } else if (std::holds_alternative<protocol::Stale>(message)) {
    worker.job.reset();
    SayReady(worker);
  }
}

void SimulatedFleet::Finish(Worker& worker) {
  protocol::ResultManifest manifest;
  manifest.lease = worker.job->lease;
  manifest.fingerprint = worker.job->fingerprint;
  manifest.outcome = protocol::ResultOutcome::kNotWholeBody;
  manifest.reason = "no-op";
  Send(worker.socket, manifest);
  worker.finish_ms = NowMs() + kOfferAgainMs;
}

}  // namespace osteon::bench
