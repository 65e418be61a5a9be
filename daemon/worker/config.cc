// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/worker/config.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <vector>

#include "daemon/protocol/curve_key.h"
#include "daemon/worker/files.h"
#include "pipelines/base/nearest.h"
#include "pipelines/settings/toml_table.h"

namespace osteon {
namespace {

constexpr std::size_t kMaxNameBytes = 64;  // Below the token of the protocol; a host name fits.

constexpr std::array<std::string_view, 3> kTables = {"worker", "limits", "pipeline"};

Status CheckTables(const toml::table& root) {
  for (const auto& [key, node] : root) {
    if (std::find(kTables.begin(), kTables.end(), key.str()) != kTables.end()) continue;
    return InvalidInput(LineOf(node.source()) + "unknown table or key '" + std::string(key.str()) +
                        "', the nearest known table is [" +
                        std::string(NearestName(key.str(), kTables)) + "]");
  }
  return {};
}

Status ReadWorkerTable(const toml::table& root, WorkerConfig& config) {
  TomlTable worker(root, "worker");
  worker.Text("name", config.name);
  worker.Integer("slots", config.slots, 1, 64);
  worker.Path("spool_dir", config.spool_dir);
  worker.Integer("drain_seconds", config.drain_seconds, 0, 86'400);
  worker.Level("log_level", config.log_level);
  worker.Path("model_dir", config.model_dir);
  worker.Integer("threads", config.threads, 1, 256);
  worker.Text("endpoint", config.endpoint);
  worker.Path("key_file", config.key_file);
  worker.Path("server_public_key_file", config.server_public_key_file);
  worker.Text("metrics", config.metrics);
  worker.Integer("offer_again_seconds", config.offer_again_seconds, 1, 3600);
  worker.Integer("receive_timeout_seconds", config.receive_timeout_seconds, 1, 3600);
  return worker.Finish();
}

Status ReadLimitsTable(const toml::table& root, WorkerConfig& config) {
  TomlTable limits(root, "limits");
  limits.Mebibytes("memory_mib", config.limits.memory_bytes, 0, 1'048'576);
  limits.Integer("cpu_seconds", config.limits.cpu_seconds, 1, 604'800);
  limits.Integer("wall_seconds", config.limits.wall_seconds, 1, 604'800);
  limits.Mebibytes("max_study_mib", config.max_study_bytes, 1, 1'048'576);
  return limits.Finish();
}

std::string HostName() {
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "worker";
  return std::string(name.data()).substr(0, kMaxNameBytes);
}

// Checks of a form, and of keys that depend on each other.
Status CheckTogether(const WorkerConfig& config) {
  const bool printable = std::all_of(config.name.begin(), config.name.end(),
                                     [](char c) { return c > ' ' && c <= '~' && c != '/'; });
  if (!printable || config.name.size() > kMaxNameBytes) {
    return InvalidInput("'name' in [worker] must be at most 64 characters without space and '/'");
  }
  if (config.spool_dir.is_relative()) {
    return InvalidInput("'spool_dir' in [worker] must be an absolute path");
  }
  if (!config.metrics.empty() && !config.metrics.starts_with("tcp://")) {
    return InvalidInput("'metrics' in [worker] must begin with tcp://, or be empty for none");
  }
  if (config.key_file.empty() != config.server_public_key_file.empty()) {
    return InvalidInput("[worker] needs both 'key_file' and 'server_public_key_file', or neither");
  }
  if (config.key_file.empty() && !protocol::IsLocalEndpoint(config.endpoint)) {
    return InvalidInput(
        "'endpoint' in [worker] leaves this machine, so it needs CURVE keys: make them with "
        "'osteon "
        "keygen' and set 'key_file' and 'server_public_key_file'");
  }
  return {};
}

}  // namespace

Result<WorkerConfig> ParseWorkerConfig(std::string_view toml) {
  const auto parsed = ParseToml(toml);
  if (!parsed) return parsed.error();
  WorkerConfig config;
  const toml::table& root = *parsed;
  if (Status status = CheckTables(root); !status) return std::move(status).error();
  if (Status status = ReadWorkerTable(root, config); !status) return std::move(status).error();
  if (Status status = ReadLimitsTable(root, config); !status) return std::move(status).error();
  if (config.name.empty()) config.name = HostName();
  if (Status status = CheckTogether(config); !status) return std::move(status).error();
  return config;
}

Result<WorkerConfig> LoadWorkerConfig(const std::filesystem::path& file) {
  Result<std::string> text = ReadFile(file, kMaxConfigBytes);
  if (!text) return std::move(text).error();
  Result<WorkerConfig> config = ParseWorkerConfig(*text);
  if (!config) return std::move(config).error().During(file.string());
  config->file = file;
  return config;
}

}  // namespace osteon
