// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/worker_metrics.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

namespace osteon {
namespace {

constexpr int kMaxAtOnce = 64;              // Pieces in one round.
constexpr std::size_t kMaxPeers = 16;       // Prometheus is one; more are turned away.
constexpr SteadyMs kSilentMs = 10'000;      // A connection that asks nothing.
constexpr SteadyMs kAfterAnswerMs = 1'000;  // So that the answer is out: closing drops what is not.

std::optional<std::string> ReceiveFrame(void* socket) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  std::optional<std::string> bytes;
  if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0)
    bytes.emplace(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
  zmq_msg_close(&frame);
  return bytes;
}

bool SendTo(void* socket, const std::string& peer, std::string_view bytes) {
  return zmq_send(socket, peer.data(), peer.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
         zmq_send(socket, bytes.data(), bytes.size(), ZMQ_DONTWAIT) >= 0;
}

std::string Reply(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string Line(std::string_view name, auto value) {
  return "osteond_" + std::string(name) + " " + std::to_string(value) + "\n";
}

std::string Head(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP osteond_{0} {1}\n# TYPE osteond_{0} {2}\n", name, help, type);
}

std::string Gauge(std::string_view name, auto value, std::string_view help) {
  return Head(name, "gauge", help) + Line(name, value);
}

std::string Counter(std::string_view name, auto value, std::string_view help) {
  return Head(name, "counter", help) + Line(name, value);
}

}  // namespace

std::string MetricsText(const WorkerFigures& figures) {
  std::string text =
      Gauge("connected", figures.connected ? 1 : 0, "1: the plugin has let the worker in.") +
      Gauge("trouble", figures.trouble ? 1 : 0, "1: its settings cannot be used.") +
      Gauge("slots", figures.slots, "Studies that it takes at once.") +
      Gauge("free_slots", figures.free_slots, "Slots without a study.") +
      Gauge("results_waiting", figures.results_waiting, "Results without the plugin's answer.") +
      Gauge("spool_free_bytes", figures.spool_free_bytes, "Free room for its spool.") +
      Counter("jobs_total", figures.jobs, "Studies that it was given.") +
      Counter("analyses_total", figures.analysed, "Studies that it analysed.") +
      Counter("failures_total", figures.failed, "Studies that it could not analyse.") +
      Counter("received_bytes_total", figures.received_bytes, "Of images.") +
      Counter("sent_bytes_total", figures.sent_bytes, "Of results.") +
      Head("stage_seconds_total", "counter", "Time of each stage, of all analyses together.");
  for (const auto& [stage, ms] : figures.stage_ms)
    text += Line("stage_seconds_total{stage=\"" + stage + "\"}", static_cast<double>(ms) / 1000);
  return text;
}

Result<MetricsServer> MetricsServer::Open(const std::string& endpoint) {
  MetricsServer server;
  server.context_.reset(zmq_ctx_new());
  if (server.context_) server.socket_.reset(zmq_socket(server.context_.get(), ZMQ_STREAM));
  if (!server.socket_) return Unavailable("no resources for a socket");
  const int none = 0;
  zmq_setsockopt(server.socket_.get(), ZMQ_LINGER, &none, sizeof none);
  if (zmq_bind(server.socket_.get(), endpoint.c_str()) == 0) return server;
  const std::string message = endpoint + ": " + zmq_strerror(zmq_errno());
  if (zmq_errno() == EADDRINUSE || zmq_errno() == EACCES || zmq_errno() == ENODEV)
    return Unavailable(message);
  return InvalidInput(message);
}

std::string MetricsServer::endpoint() const {
  std::array<char, 256> name = {};
  std::size_t size = name.size();
  zmq_getsockopt(socket_.get(), ZMQ_LAST_ENDPOINT, name.data(), &size);
  return name.data();
}

void MetricsServer::Close(const std::string& peer) {
  close_at_.erase(peer);
  SendTo(socket_.get(), peer, "");
}

void MetricsServer::Take(const std::string& peer, const std::string& bytes, SteadyMs now,
                         const std::function<std::string()>& text) {
  const auto known = close_at_.find(peer);
  if (bytes.empty()) {  // A connection begins or has ended.
    if (known != close_at_.end()) {
      close_at_.erase(known);
    } else if (close_at_.size() >= kMaxPeers) {
      SendTo(socket_.get(), peer, "");
    } else {
      close_at_[peer] = now + kSilentMs;
    }
    return;
  }
  if (known == close_at_.end()) return;
  const bool ours = bytes.starts_with("GET /metrics ") || bytes.starts_with("GET /metrics?");
  SendTo(socket_.get(), peer,
         ours ? Reply("200 OK", text()) : Reply("404 Not Found", "GET /metrics is all there is\n"));
  known->second = now + kAfterAnswerMs;
}

void MetricsServer::Serve(SteadyMs now, const std::function<std::string()>& text) {
  for (int i = 0; i < kMaxAtOnce; ++i) {
    const std::optional<std::string> peer = ReceiveFrame(socket_.get());
    if (!peer) break;
    const std::optional<std::string> bytes = ReceiveFrame(socket_.get());
    if (bytes) Take(*peer, *bytes, now, text);
  }
  std::vector<std::string> over;
  for (const auto& [peer, at] : close_at_)
    if (now >= at) over.push_back(peer);
  for (const std::string& peer : over) Close(peer);
}

}  // namespace osteon
