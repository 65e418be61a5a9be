// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/truth/packed_study.h"

#include <algorithm>

#include "pipelines/base/uid.h"

namespace osteon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "2.25.";
// Kept of each number behind the root, so that it stays below 2^128.
constexpr std::size_t kKeptDigits = 12;

Json LesionJson(const DrawnLesion& lesion) {
  return {{"bone", lesion.bone},
          {"centre_mm", {lesion.centre_mm.x, lesion.centre_mm.y, lesion.centre_mm.z}},
          {"volume_ml", lesion.volume_ml},
          {"required", lesion.required}};
}

DrawnLesion LesionFrom(const Json& json) {
  const Json& centre = json.at("centre_mm");
  return {json.at("bone"),
          {centre.at(0), centre.at(1), centre.at(2)},
          json.at("volume_ml"),
          json.at("required")};
}

}  // namespace

std::string Pack(const PackedStudy& study) {
  Json json = {{"study", study.study_uid}, {"lesions", Json::array()}, {"files", Json::array()}};
  for (const DrawnLesion& lesion : study.lesions) json["lesions"].push_back(LesionJson(lesion));
  for (const std::string_view file : study.files) json["files"].push_back(file.size());
  std::string packed = json.dump() + '\n';
  for (const std::string_view file : study.files) packed += file;
  return packed;
}

Result<PackedStudy> Unpack(std::string_view packed) {
  const std::size_t line = std::min(packed.find('\n'), packed.size());
  std::string_view rest = packed.substr(std::min(line + 1, packed.size()));
  try {
    const Json json = Json::parse(packed.substr(0, line));
    PackedStudy study;
    study.study_uid = json.at("study");
    for (const Json& lesion : json.at("lesions")) study.lesions.push_back(LesionFrom(lesion));
    for (const Json& size : json.at("files")) {
      study.files.push_back(rest.substr(0, size.get<std::size_t>()));
      if (study.files.back().size() != size)
        return InvalidInput("the packed study ends within a file");
      rest.remove_prefix(study.files.back().size());
    }
    return study;
  } catch (const Json::exception&) {
    return InvalidInput("the packed study has no table of what is in it");
  }
}

std::string WithNewUids(std::string_view bytes, std::string_view seed) {
  std::string changed(bytes);
  std::size_t end = 0;
  for (auto at = changed.find(kRoot); at != changed.npos; at = changed.find(kRoot, end)) {
    end = std::min(changed.find_first_not_of("0123456789", at + kRoot.size()), changed.size());
    const std::size_t kept = std::min(at + kRoot.size() + kKeptDigits, end);
    const std::string digits = DeriveUid(seed, changed.substr(at, end - at)).substr(kRoot.size());
    const std::size_t count = std::min(end - kept, digits.size());
    changed.replace(end - count, count, digits, digits.size() - count, count);
  }
  return changed;
}

}  // namespace osteon
