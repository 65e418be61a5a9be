// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/material.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "orthanc-plugin/archive/json.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/log.h"
#include "pipelines/base/same_patient.h"
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

// From the header of one instance: Orthanc has one patient for each Patient ID, with the name and
// birth date of the first instance that came.
Result<PatientIdentity> ReadIdentity(Archive& archive, const Json& series) {
  const Json& instances = Child(series, "Instances");
  if (!instances.is_array() || instances.empty() || !instances.front().is_string())
    return PatientIdentity{};
  auto tags =
      GetJson(archive, "/instances/" + instances.front().get<std::string>() + "/simplified-tags");
  if (!tags) return std::move(tags).error();
  if (!tags->has_value()) return PatientIdentity{};
  PatientIdentity patient{Text(**tags, "PatientID"), Text(**tags, "IssuerOfPatientID"),
                          Text(**tags, "PatientName"), Text(**tags, "PatientBirthDate"),
                          Text(**tags, "PatientSex")};
  const Json& qualifiers = Child(**tags, "IssuerOfPatientIDQualifiersSequence");
  if (qualifiers.is_array() && !qualifiers.empty()) {
    const std::string entity = Text(qualifiers.front(), "UniversalEntityID");
    if (!entity.empty()) patient.issuer = entity;
  }
  return patient;
}

// Everything Orthanc has under one Patient ID, and whose it is.
struct PatientContent {
  std::map<std::string, Json> studies;                   // Main tags by Orthanc id.
  std::map<std::string, std::vector<Json>> own_reports;  // Osteon's series by study.
  std::vector<Json> films;
  std::map<std::string, Json> a_series;  // One of each study that Osteon did not write.
};

Result<PatientContent> ReadPatientContent(Archive& archive, const std::string& patient_orthanc_id) {
  const std::string root = "/patients/" + patient_orthanc_id;
  auto studies = GetList(archive, root + "/studies");
  if (!studies) return std::move(studies).error();
  auto all_series = GetList(archive, root + "/series");
  if (!all_series) return std::move(all_series).error();
  PatientContent content;
  for (const Json& study : *studies)
    content.studies[Text(study, "ID")] = Child(study, "MainDicomTags");
  for (const Json& series : *all_series) {
    const std::string parent = Text(series, "ParentStudy");
    if (!content.studies.contains(parent)) continue;
    if (IsReport(series)) content.own_reports[parent].push_back(series);
    if (IsRadiograph(series)) content.films.push_back(series);
    if (Text(Child(series, "MainDicomTags"), "Manufacturer") != kManufacturer)
      content.a_series.emplace(parent, series);
  }
  return content;
}

// Whether a study is of the patient that `own` is; asked once a study.
class PatientCheck {
 public:
  PatientCheck(Archive& archive, PatientIdentity own) : archive_(archive), own_(std::move(own)) {}

  Result<SamePatient> Of(const std::string& study, const Json& series) {
    // A placeholder proves nothing, and thousands of studies may have it.
    if (IsPlaceholder(own_.id)) return SamePatient::kUnsure;
    const auto known = known_.find(study);
    if (known != known_.end()) return known->second;
    auto patient = ReadIdentity(archive_, series);
    if (!patient) return std::move(patient).error();
    return known_[study] = Compare(own_, *patient);
  }

 private:
  Archive& archive_;
  const PatientIdentity own_;
  std::map<std::string, SamePatient> known_;
};

struct PriorChoice {
  std::string study;  // Orthanc id; empty: there is none.
  bool certain = false;
};

// The study whose report comes before this one: the latest that is certain to be of this patient
// and not later. Without one, the latest that may be: the worker compares with nothing that is not
// certain, and says so.
Result<PriorChoice> PriorStudy(const PatientContent& content, const std::string& study_orthanc_id,
                               const std::string& study_date, PatientCheck& check) {
  std::vector<std::pair<std::string, std::string>> by_date;  // Date and time, Orthanc id.
  for (const auto& [id, series] : content.own_reports) {
    if (id == study_orthanc_id) continue;
    const Json& tags = content.studies.at(id);
    const std::string date = Text(tags, "StudyDate");
    // A later examination is no prior, whenever this one is analysed.
    if (!study_date.empty() && date > study_date) continue;
    by_date.emplace_back(date + Text(tags, "StudyTime"), id);
  }
  std::sort(by_date.rbegin(), by_date.rend());
  PriorChoice perhaps;
  for (const auto& [date, id] : by_date) {
    const auto same = check.Of(id, content.own_reports.at(id).front());
    if (!same) return same.error();
    if (*same == SamePatient::kNo) continue;
    const bool dated = !study_date.empty() && !Text(content.studies.at(id), "StudyDate").empty();
    if (*same == SamePatient::kYes && dated) return PriorChoice{id, true};
    if (perhaps.study.empty()) perhaps.study = id;
  }
  return perhaps;
}

}  // namespace

Result<PatientHistory> ReadHistory(Archive& archive, const std::string& patient_orthanc_id,
                                   const std::string& study_orthanc_id,
                                   const std::string& study_date) {
  auto content = ReadPatientContent(archive, patient_orthanc_id);
  if (!content) return std::move(content).error();
  PatientIdentity own;
  if (const auto series = content->a_series.find(study_orthanc_id);
      series != content->a_series.end()) {
    auto read = ReadIdentity(archive, series->second);
    if (!read) return std::move(read).error();
    own = *std::move(read);
  }
  PatientCheck check(archive, std::move(own));
  PatientHistory history;
  int unsure_films = 0;
  for (const Json& series : content->films) {
    const std::string parent = Text(series, "ParentStudy");
    const auto same = parent == study_orthanc_id ? SamePatient::kYes : check.Of(parent, series);
    if (!same) return same.error();
    if (*same == SamePatient::kUnsure) ++unsure_films;
    if (*same != SamePatient::kYes) continue;
    const Json &tags = Child(series, "MainDicomTags"), &study = content->studies.at(parent);
    history.radiographs.push_back({Text(study, "StudyInstanceUID"), Text(tags, "Modality"),
                                   Text(tags, "BodyPartExamined"), Text(study, "StudyDate")});
  }
  if (unsure_films > 0) {
    LogInfo(
        fmt::format("study {}: {} series of radiographs are perhaps of another patient with the "
                    "same Patient ID and are not pointed to",
                    study_orthanc_id, unsure_films));
  }
  const auto prior = PriorStudy(*content, study_orthanc_id, study_date, check);
  if (!prior) return prior.error();
  if (prior->certain) history.prior_study = prior->study;
  for (const std::string& id : {prior->study, study_orthanc_id}) {
    const auto reports = content->own_reports.find(id);
    if (reports == content->own_reports.end()) continue;
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
