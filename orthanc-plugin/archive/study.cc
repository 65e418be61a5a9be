// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/archive/study.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "orthanc-plugin/archive/json.h"
#include "pipelines/base/version.h"

namespace osteon::plugin {
namespace {

using Json = nlohmann::json;

using Vector3 = std::array<double, 3>;

// The rows, columns, spacing and orientation of a frame: enough for the extent along the body.
struct FrameGeometry {
  std::optional<std::vector<double>> orientation;  // Six direction cosines.
  std::optional<std::vector<double>> spacing_mm;   // Row, column.
  std::vector<Vector3> positions_mm;  // Of the first and the last frame, or all instances.
  double rows = 0;
  double columns = 0;
  double slice_mm = 0;
};

Plane PlaneOf(const std::vector<double>& o) {
  const Vector3 normal = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                          o[0] * o[4] - o[1] * o[3]};
  constexpr double kWithin30Deg = 0.85;
  if (std::abs(normal[1]) > kWithin30Deg) return Plane::kCoronal;
  if (std::abs(normal[0]) > kWithin30Deg) return Plane::kSagittal;
  if (std::abs(normal[2]) > kWithin30Deg) return Plane::kAxial;
  return Plane::kOblique;
}

// Outer edges along z of all frames: position is the centre of the first voxel, so half a voxel
// goes on at each end.
std::optional<std::array<double, 2>> HeadFootRange(const FrameGeometry& geometry) {
  if (!geometry.orientation || geometry.orientation->size() != 6 || !geometry.spacing_mm ||
      geometry.spacing_mm->size() != 2 || geometry.positions_mm.empty() || geometry.rows < 1 ||
      geometry.columns < 1)
    return std::nullopt;
  const std::vector<double>& o = *geometry.orientation;
  const double along_row = o[2] * (*geometry.spacing_mm)[1];
  const double along_column = o[5] * (*geometry.spacing_mm)[0];
  const double normal_z = std::abs(o[0] * o[4] - o[1] * o[3]);
  const double margin =
      (std::abs(along_row) + std::abs(along_column) + normal_z * geometry.slice_mm) / 2;
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (const Vector3& position : geometry.positions_mm) {
    for (const double i : {0.0, geometry.columns - 1})
      for (const double j : {0.0, geometry.rows - 1}) {
        const double z = position[2] + i * along_row + j * along_column;
        low = std::min(low, z);
        high = std::max(high, z);
      }
  }
  // Beyond 10 m the header is wrong, not the patient tall.
  if (!(high - low + 2 * margin < 10'000)) return std::nullopt;
  return std::array{low - margin, high + margin};
}

std::optional<double> NumberIn(const Json& tags, const char* key) {
  return Number(Text(tags, key));
}

std::optional<Vector3> Position(const std::string& text) {
  const auto numbers = Numbers(text);
  if (!numbers || numbers->size() != 3) return std::nullopt;
  return Vector3{(*numbers)[0], (*numbers)[1], (*numbers)[2]};
}

// The first item of a sequence, or an empty object.
const Json& FirstItem(const Json& tags, const char* sequence) {
  const Json& items = Child(tags, sequence);
  static const Json empty = Json::object();
  return items.is_array() && !items.empty() ? items.front() : empty;
}

// Enhanced multi-frame: what classic MR has on top is in shared or per-frame functional groups.
// `group` is looked for in the shared ones first.
const Json& FunctionalGroup(const Json& tags, const Json& frame, const char* group) {
  const Json& shared = FirstItem(FirstItem(tags, "SharedFunctionalGroupsSequence"), group);
  return shared.empty() ? FirstItem(frame, group) : shared;
}

void ReadEnhanced(const Json& tags, SeriesEntry& series, FrameGeometry& geometry) {
  const Json& frames = Child(tags, "PerFrameFunctionalGroupsSequence");
  if (!frames.is_array() || frames.empty()) return;
  const Json& first = frames.front();
  const Json& timing = FunctionalGroup(tags, first, "MRTimingAndRelatedParametersSequence");
  const Json& echo = FunctionalGroup(tags, first, "MREchoSequence");
  const Json& modifier = FunctionalGroup(tags, first, "MRModifierSequence");
  const Json& measures = FunctionalGroup(tags, first, "PixelMeasuresSequence");
  if (const auto tr = NumberIn(timing, "RepetitionTime")) series.physics.repetition_time_ms = tr;
  if (const auto te = NumberIn(echo, "EffectiveEchoTime")) series.physics.echo_time_ms = te;
  if (const auto ti = NumberIn(modifier, "InversionTimes")) series.physics.inversion_time_ms = ti;
  if (Text(modifier, "InversionRecovery") == "YES") series.physics.scanning_sequence += "\\IR";
  const Json& diffusion = FunctionalGroup(tags, first, "MRDiffusionSequence");
  if (const auto b = NumberIn(diffusion, "DiffusionBValue")) series.physics.b_value_s_mm2 = b;
  if (const auto spacing = Numbers(Text(measures, "PixelSpacing"))) geometry.spacing_mm = spacing;
  geometry.slice_mm = NumberIn(measures, "SliceThickness").value_or(0);
  const Json& orientation = FunctionalGroup(tags, first, "PlaneOrientationSequence");
  geometry.orientation = Numbers(Text(orientation, "ImageOrientationPatient"));
  for (const Json& frame : frames) {
    const Json& plane = FirstItem(frame, "PlanePositionSequence");
    if (const auto position = Position(Text(plane, "ImagePositionPatient")))
      geometry.positions_mm.push_back(*position);
  }
  series.frames += frames.size() - 1;  // The instance itself is counted already.
}

// Adds what only the header of an instance tells.
void ReadHeader(const Json& tags, SeriesEntry& series) {
  series.sop_class_uid = Text(tags, "SOPClassUID");
  series.image_type = Upper(Text(tags, "ImageType"));
  if (series.contrast_agent.empty()) series.contrast_agent = Text(tags, "ContrastBolusAgent");
  MrPhysics& physics = series.physics;
  physics.inversion_time_ms = NumberIn(tags, "InversionTime");
  physics.echo_time_ms = NumberIn(tags, "EchoTime");
  physics.repetition_time_ms = NumberIn(tags, "RepetitionTime");
  physics.b_value_s_mm2 = NumberIn(tags, "DiffusionBValue");
  physics.scanning_sequence = Upper(Text(tags, "ScanningSequence"));
  FrameGeometry geometry;
  geometry.rows = NumberIn(tags, "Rows").value_or(0);
  geometry.columns = NumberIn(tags, "Columns").value_or(0);
  geometry.spacing_mm = Numbers(Text(tags, "PixelSpacing"));
  geometry.slice_mm = NumberIn(tags, "SliceThickness").value_or(0);
  geometry.orientation = Numbers(Text(tags, "ImageOrientationPatient"));
  for (const InstanceEntry& instance : series.instances)
    if (instance.position_mm) geometry.positions_mm.push_back(*instance.position_mm);
  ReadEnhanced(tags, series, geometry);
  if (geometry.orientation && geometry.orientation->size() == 6)
    series.plane = PlaneOf(*geometry.orientation);
  series.head_foot_mm = HeadFootRange(geometry);
}

InstanceEntry ReadInstance(const Json& json) {
  const Json& tags = Child(json, "MainDicomTags");
  InstanceEntry entry;
  entry.orthanc_id = Text(json, "ID");
  entry.sop_instance_uid = Text(tags, "SOPInstanceUID");
  const Json& size = Child(json, "FileSize");
  entry.bytes = size.is_number_unsigned() ? size.get<std::uint64_t>() : 0;
  entry.position_mm = Position(Text(tags, "ImagePositionPatient"));
  return entry;
}

SeriesEntry ReadSeriesTags(const Json& json) {
  const Json& tags = Child(json, "MainDicomTags");
  SeriesEntry series;
  series.orthanc_id = Text(json, "ID");
  series.series_uid = Text(tags, "SeriesInstanceUID");
  series.modality = Text(tags, "Modality");
  series.description = Text(tags, "SeriesDescription");
  series.protocol = Text(tags, "ProtocolName");
  series.manufacturer = Text(tags, "Manufacturer");
  series.body_part = Text(tags, "BodyPartExamined");
  series.contrast_agent = Text(tags, "ContrastBolusAgent");
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
    series.frames = series.instances.size();
    if (series.modality != "MR") {  // No rule takes it, so its header is not worth a file read.
      study.series.push_back(std::move(series));
      continue;
    }
    auto header =
        GetJson(archive, "/instances/" + series.instances.front().orthanc_id + "/simplified-tags");
    if (!header) return std::move(header).error();
    if (header->has_value()) {
      ReadHeader(**header, series);
      if (!study.patient_size_m) study.patient_size_m = NumberIn(**header, "PatientSize");
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
  auto answer = GetJson(
      archive, "/studies?expand&since=" + std::to_string(from) + "&limit=" + std::to_string(limit));
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
