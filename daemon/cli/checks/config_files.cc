// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/cli/checks/config_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

namespace osteon::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::vector<fs::path> FilesIn(const fs::path& file_or_folder) {
  std::error_code error;
  if (!fs::is_directory(file_or_folder, error)) return {file_or_folder};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(file_or_folder, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// "line 3, column 7" and what is wrong there, without nlohmann's own prefix.
std::string WhatIsWrong(const std::string& text) {
  try {
    const Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/true,
                                    /*ignore_comments=*/true);
    return parsed.is_object() ? "" : "it is no JSON object";
  } catch (const Json::parse_error& error) {
    const std::string said = error.what();
    const auto at = said.find("line ");
    return at == std::string::npos ? said : said.substr(at);
  }
}

void Merge(const fs::path& file, OrthancFiles& files) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    files.findings.push_back(
        Bad(file.string() + " cannot be read", "run this as root, or correct its permissions"));
    return;
  }
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  if (const std::string wrong = WhatIsWrong(text); !wrong.empty()) {
    files.findings.push_back(
        Bad(file.string() + ": " + wrong, "correct that line: Orthanc does not start with it"));
    return;
  }
  const Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/true,
                                  /*ignore_comments=*/true);
  for (const auto& [key, value] : parsed.items()) {
    const auto [known, is_new] = files.file_of.emplace(key, file);
    if (is_new)
      files.configuration[key] = value;
    else
      files.findings.push_back(
          Bad("key '" + key + "' stands in " + known->second.string() + " and in " + file.string(),
              "keep one of them: Orthanc does not start with both"));
  }
}

}  // namespace

OrthancFiles ReadOrthancFiles(const fs::path& file_or_folder) {
  OrthancFiles files;
  for (const fs::path& file : FilesIn(file_or_folder)) Merge(file, files);
  return files;
}

}  // namespace osteon::cli
