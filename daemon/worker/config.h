// SPDX-License-Identifier: GPL-3.0-or-later
// config/osteond.toml as a value. Every key has a default. An unknown key or a value out of range
// is an error that names it, so a typing mistake never becomes a silent default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "pipelines/base/log.h"
#include "pipelines/base/result.h"

namespace osteon {

// What one child process may use.
struct ChildLimits {
  std::uint64_t memory_bytes = std::uint64_t{6144} << 20;  // Address space. 0: no limit.
  std::uint32_t cpu_seconds = 3600;                        // All threads together.
  std::uint32_t wall_seconds = 1800;
};

// config/osteond.toml explains each beside its key.
struct WorkerConfig {
  std::string name;  // Host name when the key is empty.
  std::uint32_t slots = 1;
  std::filesystem::path spool_dir = "/var/lib/osteon/spool";
  std::uint32_t drain_seconds = 120;
  LogLevel log_level = LogLevel::kInfo;

  std::string endpoint = "tcp://127.0.0.1:5742";
  std::filesystem::path key_file;  // Empty: no CURVE, allowed on this machine only.
  std::filesystem::path server_public_key_file;
  std::string metrics = "tcp://127.0.0.1:9742";  // Empty: none.
  std::uint32_t offer_again_seconds = 30;
  std::uint32_t receive_timeout_seconds = 60;

  ChildLimits limits;
  std::uint64_t max_study_bytes = std::uint64_t{8192} << 20;

  std::filesystem::path model_dir;  // Empty: the built-in search.
  int threads = 2;

  std::filesystem::path file;  // Where this was read from; empty for defaults.
};

inline constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{1}
                                                 << 20;  // Chosen: no configuration.

// Text in, value out; fuzzed. The [pipeline] table is the pipeline's own and is not looked at here.
// Errors: kInvalidInput, with line and key.
Result<WorkerConfig> ParseWorkerConfig(std::string_view toml);
// Errors: those of ParseWorkerConfig, with the file's name; kUnavailable when it cannot be read.
Result<WorkerConfig> LoadWorkerConfig(const std::filesystem::path& file);

}  // namespace osteon
