// SPDX-License-Identifier: GPL-3.0-or-later
// The plugin's end of the connection: a real ROUTER socket, whose messages the test reads and
// answers. At the other end is a real osteond process with the fake pipeline.
#pragma once

#include <fmt/core.h>

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/protocol/curve_key.h"
#include "daemon/protocol/messages.h"
#include "tests/daemon/worker/scratch.h"

namespace osteon::testing {

class FakePlugin {
 public:
  // With keys: a CURVE server that lets every client in. `port` 0: a free one.
  explicit FakePlugin(std::optional<protocol::CurveKeyPair> keys = {}, int port = 0);
  ~FakePlugin();

  int port() const { return port_; }
  std::string endpoint() const { return fmt::format("tcp://127.0.0.1:{}", port_); }

  // Waits for the next message. A FETCH for a job that was sent is answered, and returned, too.
  std::optional<protocol::Message> Next(int timeout_ms);
  // Skips what is not an M (or not as `fits` wants it) for at most 20 s; fails the test by name
  // when there is none.
  template <typename M>
  std::optional<M> Await(const std::function<bool(const M&)>& fits = {});
  // True when no M comes within the time.
  template <typename M>
  bool Silent(int ms);

  void Send(const protocol::Message& message);
  // Sends the JOB and serves its pieces from now on; `keep` may drop some (by count).
  void Give(const protocol::Job& job, std::vector<std::string> contents,
            std::function<bool(int)> keep = {});
  // Receives RESULT and all its pieces. Returns the bytes of each document.
  struct Received {
    protocol::ResultManifest manifest;
    std::vector<std::string> documents;
  };
  std::optional<Received> AwaitResult();

 private:
  void Serve(const protocol::Fetch& fetch);

  void* context_;
  void* router_;
  int port_ = 0;
  std::string peer_;                                          // Sender of the last message.
  std::map<std::string, std::vector<std::string>> contents_;  // By job id.
  std::function<bool(int)> keep_;
  int pieces_sent_ = 0;
};

class WorkerProcess {
 public:
  // `keys` is TOML for the [worker] table, `tables` what follows it.
  WorkerProcess(const std::filesystem::path& folder, const std::string& endpoint,
                const std::string& keys = "", const std::string& tables = "");
  ~WorkerProcess();

  void Signal(int signal) const;
  // Exit code, or -signal. Fails the test after 20 s.
  int Wait();
  std::string Log() const;

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
};

std::optional<protocol::CurveKeyPair> MakeKeys();

template <typename M>
std::optional<M> FakePlugin::Await(const std::function<bool(const M&)>& fits) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    const auto message = Next(100);
    if (!message) continue;
    if (const M* m = std::get_if<M>(&*message); m != nullptr && (!fits || fits(*m))) return *m;
  }
  ADD_FAILURE() << "waited in vain for " << protocol::Name(M{});
  return std::nullopt;
}

template <typename M>
bool FakePlugin::Silent(int ms) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (std::chrono::steady_clock::now() < end) {
    const auto message = Next(20);
    if (message && std::holds_alternative<M>(*message)) return false;
  }
  return true;
}

}  // namespace osteon::testing
