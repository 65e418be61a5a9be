// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/collect.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "pipelines/dicom/seg/seg_reader.h"

namespace osteon {
namespace {

namespace fs = std::filesystem;

// Chosen: more is no folder of studies, or no findings.json.
constexpr std::size_t kMaxFiles = 200'000;
constexpr std::uintmax_t kMaxFindingsBytes = 64'000'000;
constexpr const char* kFindingsName = "findings.json";

Result<std::vector<fs::path>> FilesBelow(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return InvalidInput(folder.string() + ": is not a folder");
  std::vector<fs::path> files;
  fs::recursive_directory_iterator entries(folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code ignored;  // A broken link is no regular file.
    if (!entries->is_regular_file(ignored)) continue;
    if (files.size() == kMaxFiles) {
      return InvalidInput(fmt::format("{}: holds more than {} files", folder.string(), kMaxFiles));
    }
    files.push_back(entries->path());
  }
  if (error) return Unavailable(folder.string() + ": cannot be listed: " + error.message());
  std::sort(files.begin(), files.end());  // Nothing depends on the file system's order.
  return files;
}

}  // namespace

Result<std::map<std::string, StudyFiles>> CollectStudies(const fs::path& folder, RunContext& run) {
  const auto files = FilesBelow(folder);
  if (!files) return files.error();
  std::map<std::string, StudyFiles> studies;
  std::map<fs::path, std::set<std::string>> studies_in;
  for (const fs::path& file : *files) {
    if (run.Cancelled()) return Cancelled("while looking for studies");
    const auto object = IdentifyObject(file);
    if (!object || object->study_instance_uid.empty()) continue;
    StudyFiles& study = studies[object->study_instance_uid];
    if (object->is_segmentation) {
      study.segmentations.push_back(file);
    } else {
      ++study.other_objects;
    }
    studies_in[file.parent_path()].insert(object->study_instance_uid);
  }
  for (const auto& [place, uids] : studies_in) {
    std::error_code ignored;
    if (!fs::is_regular_file(place / kFindingsName, ignored)) continue;
    for (const std::string& uid : uids) {
      studies[uid].findings.push_back(place / kFindingsName);
      studies[uid].shares_folder |= uids.size() > 1;
    }
  }
  return studies;
}

Result<MarkProbabilities> ReadProbabilities(const fs::path& findings_json) {
  const std::string name = findings_json.parent_path().filename().string() + "/" + kFindingsName;
  std::error_code error;
  if (fs::file_size(findings_json, error) > kMaxFindingsBytes || error) {
    return InvalidInput(name + ": cannot be read, or is larger than 64 MB");
  }
  std::ifstream in(findings_json, std::ios::binary);
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidInput(name + ": is not a JSON object");
  MarkProbabilities out;
  if (const auto at = json.find("evaluable"); at != json.end() && at->is_boolean()) {
    out.evaluable = at->get<bool>();
  }
  const auto lesions = json.find("lesions");
  if (lesions == json.end() || !lesions->is_array()) return out;
  for (const auto& lesion : *lesions) {
    if (!lesion.is_object()) continue;
    const auto uid = lesion.find("tracking_uid"), certainty = lesion.find("certainty_percent");
    if (uid == lesion.end() || !uid->is_string() || certainty == lesion.end() ||
        !certainty->is_number()) {
      continue;
    }
    const double p = certainty->get<double>() / 100;
    if (p >= 0 && p <= 1) out.by_tracking_uid[uid->get<std::string>()] = p;
  }
  return out;
}

}  // namespace osteon
