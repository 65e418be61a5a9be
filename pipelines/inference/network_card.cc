// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipelines/inference/network.h"

namespace osteon {
namespace {

Error BadKey(const std::filesystem::path& file, const char* key, const char* wanted) {
  return InvalidInput(file.string() + ": key \"" + key + "\" must be " + wanted);
}

}  // namespace

Result<NetworkCard> ReadNetworkCard(const std::filesystem::path& model_dir,
                                    const std::string& name) {
  const std::filesystem::path file = model_dir / (name + ".json");
  std::ifstream in(file);
  if (!in) return InvalidInput("network card is missing: " + file.string());
  const auto json = nlohmann::json::parse(in, nullptr, false);
  if (!json.is_object()) return InvalidInput(file.string() + ": not a JSON object");

  NetworkCard card;
  card.name = name;
  for (const char* key : {"version", "file", "sha256"}) {
    if (!json.contains(key) || !json[key].is_string()) return BadKey(file, key, "a string");
  }
  card.version = json["version"].get<std::string>();
  card.file = model_dir / json["file"].get<std::string>();
  card.sha256 = json["sha256"].get<std::string>();
  if (!json.contains("input_channels") || !json["input_channels"].is_number_integer()) {
    return BadKey(file, "input_channels", "a whole number");
  }
  card.input_channels = json["input_channels"].get<int>();
  if (!json.contains("outputs") || !json["outputs"].is_array())
    return BadKey(file, "outputs", "a list of strings");
  for (const auto& output : json["outputs"]) {
    if (!output.is_string()) return BadKey(file, "outputs", "a list of strings");
    card.outputs.push_back(output.get<std::string>());
  }
  return card;
}

Result<std::filesystem::path> FindModelDir(const std::filesystem::path& wanted) {
  std::vector<std::filesystem::path> places;
  if (!wanted.empty()) {
    places.push_back(wanted / "models");
    places.push_back(wanted);
  } else {
    if (const char* env = std::getenv("OSTEON_MODEL_DIR")) places.emplace_back(env);
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    if (!ignored) places.push_back(program.parent_path().parent_path() / "share/osteon/models");
    if (const char* source = std::getenv("OSTEON_SOURCE_DIR")) {
      places.push_back(std::filesystem::path(source) / "config/models");
    }
    places.emplace_back(OSTEON_SOURCE_MODELS);
  }
  std::string tried;
  for (const auto& place : places) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(place / "skeleton.json", ignored)) return place;
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  return Unavailable("no network found; looked in " + tried);
}

}  // namespace osteon
