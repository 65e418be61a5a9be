// SPDX-License-Identifier: GPL-3.0-or-later
// osteon doctor: says what is wrong between Orthanc, the plugin and this machine's worker, and how
// to fix it.
#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>

#include "daemon/cli/checks/doctor_plugin.h"
#include "daemon/cli/checks/finding.h"
#include "daemon/cli/command.h"
#include "daemon/cli/wait.h"
#include "daemon/worker/config.h"
#include "daemon/worker/connection.h"
#include "daemon/worker/files.h"
#include "daemon/worker/loop.h"
#include "pipelines/base/clock.h"
#include "pipelines/pipeline.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultConfig = "/etc/osteon/osteond.toml";
constexpr SteadyMs kHandshakeMs = 5'000;
struct DoctorArguments {
  ServerOptions server;
  std::string config;
  int wait_seconds = kWaitSeconds;
  bool json = false;
};

Finding CheckSpool(const WorkerConfig& config) {
  std::error_code error;
  const fs::path root =
      fs::exists(config.spool_dir, error) ? config.spool_dir : config.spool_dir.parent_path();
  const Result<std::uint64_t> free_bytes = FreeBytes(root);
  if (!free_bytes) {
    return Bad("spool: " + free_bytes.error().message(),
               "create the parent folder of spool_dir, owned by osteond's user");
  }
  const std::string text =
      fmt::format("spool {}: {} MiB free", config.spool_dir.string(), *free_bytes >> 20);
  return *free_bytes >> 20 < kLowDiskMib
             ? Warn(text, "larger studies are given back to the plugin; free disk space")
             : Good(text);
}

Finding CheckModels(const WorkerConfig& config) {
  PipelineOptions options;
  options.model_dir = config.model_dir;
  options.config_file = config.file;
  const Result<PipelineIdentity> identity = IdentifyPipeline(options);
  if (!identity) {
    return Bad("pipeline: " + identity.error().message(),
               "install the models, or set model_dir in [worker]");
  }
  return Good("pipeline " + identity->name + " " + identity->version + ", models are intact (" +
              identity->hash.substr(0, 12) + ")");
}

// The first event of the connection about the handshake; nullopt when none comes in time.
std::optional<ConnectionEvent> TryHandshake(Connection& connection) {
  const SystemClock clock;
  const SteadyMs end = clock.Steady() + kHandshakeMs;
  while (clock.Steady() < end) {
    auto items = connection.PollItems(ZMQ_POLLIN);
    zmq_poll(items.data(), static_cast<int>(items.size()), 100);
    if (const auto event = connection.NextEvent(clock.Steady())) return event;
  }
  return std::nullopt;
}

Finding CheckConnection(const WorkerConfig& config) {
  Result<ConnectionOptions> options = ConnectionOptionsOf(config);
  if (!options)
    return Bad("keys: " + options.error().message(),
               "make keys with 'osteon keygen'; key files need mode 0600");
  const std::string how = options->keys ? " with CURVE" : " without encryption";
  Result<Connection> connection = Connection::Open(std::move(options).value());
  if (!connection) return Bad(connection.error().message(), "correct endpoint in [worker]");
  const std::optional<ConnectionEvent> event = TryHandshake(*connection);
  if (event == ConnectionEvent::kConnected)
    return Good("the plugin accepts this worker's key at " + config.endpoint + how);
  if (event) {
    return Bad("the plugin at " + config.endpoint + " refuses this worker's key",
               "put the line of the worker's .pub file into AllowedWorkersFile, and the plugin's "
               "server.pub into"
               " server_public_key_file");
  }
  return Bad("nothing answers at " + config.endpoint,
             "check that \"Endpoint\" in Orthanc's \"Osteon\" section is the same, and that no "
             "firewall blocks it");
}

void CheckWorkerSide(const std::string& file, std::vector<Finding>& findings) {
  std::error_code error;
  if (file.empty() && !fs::exists(kDefaultConfig, error)) {
    findings.push_back(
        Warn(std::string("no worker is configured on this machine (") + kDefaultConfig + ")",
             "if there is one, name its configuration by --config FILE"));
    return;
  }
  const Result<WorkerConfig> config = LoadWorkerConfig(file.empty() ? kDefaultConfig : file);
  if (!config) {
    findings.push_back(Bad(config.error().message(), "correct that line"));
    return;
  }
  findings.push_back(Good("configuration " + config->file.string()));
  findings.push_back(CheckModels(*config));
  findings.push_back(CheckSpool(*config));
  findings.push_back(CheckConnection(*config));
}

int RunDoctor(const DoctorArguments& arguments) {
  WaitForWorker(arguments.server, arguments.wait_seconds);
  std::vector<Finding> findings = CheckServer(arguments.server);
  CheckWorkerSide(arguments.config, findings);
  return Tell(findings, arguments.json);
}

}  // namespace

void AddDoctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Say what is wrong between Orthanc, plugin and worker, and how to fix it");
  const auto arguments = std::make_shared<DoctorArguments>();
  AddServerOptions(*command, arguments->server);
  command
      ->add_option("--config", arguments->config,
                   std::string("osteond.toml of this machine's worker; else ") + kDefaultConfig)
      ->check(CLI::ExistingFile);
  AddWaitOption(*command, arguments->wait_seconds);
  command->add_flag("--json", arguments->json, "Print the findings as JSON");
  command->footer("Exit code: 0 nothing is wrong (there may be warnings), 1 something is wrong.");
  command->callback([=, &action] { action = [=] { return RunDoctor(*arguments); }; });
}

}  // namespace osteon::cli
