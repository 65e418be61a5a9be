// SPDX-License-Identifier: GPL-3.0-or-later
// osteon config check: both configurations, before anything is restarted.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <system_error>

#include "daemon/cli/checks/config_files.h"
#include "daemon/cli/checks/finding.h"
#include "daemon/cli/command.h"
#include "daemon/worker/config.h"
#include "daemon/worker/loop.h"
#include "orthanc-plugin/settings.h"
#include "pipelines/pipeline.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrthancFolder = "/etc/orthanc";
constexpr const char* kWorkerFile = "/etc/osteon/osteond.toml";
constexpr const char* kDocuments = "/usr/share/doc/osteon";

struct ConfigArguments {
  std::string orthanc, worker;
  bool json = false;
};

// What each side says about the way between them.
struct Endpoints {
  std::string plugin, worker;
};

void CheckOrthanc(const fs::path& path, std::vector<Finding>& findings, Endpoints& endpoints) {
  OrthancFiles files = ReadOrthancFiles(path);
  findings.insert(findings.end(), files.findings.begin(), files.findings.end());
  const auto section = files.file_of.find("Osteon");
  if (section == files.file_of.end()) {
    findings.push_back(Warn(path.string() + " has no section \"Osteon\", so the plugin stays off",
                            std::string("copy what is needed of ") + kDocuments +
                                "/orthanc-osteon.json to /etc/orthanc/osteon.json"));
    return;
  }
  const std::string file = section->second.string();
  const fs::path base = fs::absolute(section->second).parent_path();
  const auto settings = plugin::ParseSettings(files.configuration.dump(), base);
  if (!settings) {
    findings.push_back(Bad(file + ": " + settings.error().message(),
                           std::string("correct it, then restart Orthanc; every key is in ") +
                               kDocuments + "/orthanc-osteon.json"));
    return;
  }
  if (!settings->enabled) {
    findings.push_back(Warn(file + ": section Osteon has \"Enabled\": false",
                            "set it to true, or take it out, and restart Orthanc"));
    return;
  }
  endpoints.plugin = settings->router.endpoint;
  findings.push_back(
      Good(file + ": section Osteon is in order; workers connect to " + settings->router.endpoint));
}

void CheckWorker(const fs::path& file, std::vector<Finding>& findings, Endpoints& endpoints) {
  const std::string every_key = std::string("correct it, then restart osteond; every key is in ") +
                                kDocuments + "/osteond.toml";
  const Result<WorkerConfig> config = LoadWorkerConfig(file);
  if (!config) {
    findings.push_back(Bad(config.error().message(), every_key));
    return;
  }
  endpoints.worker = config->endpoint;
  if (const auto keys = ConnectionOptionsOf(*config); !keys)
    findings.push_back(Bad(file.string() + ": " + keys.error().message(),
                           "make keys with 'osteon keygen', mode 0600, owned by osteond's user"));
  PipelineOptions options;
  options.model_dir = config->model_dir;
  options.config_file = config->file;
  if (const auto identity = IdentifyPipeline(options); !identity) {
    findings.push_back(Bad(file.string() + ": " + identity.error().message(), every_key));
    return;
  }
  findings.push_back(
      Good(file.string() + " is in order; the plugin is looked for at " + config->endpoint));
}

std::string PortOf(const std::string& endpoint) {
  return endpoint.substr(std::min(endpoint.rfind(':'), endpoint.size()));
}

void CheckTogether(const Endpoints& endpoints, std::vector<Finding>& findings) {
  if (endpoints.plugin.empty() || endpoints.worker.empty()) return;
  if (PortOf(endpoints.plugin) == PortOf(endpoints.worker)) return;
  findings.push_back(Warn("the worker looks for the plugin at " + endpoints.worker +
                              ", and the one configured here listens at " + endpoints.plugin,
                          "make 'endpoint' in [worker] and \"Endpoint\" in Osteon's section agree, "
                          "when both are meant for each other"));
}

// The given one, else the usual one when it is there.
std::optional<fs::path> Chosen(const std::string& given, const char* usual) {
  std::error_code error;
  if (!given.empty()) return given;
  if (fs::exists(usual, error)) return usual;
  return std::nullopt;
}

int RunCheck(const ConfigArguments& a) {
  const bool any = !a.orthanc.empty() || !a.worker.empty();
  const auto orthanc = any && a.orthanc.empty() ? std::nullopt : Chosen(a.orthanc, kOrthancFolder);
  const auto worker = any && a.worker.empty() ? std::nullopt : Chosen(a.worker, kWorkerFile);
  if (!orthanc && !worker)
    return Complain(std::string("there is neither ") + kOrthancFolder + " nor " + kWorkerFile +
                        "; name what to check with --orthanc or --worker",
                    kUsage);
  std::vector<Finding> findings;
  Endpoints endpoints;
  if (orthanc) CheckOrthanc(*orthanc, findings, endpoints);
  if (worker) CheckWorker(*worker, findings, endpoints);
  CheckTogether(endpoints, findings);
  return Tell(findings, a.json);
}

}  // namespace

void AddConfig(CLI::App& app, Action& action) {
  CLI::App* group = app.add_subcommand(
      "config", "'config check' says what is wrong in both configurations, before a restart");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("check", "Say what is wrong in which file and key, and how to fix it");
  const auto arguments = std::make_shared<ConfigArguments>();
  command
      ->add_option("--orthanc", arguments->orthanc,
                   std::string("Orthanc's file or folder of files; else ") + kOrthancFolder)
      ->check(CLI::ExistingPath);
  command
      ->add_option("--worker", arguments->worker, std::string("osteond.toml; else ") + kWorkerFile)
      ->check(CLI::ExistingFile);
  command->add_flag("--json", arguments->json, "Print the findings as JSON");
  command->footer("Exit code: 0 nothing is wrong, 1 something is, 2 there is nothing to check.");
  command->callback([=, &action] { action = [=] { return RunCheck(*arguments); }; });
}

}  // namespace osteon::cli
