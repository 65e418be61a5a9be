// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/wait.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "daemon/cli/print.h"

namespace osteon::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kAskEvery = std::chrono::milliseconds(500);

// What is still to come; empty when all is here or nothing will come.
std::string Missing(const ServerOptions& server) {
  const Result<Json> status = GetJson(server, "/osteon/status");
  if (!status && status.error().code() == ErrorCode::kNotReady)
    return "Orthanc to answer at " + server.url;
  if (!status || !status->is_object()) return {};
  return status->value("workers", Json::array()).empty() ? "a worker to connect" : "";
}

}  // namespace

void AddWaitOption(CLI::App& command, int& seconds) {
  command
      .add_option("--wait", seconds,
                  "Seconds to wait for an Orthanc that is starting and for a first worker")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
}

void WaitForWorker(const ServerOptions& server, int seconds) {
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  std::string told;
  while (Clock::now() < end) {
    const std::string missing = Missing(server);
    if (missing.empty()) return;
    if (missing != told)
      std::fprintf(stderr, "osteon: waiting up to %d s for %s\n", seconds,
                   Printable(missing).c_str());
    told = missing;
    std::this_thread::sleep_for(kAskEvery);
  }
}

}  // namespace osteon::cli
