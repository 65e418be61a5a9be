// SPDX-License-Identifier: GPL-3.0-or-later
// Workers without a pipeline, all in one thread: each takes a job, is busy for a while, and answers
// without documents.
#pragma once

#include <zmq.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/messages.h"

namespace osteon::bench {

// Milliseconds of the steady clock.
double NowMs();

// Thread-compatible. What fails ends the program.
class SimulatedFleet {
 public:
  // `workers` connections, to the endpoints in turn, each of one slot; a job takes `work_ms`.
  SimulatedFleet(const std::vector<std::string>& endpoints, int workers, double work_ms);
  ~SimulatedFleet();
  SimulatedFleet(const SimulatedFleet&) = delete;
  SimulatedFleet& operator=(const SimulatedFleet&) = delete;

  // Waits a few milliseconds for messages, answers all, and ends the jobs whose time has come.
  void Step();

  // When each JOB came (NowMs), by its id in messages.
  const std::map<std::string, double>& arrived() const { return arrived_; }
  long committed() const { return committed_; }

 private:
  struct Worker {
    std::string name;
    void* socket = nullptr;
    std::optional<protocol::Job> job;
    double finish_ms = 0, ready_ms = 0;
  };

  static void Greet(Worker& worker);
  static void SayReady(Worker& worker);
  static void Finish(Worker& worker);
  void Take(Worker& worker, const protocol::Message& message);

  const double work_ms_;
  void* context_;
  std::vector<Worker> workers_;
  std::vector<zmq_pollitem_t> items_;
  std::map<std::string, double> arrived_;
  long committed_ = 0;
};

}  // namespace osteon::bench
