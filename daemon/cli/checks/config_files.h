// SPDX-License-Identifier: GPL-3.0-or-later
// Orthanc's configuration as Orthanc reads it: one JSON file, or all *.json of a folder together.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/cli/checks/finding.h"

namespace osteon::cli {

struct OrthancFiles {
  nlohmann::json configuration = nlohmann::json::object();
  std::map<std::string, std::filesystem::path> file_of;  // Key of the top level -> where it stands.
  std::vector<Finding> findings;                         // What is wrong with the files.
};

// Comments are allowed, as in Orthanc. A key that stands in two files stops Orthanc, so it is a
// finding.
OrthancFiles ReadOrthancFiles(const std::filesystem::path& file_or_folder);

}  // namespace osteon::cli
