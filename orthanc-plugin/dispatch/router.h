// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's one socket, with its authentication and its monitor. The only file that sees zmq.h
// beside key_allow_list.cc. daemon/protocol/README.md, "Transport", is the contract.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/curve_key.h"
#include "daemon/protocol/messages.h"
#include "orthanc-plugin/dispatch/scheduler.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

struct RouterOptions {
  std::string endpoint = "tcp://127.0.0.1:5742";
  std::optional<protocol::CurveKeyPair> server_keys;  // REQUIRED off this machine.
  std::filesystem::path allowed_workers_file;         // Used with server_keys.
};

struct Incoming {
  PeerId peer;
  Result<protocol::Message> message;
};

struct RouterCounts {
  std::int64_t refused_handshakes = 0;
  std::int64_t malformed = 0;
  std::int64_t received_bytes = 0, sent_bytes = 0;  // Of messages, before encryption.
};

// A line of the file of allowed workers.
struct WorkerKey {
  std::string name;
  bool in_use = false;  // A worker with this key was heard within the last minute.
};

struct WorkerKeys {
  std::vector<WorkerKey> keys;  // Empty without CURVE.
  std::string trouble;          // Why the file could not be read; the last good list is in force.
};

// Used by one thread, except Wake.
class Router {
 public:
  // Errors: kInvalidInput for an endpoint off this machine without keys; kUnavailable when the
  // address is in use.
  static Result<std::unique_ptr<Router>> Open(const RouterOptions& options);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // What came within `timeout_ms`, at most a bounded batch; earlier when Wake was called.
  std::vector<Incoming> Poll(int timeout_ms);
  // False: the peer is gone, its queue is full, or its key was revoked. Never blocks.
  bool Send(const PeerId& peer, const protocol::Message& message);
  // Any thread: ends a Poll that waits.
  void Wake();
  const RouterCounts& counts() const;
  WorkerKeys GetWorkerKeys();

 private:
  struct Impl;
  explicit Router(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace osteon::plugin
