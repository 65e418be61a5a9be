// SPDX-License-Identifier: GPL-3.0-or-later
// osteon config check: both configurations, before anything is restarted.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "daemon/cli/checks/config_files.h"
#include "daemon/cli/checks/finding.h"
#include "daemon/cli/command.h"
#include "daemon/protocol/curve_key.h"
#include "daemon/worker/config.h"
#include "daemon/worker/loop.h"
#include "orthanc-plugin/settings.h"
#include "pipelines/pipeline.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrthancFolder = "/etc/orthanc";
constexpr const char* kWorkerFile = "/etc/osteon/osteond.toml";
constexpr const char* kPlugin = "libOsteonPlugin.so";
constexpr const char* kDocuments = "/usr/share/doc/osteon";

struct ConfigArguments {
  std::string orthanc, worker;
  bool json = false;
};

// What each side says about the way between them.
struct Side {
  std::string endpoint;                              // Empty: not checked, or faulty.
  std::string own_key;                               // Public; empty without CURVE.
  std::vector<protocol::CurvePublicKey> other_keys;  // Of whom it lets in, or believes.
};
struct BothSides {
  Side plugin, worker;
};

// Orthanc loads the files it is given, and those in the folders it is given.
bool LoadsPlugin(const OrthancFiles& files) {
  const auto plugins = files.configuration.find("Plugins");
  if (plugins == files.configuration.end() || !plugins->is_array()) return false;
  const fs::path base = fs::absolute(files.file_of.at("Plugins")).parent_path();
  return std::any_of(plugins->begin(), plugins->end(), [&](const nlohmann::json& entry) {
    if (!entry.is_string()) return false;
    const fs::path path = base / entry.get<std::string>();
    std::error_code error;
    return path.filename() == kPlugin || fs::exists(path / kPlugin, error);
  });
}

void CheckServerKeys(const std::string& file, const plugin::Settings& settings,
                     std::vector<Finding>& findings, Side& side) {
  if (!settings.router.server_keys) return;
  side.own_key = settings.router.server_keys->public_key;
  auto allowed = protocol::LoadPublicKeyFile(settings.router.allowed_workers_file);
  if (!allowed)
    findings.push_back(Bad(file + ": 'AllowedWorkersFile': " + allowed.error().message(),
                           "correct it: a line for each worker, as in its .pub file; Orthanc needs "
                           "no restart"));
  else if (allowed->empty())
    findings.push_back(Warn(settings.router.allowed_workers_file.string() + " has no key",
                            "add the line of each worker's .pub file, or none can connect"));
  if (allowed) side.other_keys = *std::move(allowed);
}

// Orthanc asks for a password where other machines may ask it, unless it is told not to.
void CheckUsers(const OrthancFiles& files, std::vector<Finding>& findings) {
  const auto is = [&](const char* key, bool value) {
    return files.configuration.value(key, nlohmann::json()) == nlohmann::json(value);
  };
  if (is("RemoteAccessAllowed", true) && is("AuthenticationEnabled", false))
    findings.push_back(Warn(files.file_of.at("AuthenticationEnabled").string() +
                                ": \"AuthenticationEnabled\" is false, so whoever reaches Orthanc "
                                "can read and delete images",
                            "set it to true, with users in \"RegisteredUsers\" (manual, 'Users and "
                            "TLS'), and restart Orthanc"));
}

void CheckOrthanc(const fs::path& path, std::vector<Finding>& findings, Side& side) {
  OrthancFiles files = ReadOrthancFiles(path);
  findings.insert(findings.end(), files.findings.begin(), files.findings.end());
  CheckUsers(files, findings);
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
  if (!LoadsPlugin(files))
    findings.push_back(Warn(std::string("no entry of \"Plugins\" leads to ") + kPlugin,
                            std::string("add its path to \"Plugins\", on Debian ") +
                                "/usr/share/orthanc/plugins/" + kPlugin));
  CheckServerKeys(file, *settings, findings, side);
  side.endpoint = settings->router.endpoint;
  findings.push_back(
      Good(file + ": section Osteon is in order; workers connect to " + settings->router.endpoint));
}

void CheckWorker(const fs::path& file, std::vector<Finding>& findings, Side& side) {
  const std::string every_key = std::string("correct it, then restart osteond; every key is in ") +
                                kDocuments + "/osteond.toml";
  const Result<WorkerConfig> config = LoadWorkerConfig(file);
  if (!config) {
    findings.push_back(Bad(config.error().message(), every_key));
    return;
  }
  side.endpoint = config->endpoint;
  const auto keys = ConnectionOptionsOf(*config);
  if (!keys)
    findings.push_back(Bad(file.string() + ": " + keys.error().message(),
                           "make keys with 'osteon keygen', mode 0600, owned by osteond's user"));
  else if (keys->keys)
    side.own_key = keys->keys->public_key, side.other_keys = keys->server_keys;
  PipelineOptions options;
  options.model_dir = config->model_dir;
  options.config_file = config->file;
  if (const auto identity = IdentifyPipeline(options); !identity) {
    findings.push_back(Bad(file.string() + ": " + identity.error().message(), every_key));
    return;
  }
  if (!keys) return;
  findings.push_back(
      Good(file.string() + " is in order; the plugin is looked for at " + config->endpoint));
}

std::string PortOf(const std::string& endpoint) {
  return endpoint.substr(std::min(endpoint.rfind(':'), endpoint.size()));
}

bool Knows(const Side& side, const std::string& key) {
  return std::any_of(side.other_keys.begin(), side.other_keys.end(),
                     [&](const protocol::CurvePublicKey& known) { return known.key == key; });
}

// Both may be in order and not be meant for each other, so these are warnings.
void CheckTogether(const BothSides& sides, std::vector<Finding>& findings) {
  const auto& [plugin, worker] = sides;
  if (plugin.endpoint.empty() || worker.endpoint.empty()) return;
  if (PortOf(plugin.endpoint) != PortOf(worker.endpoint)) {
    findings.push_back(
        Warn("the worker looks for the plugin at " + worker.endpoint +
                 ", and the one configured here listens at " + plugin.endpoint,
             "make 'endpoint' in [worker] and \"Endpoint\" in Osteon's section agree, "
             "when both are meant for each other"));
    return;
  }
  if (plugin.own_key.empty() != worker.own_key.empty())
    findings.push_back(Warn(std::string("only the ") +
                                (plugin.own_key.empty() ? "worker" : "plugin") + " uses CURVE keys",
                            "give both their keys, or neither when both are on this machine"));
  if (plugin.own_key.empty() || worker.own_key.empty()) return;
  if (!Knows(worker, plugin.own_key))
    findings.push_back(
        Warn("the worker's server_public_key_file has not the key of the plugin "
             "configured here",
             "copy the plugin's server.pub there"));
  if (!Knows(plugin, worker.own_key))
    findings.push_back(
        Warn("the plugin's AllowedWorkersFile has not the key of the worker "
             "configured here",
             "add the line of the worker's .pub file"));
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
  BothSides sides;
  if (orthanc) CheckOrthanc(*orthanc, findings, sides.plugin);
  if (worker) CheckWorker(*worker, findings, sides.worker);
  CheckTogether(sides, findings);
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
