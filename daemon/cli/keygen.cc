// SPDX-License-Identifier: GPL-3.0-or-later
// osteon keygen: makes CURVE key files and says where each goes.
#include <zmq.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "daemon/cli/command.h"
#include "daemon/cli/help.h"
#include "daemon/protocol/curve_key.h"

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;

enum class Part { kAll, kServer, kWorker };

struct KeygenArguments {
  fs::path out = ".";
  std::string worker = "worker";
  Part part = Part::kAll;
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

void ExplainServer(const NewKeys& keys) {
  std::printf(
      "%s\n  secret, for the Orthanc machine: \"Osteon\": { \"ServerKeyFile\": ... }, readable by "
      "Orthanc's user alone\n"
      "%s\n  for every worker: server_public_key_file in osteond.toml\n",
      keys.secret_file.c_str(), keys.public_file.c_str());
}

void ExplainWorker(const NewKeys& keys) {
  std::printf(
      "%s\n  secret, for the worker's machine: key_file in osteond.toml, readable by its user "
      "alone\n"
      "%s\n  add its one line to AllowedWorkersFile on the Orthanc machine\n",
      keys.secret_file.c_str(), keys.public_file.c_str());
}

int RunKeygen(const KeygenArguments& a) {
  std::error_code error;
  fs::create_directories(a.out, error);
  if (Status status = CheckNothingIsThere(a); !status)
    return Complain(status.error().message(), kUsage);
  if (a.part != Part::kWorker) {
    const Result<NewKeys> server = WriteKeyPair(a.out, "server");
    if (!server) return Complain(server.error().message(), kFailed);
    ExplainServer(*server);
  }
  if (a.part == Part::kServer) return kDone;
  const Result<NewKeys> worker = WriteKeyPair(a.out, a.worker);
  if (!worker) return Complain(worker.error().message(), kFailed);
  ExplainWorker(*worker);
  if (a.part == Part::kWorker) return kDone;
  const fs::path list = a.out / "allowed_workers.txt";
  if (Status status = protocol::CreatePublicKeyFile(list, worker->public_key); !status) {
    return Complain(status.error().message(), kFailed);
  }
  std::printf("%s\n  for the Orthanc machine: AllowedWorkersFile, one line per worker\n",
              list.c_str());
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
  command->callback([=, &action] { action = [=] { return RunKeygen(*arguments); }; });
}

}  // namespace osteon::cli
