// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/material.h"

#include <algorithm>
#include <map>
#include <utility>

#include "orthanc-plugin/archive/json.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

Result<Json> GetList(Archive& archive, const std::string& uri) {
  auto body = archive.Get(uri);
  if (!body) return std::move(body).error();
  if (!body->has_value()) return Json::array();
  return ParseAnswer(**body, uri);
}

bool IsReport(const Json& series) {
  const Json& tags = Child(series, "MainDicomTags");
  const std::string modality = Text(tags, "Modality");
  return Text(tags, "Manufacturer") == kManufacturer && (modality == "SR" || modality == "SEG");
}

bool IsRadiograph(const Json& series) {
  const std::string modality = Text(Child(series, "MainDicomTags"), "Modality");
  return modality == "CR" || modality == "DX";
}

// A study may hold several reports, each superseding the one before; the newest is the last one
// stored.
std::string Newest(const std::vector<Json>& series, const char* modality) {
  std::string id;
  std::string newest;
  for (const Json& json : series) {
    if (Text(Child(json, "MainDicomTags"), "Modality") != modality) continue;
    const std::string update = Text(json, "LastUpdate");
    if (!id.empty() && update < newest) continue;
    id = Text(json, "ID");
    newest = update;
  }
  return id;
}

Status AddReport(Archive& archive, const std::vector<Json>& series,
                 std::vector<MaterialInstance>& to) {
  for (const char* modality : {"SR", "SEG"}) {
    const std::string id = Newest(series, modality);
    if (id.empty()) continue;
    auto instances = GetList(archive, "/series/" + id + "/instances");
    if (!instances) return std::move(instances).error();
    for (const Json& instance : *instances) {
      MaterialInstance entry;
      entry.role = MaterialRole::kPrior;
      entry.orthanc_id = Text(instance, "ID");
      for (const Json& one : series)
        if (Text(one, "ID") == id)
          entry.series_uid = Text(Child(one, "MainDicomTags"), "SeriesInstanceUID");
      entry.sop_instance_uid = Text(Child(instance, "MainDicomTags"), "SOPInstanceUID");
      const Json& size = Child(instance, "FileSize");
      entry.bytes = size.is_number_unsigned() ? size.get<std::uint64_t>() : 0;
      to.push_back(std::move(entry));
    }
  }
  return {};
}

}  // namespace

Result<PatientHistory> ReadHistory(Archive& archive, const std::string& patient_orthanc_id,
                                   const std::string& study_orthanc_id,
                                   const std::string& study_date) {
  const std::string root = "/patients/" + patient_orthanc_id;
  auto studies = GetList(archive, root + "/studies");
  if (!studies) return std::move(studies).error();
  auto all_series = GetList(archive, root + "/series");
  if (!all_series) return std::move(all_series).error();

  std::map<std::string, const Json*> study_by_id;
  for (const Json& study : *studies)
    study_by_id[Text(study, "ID")] = &Child(study, "MainDicomTags");
  PatientHistory history;
  std::map<std::string, std::vector<Json>> reports_by_study;
  for (const Json& series : *all_series) {
    const std::string parent = Text(series, "ParentStudy");
    if (IsReport(series)) reports_by_study[parent].push_back(series);
    const auto study = study_by_id.find(parent);
    if (!IsRadiograph(series) || study == study_by_id.end()) continue;
    const Json& tags = Child(series, "MainDicomTags");
    history.radiographs.push_back({Text(*study->second, "StudyInstanceUID"), Text(tags, "Modality"),
                                   Text(tags, "BodyPartExamined"),
                                   Text(*study->second, "StudyDate")});
  }

  std::pair<std::string, std::string> latest;  // Date and time, Orthanc id.
  for (const auto& [id, series] : reports_by_study) {
    const auto study = study_by_id.find(id);
    if (id == study_orthanc_id || study == study_by_id.end()) continue;
    const std::string date = Text(*study->second, "StudyDate");
    if (date > study_date)
      continue;  // A later examination is no prior, whenever this one is analysed.
    latest = std::max(latest, {date + Text(*study->second, "StudyTime"), id});
  }
  for (const std::string& id : {latest.second, study_orthanc_id}) {
    const auto reports = reports_by_study.find(id);
    if (reports == reports_by_study.end()) continue;
    if (Status added = AddReport(archive, reports->second, history.reports); !added)
      return std::move(added).error();
  }
  return history;
}

Status AddMd5(Archive& archive, MaterialInstance& instance) {
  auto kept = archive.Get("/instances/" + instance.orthanc_id + "/attachments/dicom/md5");
  if (!kept) return std::move(kept).error();
  if (kept->has_value() && (*kept)->size() == 32) {
    instance.md5 = **kept;
    return {};
  }
  // Removed meanwhile, or Orthanc runs with "StoreMD5ForAttachments": false and keeps none.
  auto file = archive.Get("/instances/" + instance.orthanc_id + "/file");
  if (!file) return std::move(file).error();
  if (!file->has_value()) return NotReady("an instance was removed from Orthanc");
  instance.md5 = Md5Hex(**file);
  return {};
}

}  // namespace osteon::plugin
