// SPDX-License-Identifier: GPL-3.0-or-later
// What the plugin reads out of Orthanc, as values: studies, series with their MR physics,
// and the patient's other objects. Only the first instance of each series is opened (for TI, TE,
// TR, pixel spacing); everything else comes from Orthanc's index, so a study of 1,000 instances
// costs a few calls, not 1,000.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"

namespace osteon::plugin {

struct InstanceEntry {
  std::string orthanc_id;
  std::string sop_instance_uid;
  std::uint64_t bytes = 0;
  std::optional<std::array<double, 3>> position_mm;  // ImagePositionPatient, LPS.

  bool operator==(const InstanceEntry&) const = default;
};

// Magnetic resonance as the selection rules see it. Absent when the header does not say.
struct MrPhysics {
  std::optional<double> inversion_time_ms;
  std::optional<double> echo_time_ms;
  std::optional<double> repetition_time_ms;
  std::optional<double> b_value_s_mm2;
  std::string scanning_sequence;  // "SE\IR"; upper case.

  bool operator==(const MrPhysics&) const = default;
};

enum class Plane { kUnknown, kAxial, kCoronal, kSagittal, kOblique };

struct SeriesEntry {
  std::string orthanc_id;
  std::string series_uid;
  std::string modality;
  std::string sop_class_uid;  // Of its first instance.
  std::string description;    // SeriesDescription; scanner text, not patient data.
  std::string protocol;
  std::string image_type;  // "ORIGINAL\PRIMARY\M\ND"; upper case.
  std::string manufacturer;
  std::string body_part;
  std::string contrast_agent;
  MrPhysics physics;
  Plane plane = Plane::kUnknown;
  std::optional<std::array<double, 2>> head_foot_mm;  // From and to along LPS z, outer edges.
  std::size_t frames = 0;                             // Of all instances together.
  std::vector<InstanceEntry> instances;

  bool operator==(const SeriesEntry&) const = default;
};

struct StudyEntry {
  std::string orthanc_id;
  std::string patient_orthanc_id;
  std::string study_uid;
  std::string study_date;
  std::string last_update;  // Orthanc's own stamp; compared, never computed with.
  std::string patient_id;   // For checking results; never logged, never shown.
  std::optional<double> patient_size_m;
  std::vector<SeriesEntry> series;

  bool operator==(const StudyEntry&) const = default;
};

// Nothing when the study is not (any more) in Orthanc.
Result<std::optional<StudyEntry>> ReadStudy(Archive& archive, const std::string& study_orthanc_id);

// Its StudyInstanceUID; empty when the study is not (any more) in Orthanc.
Result<std::string> ReadStudyUid(Archive& archive, const std::string& study_orthanc_id);

struct StudyStamp {
  std::string orthanc_id;
  std::string last_update;
  std::string study_uid;
  std::string study_date;  // YYYYMMDD
};
// One page of all studies; empty at the end.
Result<std::vector<StudyStamp>> ReadStamps(Archive& archive, std::size_t from, std::size_t limit);

// The Orthanc id of a study given by that id or by its StudyInstanceUID. Nothing when there is
// none.
Result<std::optional<std::string>> FindStudy(Archive& archive, const std::string& id_or_uid);
// The Orthanc ids of instances with that SOPInstanceUID.
Result<std::vector<std::string>> FindInstances(Archive& archive,
                                               const std::string& sop_instance_uid);

// True for a series that Osteon wrote.
bool IsOwn(const SeriesEntry& series);

}  // namespace osteon::plugin
