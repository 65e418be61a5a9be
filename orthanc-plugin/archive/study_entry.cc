// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/study_entry.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "orthanc-plugin/archive/frame_json.h"
#include "orthanc-plugin/archive/json.h"
#include "pipelines/base/version.h"
#include "pipelines/selection/patient_size.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

// Reads the header of every image of a series, since one series may hold several kinds.
Status ReadFrames(Archive& archive, SeriesEntry& series, StudyEntry& study) {
  for (const InstanceEntry& instance : series.instances) {
    auto tags = GetJson(archive, "/instances/" + instance.orthanc_id + "/tags?short");
    if (!tags) return std::move(tags).error();
    if (!tags->has_value()) continue;  // Removed while we read.
    if (series.sop_class_uid.empty()) series.sop_class_uid = Text(**tags, "0008,0016");
    if (!study.height_mm) study.height_mm = HeightMm(Number(Text(**tags, "0010,1020")));
    if (!study.age_years) {
      study.age_years =
          AgeYears(Text(**tags, "0010,0030"), study.study_date, Text(**tags, "0010,1010"));
    }
    if (!NotAnMrImage(series.sop_class_uid, series.modality, series.manufacturer).empty())
      return {};
    InstanceFrames read = FramesOf(**tags);
    if (!read.problem.empty() && series.problem.empty()) {
      series.problem = "instance " + instance.sop_instance_uid + ": " + read.problem;
      series.problem_physics = read.physics;
    }
    std::move(read.frames.begin(), read.frames.end(), std::back_inserter(series.frames));
  }
  return {};
}

InstanceEntry ReadInstance(const Json& json) {
  const Json& tags = Child(json, "MainDicomTags");
  InstanceEntry entry;
  entry.orthanc_id = Text(json, "ID");
  entry.sop_instance_uid = Text(tags, "SOPInstanceUID");
  const Json& size = Child(json, "FileSize");
  entry.bytes = size.is_number_unsigned() ? size.get<std::uint64_t>() : 0;
  return entry;
}

SeriesEntry ReadSeriesTags(const Json& json) {
  const Json& tags = Child(json, "MainDicomTags");
  SeriesEntry series;
  series.orthanc_id = Text(json, "ID");
  series.series_uid = Text(tags, "SeriesInstanceUID");
  series.modality = Text(tags, "Modality");
  series.description = Text(tags, "SeriesDescription");
  series.manufacturer = Text(tags, "Manufacturer");
  return series;
}

}  // namespace

Result<std::optional<StudyEntry>> ReadStudy(Archive& archive, const std::string& study_orthanc_id) {
  const std::string root = "/studies/" + study_orthanc_id;
  auto study_json = GetJson(archive, root);
  if (!study_json) return std::move(study_json).error();
  auto series_json = GetJson(archive, root + "/series");
  if (!series_json) return std::move(series_json).error();
  auto instances_json = GetJson(archive, root + "/instances");
  if (!instances_json) return std::move(instances_json).error();
  if (!study_json->has_value() || !series_json->has_value() || !instances_json->has_value())
    return std::optional<StudyEntry>();

  const Json& tags = Child(**study_json, "MainDicomTags");
  StudyEntry study;
  study.orthanc_id = study_orthanc_id;
  study.patient_orthanc_id = Text(**study_json, "ParentPatient");
  study.study_uid = Text(tags, "StudyInstanceUID");
  study.study_date = Text(tags, "StudyDate");
  study.last_update = Text(**study_json, "LastUpdate");
  study.patient_id = Text(Child(**study_json, "PatientMainDicomTags"), "PatientID");

  std::map<std::string, std::vector<InstanceEntry>> instances;
  for (const Json& instance : **instances_json)
    instances[Text(instance, "ParentSeries")].push_back(ReadInstance(instance));
  for (const Json& json : **series_json) {
    SeriesEntry series = ReadSeriesTags(json);
    series.instances = std::move(instances[series.orthanc_id]);
    if (series.instances.empty()) continue;  // Removed while we read.
    std::sort(series.instances.begin(), series.instances.end(),
              [](const auto& a, const auto& b) { return a.sop_instance_uid < b.sop_instance_uid; });
    // Headers of other modalities are not worth reading.
    if (series.modality == "MR" || series.modality == "OT" || series.modality.empty()) {
      if (Status read = ReadFrames(archive, series, study); !read) return std::move(read).error();
    }
    study.series.push_back(std::move(series));
  }
  std::sort(study.series.begin(), study.series.end(),
            [](const auto& a, const auto& b) { return a.series_uid < b.series_uid; });
  return std::optional<StudyEntry>(std::move(study));
}

Result<std::string> ReadStudyUid(Archive& archive, const std::string& study_orthanc_id) {
  auto study = GetJson(archive, "/studies/" + study_orthanc_id);
  if (!study) return std::move(study).error();
  return study->has_value() ? Text(Child(**study, "MainDicomTags"), "StudyInstanceUID")
                            : std::string();
}

Result<std::vector<StudyStamp>> ReadStamps(Archive& archive, std::size_t from, std::size_t limit) {
  auto answer = GetJson(archive, fmt::format("/studies?expand&since={}&limit={}", from, limit));
  if (!answer) return std::move(answer).error();
  std::vector<StudyStamp> stamps;
  if (!answer->has_value()) return stamps;
  for (const Json& study : **answer) {
    const Json& tags = Child(study, "MainDicomTags");
    stamps.push_back({Text(study, "ID"), Text(study, "LastUpdate"), Text(tags, "StudyInstanceUID"),
                      Text(tags, "StudyDate")});
  }
  return stamps;
}

Result<std::optional<std::string>> FindStudy(Archive& archive, const std::string& id_or_uid) {
  auto direct = archive.Get("/studies/" + id_or_uid);
  if (!direct) return std::move(direct).error();
  if (direct->has_value()) return std::optional<std::string>(id_or_uid);
  auto found = archive.Post("/tools/lookup", id_or_uid);
  if (!found) return std::move(found).error();
  auto answer = ParseAnswer(*found, "/tools/lookup");
  if (!answer) return std::move(answer).error();
  for (const Json& resource : *answer)
    if (Text(resource, "Type") == "Study") return std::optional<std::string>(Text(resource, "ID"));
  return std::optional<std::string>();
}

Result<std::vector<std::string>> FindInstances(Archive& archive,
                                               const std::string& sop_instance_uid) {
  auto found = archive.Post("/tools/lookup", sop_instance_uid);
  if (!found) return std::move(found).error();
  auto answer = ParseAnswer(*found, "/tools/lookup");
  if (!answer) return std::move(answer).error();
  std::vector<std::string> ids;
  for (const Json& resource : *answer)
    if (Text(resource, "Type") == "Instance") ids.push_back(Text(resource, "ID"));
  return ids;
}

bool IsOwn(const SeriesEntry& series) { return series.manufacturer == kManufacturer; }

}  // namespace osteon::plugin
