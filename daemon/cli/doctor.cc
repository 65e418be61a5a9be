// SPDX-License-Identifier: GPL-3.0-or-later
// osteon doctor: says what is wrong between Orthanc, the plugin and this machine's worker, and how
// to fix it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "daemon/cli/command.h"
#include "daemon/cli/orthanc_client.h"
#include "daemon/cli/print.h"
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
constexpr std::uint64_t kLowDiskBytes = std::uint64_t{4} << 30;  // Two large studies.

enum class Verdict { kGood, kWarning, kBad };

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string what;
  std::string fix;  // Empty when good.
};

struct DoctorArguments {
  ServerOptions server;
  std::string config;
  bool json = false;
};

Finding Good(std::string what) { return {Verdict::kGood, std::move(what), ""}; }
Finding Warn(std::string what, std::string fix) {
  return {Verdict::kWarning, std::move(what), std::move(fix)};
}
Finding Bad(std::string what, std::string fix) {
  return {Verdict::kBad, std::move(what), std::move(fix)};
}

Finding CheckOrthanc(const ServerOptions& server) {
  const Result<Json> system = GetJson(server, "/system");
  if (!system)
    return Bad(system.error().message(), "start Orthanc, or give --url, --user, --password-file");
  return Good("Orthanc " + Cell(*system, "Version") + " answers at " + server.url);
}

void CheckJobs(const Json& status, std::vector<Finding>& findings) {
  const Json jobs = status.value("jobs", Json::object());
  const int stuck = jobs.value("stuck", 0);
  if (stuck > 0) {
    findings.push_back(
        Warn(std::to_string(stuck) + " job(s) are stuck",
             "'osteon jobs --state stuck' says why; then 'osteon retry JOB' or 'osteon skip JOB'"));
  }
  const int not_evaluable = jobs.value("not_evaluable", 0);
  if (not_evaluable > 0) {
    findings.push_back(
        Warn(std::to_string(not_evaluable) + " report(s) say that their study was not evaluable",
             "'osteon jobs --state not_evaluable' says why; this is not a negative result: a "
             "radiologist must read these images"));
  }
}

void CheckHold(const Json& status, std::vector<Finding>& findings) {
  const Json hold = status.value("hold", Json());
  if (!hold.is_object()) return;
  const std::string reason = Cell(hold, "reason");
  findings.push_back(Warn((Cell(hold, "kind") == "drain" ? "draining since " : "paused since ") +
                              Cell(hold, "since") + " by " + Cell(hold, "by") +
                              (reason.empty() ? "" : ": " + reason),
                          "'osteon resume' when work may go on"));
}

void CheckWorkers(const Json& status, std::vector<Finding>& findings) {
  const Json workers = status.value("workers", Json::array());
  if (workers.empty()) {
    findings.push_back(Bad("no worker is connected to the plugin",
                           "start osteond; its log says why it cannot connect"));
  }
  for (const Json& worker : workers) {
    findings.push_back(Good("worker " + Cell(worker, "name") + " " + Cell(worker, "version") +
                            ", " + Cell(worker, "free_slots") + " of " + Cell(worker, "slots") +
                            " slot(s) free"));
  }
  if (status.value("refused_handshakes", 0) > 0) {
    findings.push_back(
        Warn(Cell(status, "refused_handshakes") + " handshakes were refused since Orthanc started",
             "a worker's public key may be missing in AllowedWorkersFile"));
  }
}

void CheckPlugin(const ServerOptions& server, std::vector<Finding>& findings) {
  const Result<Json> status = GetJson(server, "/osteon/status");
  if (!status) {
    findings.push_back(Bad(
        "the plugin does not answer: " + status.error().message(),
        "add libOsteonPlugin.so to \"Plugins\" and an \"Osteon\" section with \"Enabled\": true"));
    return;
  }
  findings.push_back(
      Good("plugin " + Cell(*status, "version") + ", mode " + Cell(*status, "mode")));
  if (!status->value("listening", true)) {
    findings.push_back(Bad("the plugin does not listen for workers",
                           "see \"trouble\" in 'osteon status', and Orthanc's log"));
  }
  for (const Json& trouble : status->value("trouble", Json::array())) {
    findings.push_back(Bad("the plugin reports: " + Cell(trouble), "see Orthanc's log"));
  }
  CheckWorkers(*status, findings);
  CheckHold(*status, findings);
  CheckJobs(*status, findings);
}

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
      "spool " + config.spool_dir.string() + ": " + std::to_string(*free_bytes >> 20) + " MiB free";
  return *free_bytes < kLowDiskBytes
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

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBad:
      return "wrong";
  }
  return "";
}

void PrintFindings(const DoctorArguments& arguments, const std::vector<Finding>& findings) {
  Json json = Json::array();
  for (const Finding& finding : findings) {
    json.push_back(
        {{"verdict", Word(finding.verdict)}, {"what", finding.what}, {"fix", finding.fix}});
    if (arguments.json) continue;
    std::printf("%-8s %s\n", Word(finding.verdict), Printable(finding.what).c_str());
    if (!finding.fix.empty()) std::printf("         -> %s\n", finding.fix.c_str());
  }
  if (arguments.json) std::puts(json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

int RunDoctor(const DoctorArguments& arguments) {
  std::vector<Finding> findings = {CheckOrthanc(arguments.server)};
  if (findings[0].verdict == Verdict::kGood) CheckPlugin(arguments.server, findings);
  CheckWorkerSide(arguments.config, findings);
  PrintFindings(arguments, findings);
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const Finding& f) { return f.verdict == Verdict::kBad; });
  return bad ? kFailed : kDone;
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
  command->add_flag("--json", arguments->json, "Print the findings as JSON");
  command->footer("Exit code: 0 nothing is wrong (there may be warnings), 1 something is wrong.");
  command->callback([=, &action] { action = [=] { return RunDoctor(*arguments); }; });
}

}  // namespace osteon::cli
