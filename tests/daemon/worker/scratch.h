// SPDX-License-Identifier: GPL-3.0-or-later
// Shared by the worker's tests: a temporary folder, jobs, and waiting with a deadline.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/protocol/messages.h"
#include "pipelines/base/digest.h"

namespace osteon::testing {

// A folder that is removed with its content at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "osteon-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Polls until `done` or the deadline. The caller names the failure.
inline bool WaitUntil(const std::function<bool()>& condition, int seconds = 120) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A job whose instances have these contents.
inline protocol::Job JobOf(const std::string& id, std::uint32_t attempt,
                           const std::vector<std::string>& contents) {
  protocol::Job job;
  job.lease = {id, attempt};
  job.lease_seconds = 4;
  job.fingerprint = Sha256Hex(id);
  for (std::size_t i = 0; i < contents.size(); ++i) {
    job.instances.push_back({protocol::InstanceRole::kStudy, "1.2.3",
                             fmt::format("1.2.3.{}", i + 1), contents[i].size(),
                             Md5Hex(contents[i])});
  }
  return job;
}

// The piece of `content` that a FETCH for it would bring.
inline protocol::Instance PieceOf(const protocol::Lease& lease, std::uint32_t instance,
                                  const std::string& content, std::uint64_t offset) {
  return {lease, instance, offset,
          content.substr(offset, protocol::ChunkSize(content.size(), offset))};
}

}  // namespace osteon::testing
