// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of this worker for Prometheus, and the small HTTP server that gives them. No patient
// data.
#pragma once

#include <zmq.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"

namespace osteon {

// Totals count from the start of osteond.
struct WorkerFigures {
  bool connected = false;  // The plugin has let it in.
  bool trouble = false;    // Its settings are in disorder.
  std::uint32_t slots = 0, free_slots = 0;
  std::size_t results_waiting = 0;  // For the plugin's answer.
  std::uint64_t spool_free_bytes = 0;
  std::int64_t jobs = 0, analysed = 0, failed = 0;
  std::uint64_t received_bytes = 0, sent_bytes = 0;  // Of images and results.
  std::map<std::string, std::int64_t> stage_ms;      // All analyses together.
};

// In Prometheus' text format 0.0.4, each with its type and what it is: osteond_jobs_total 17 ...
std::string MetricsText(const WorkerFigures& figures);

// Answers GET /metrics. One socket of libzmq (ZMQ_STREAM), so that the loop waits for it as for the
// others and the service needs no further rights. Used by one thread. Move-only.
class MetricsServer {
 public:
  // `endpoint` "tcp://127.0.0.1:9742". Errors: kUnavailable when the address is in use;
  // kInvalidInput when libzmq takes it for malformed.
  static Result<MetricsServer> Open(const std::string& endpoint);

  // Where it listens; tests ask for port "*".
  std::string endpoint() const;
  zmq_pollitem_t PollItem() const { return {socket_.get(), 0, ZMQ_POLLIN, 0}; }
  // Answers what has come, and closes connections that are done or silent.
  void Serve(SteadyMs now, const std::function<std::string()>& text);

 private:
  struct CloseContext {
    void operator()(void* context) const { zmq_ctx_term(context); }
  };
  struct CloseSocket {
    void operator()(void* socket) const { zmq_close(socket); }
  };

  void Take(const std::string& peer, const std::string& bytes, SteadyMs now,
            const std::function<std::string()>& text);
  void Close(const std::string& peer);

  // Destroyed from the last to the first: ending a context waits for its sockets.
  std::unique_ptr<void, CloseContext> context_;
  std::unique_ptr<void, CloseSocket> socket_;
  std::map<std::string, SteadyMs> close_at_;  // By routing id of the open connections.
};

}  // namespace osteon
