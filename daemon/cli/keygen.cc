// SPDX-License-Identifier: GPL-3.0-or-later
// osteon keygen: makes CURVE key files and says where each goes.
#include <zmq.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/protocol/curve_key.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

enum class Part { kAll, kServer, kWorker };

struct KeygenArguments {
  fs::path out = ".";
  std::string worker = "worker";
  Part part = Part::kAll;
  bool json = false;
};

// A file that was made, and where it goes.
struct Made {
  fs::path file;
  bool secret = false;
  const char* where = "";
};

struct NewKeys {
  fs::path secret_file, public_file;
  protocol::CurvePublicKey public_key;
};

Result<protocol::CurveKeyPair> MakeKeyPair() {
  std::array<char, 41> public_key = {}, secret_key = {};
  if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
    return Unsupported("this libzmq was built without CURVE");
  }
  return protocol::CurveKeyPair{public_key.data(), secret_key.data()};
}

Result<NewKeys> WriteKeyPair(const fs::path& folder, const std::string& name) {
  Result<protocol::CurveKeyPair> keys = MakeKeyPair();
  if (!keys) return std::move(keys).error();
  NewKeys made{folder / (name + ".key"), folder / (name + ".pub"), {keys->public_key, name}};
  Status status = protocol::CreateSecretKeyFile(made.secret_file, *keys);
  if (status) status = protocol::CreatePublicKeyFile(made.public_file, made.public_key);
  if (!status) return std::move(status).error();
  return made;
}

// Checked before the first file is written, so that no incomplete set of keys is left.
Status CheckNothingIsThere(const KeygenArguments& a) {
  std::vector<std::string> names;
  if (a.part != Part::kWorker) names.insert(names.end(), {"server.key", "server.pub"});
  if (a.part != Part::kServer) names.insert(names.end(), {a.worker + ".key", a.worker + ".pub"});
  if (a.part == Part::kAll) names.push_back("allowed_workers.txt");
  for (const std::string& name : names) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(a.out / name, error))) {
      return InvalidInput(
          (a.out / name).string() +
          " exists; keys are never overwritten. For one more worker: --part worker --worker NAME");
    }
  }
  return {};
}

void AddServer(const NewKeys& keys, std::vector<Made>& made) {
  made.push_back({keys.secret_file, true,
                  "for the Orthanc machine: \"Osteon\": { \"ServerKeyFile\": ... }, readable by "
                  "Orthanc's user alone"});
  made.push_back(
      {keys.public_file, false, "for every worker: server_public_key_file in osteond.toml"});
}

void AddWorker(const NewKeys& keys, std::vector<Made>& made) {
  made.push_back(
      {keys.secret_file, true,
       "for the worker's machine: key_file in osteond.toml, readable by its user alone"});
  made.push_back(
      {keys.public_file, false, "add its one line to AllowedWorkersFile on the Orthanc machine"});
}

Result<std::vector<Made>> MakeKeys(const KeygenArguments& a) {
  std::vector<Made> made;
  if (a.part != Part::kWorker) {
    const Result<NewKeys> server = WriteKeyPair(a.out, "server");
    if (!server) return server.error();
    AddServer(*server, made);
  }
  if (a.part == Part::kServer) return made;
  const Result<NewKeys> worker = WriteKeyPair(a.out, a.worker);
  if (!worker) return worker.error();
  AddWorker(*worker, made);
  if (a.part == Part::kWorker) return made;
  const fs::path list = a.out / "allowed_workers.txt";
  if (Status status = protocol::CreatePublicKeyFile(list, worker->public_key); !status)
    return std::move(status).error();
  made.push_back({list, false, "for the Orthanc machine: AllowedWorkersFile, one line per worker"});
  return made;
}

void Print(const std::vector<Made>& made, const KeygenArguments& a) {
  Json json = Json::array();
  for (const Made& one : made) {
    json.push_back({{"file", one.file.string()}, {"secret", one.secret}, {"where", one.where}});
    if (!a.json)
      std::printf("%s\n  %s%s\n", one.file.c_str(), one.secret ? "secret, " : "", one.where);
  }
  if (a.json) std::puts(json.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

int RunKeygen(const KeygenArguments& a) {
  std::error_code error;
  fs::create_directories(a.out, error);
  if (Status status = CheckNothingIsThere(a); !status)
    return Complain(status.error().message(), kUsage);
  const auto made = MakeKeys(a);
  if (!made) return Complain(made.error().message(), kFailed);
  Print(*made, a);
  return kDone;
}

std::string CheckName(const std::string& name) {
  const bool plain = !name.empty() && name[0] != '.' && name.size() <= 64 &&
                     name.find_first_of(" /\t\n") == std::string::npos && name != "server";
  return plain ? "" : "a name of up to 64 characters without space and '/', and not 'server'";
}

}  // namespace

void AddKeygen(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("keygen", "Make the CURVE keys of plugin and workers");
  const auto arguments = std::make_shared<KeygenArguments>();
  command->add_option("--out", arguments->out, "Folder for the files")->capture_default_str();
  command->add_option("--worker", arguments->worker, "Name of the worker")
      ->check(CLI::Validator(CheckName, "NAME"))
      ->capture_default_str();
  const std::map<std::string, Part> parts = {
      {"all", Part::kAll}, {"server", Part::kServer}, {"worker", Part::kWorker}};
  command
      ->add_option("--part", arguments->part,
                   "all, server (a new key for the plugin), or worker (one more worker)")
      ->transform(OneOf(parts));
  command->add_flag("--json", arguments->json, "Print the files and where each goes as JSON");
  command->callback([=, &action] { action = [=] { return RunKeygen(*arguments); }; });
}

}  // namespace osteon::cli
