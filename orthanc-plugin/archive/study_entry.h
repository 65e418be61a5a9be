// SPDX-License-Identifier: GPL-3.0-or-later
// Studies and series of Orthanc as values, with the header of each MR image, since one series may
// hold several kinds of images (about a millisecond each). Pixels are never read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orthanc-plugin/archive/archive.h"
#include "pipelines/base/result.h"
#include "pipelines/selection/frame_header.h"

namespace osteon::plugin {

struct InstanceEntry {
  std::string orthanc_id;
  std::string sop_instance_uid;
  std::uint64_t bytes = 0;

  bool operator==(const InstanceEntry&) const = default;
};

struct SeriesEntry {
  std::string orthanc_id;
  std::string series_uid;
  std::string modality;
  std::string sop_class_uid;  // Of its first instance.
  std::string description;    // SeriesDescription; scanner text, not patient data.
  std::string manufacturer;
  std::vector<InstanceEntry> instances;
  // Of MR images: each frame as pipelines/selection reads it, and what makes one of them unusable.
  std::vector<FrameHeader> frames;
  std::string problem;
  Physics problem_physics;  // Of the instance that has the problem.
};

struct StudyEntry {
  std::string orthanc_id;
  std::string patient_orthanc_id;
  std::string study_uid;
  std::string study_date;
  std::string last_update;  // Orthanc's own stamp; compared, never computed with.
  std::string patient_id;   // For checking results; never logged, never shown.
  std::optional<double> height_mm;
  std::optional<double> age_years;
  std::vector<SeriesEntry> series;
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
