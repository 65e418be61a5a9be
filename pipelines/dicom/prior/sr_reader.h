// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a structured report of any writer as plain values: its header and its content tree (PS3.3
// C.17.3).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/same_patient.h"
#include "pipelines/model/concepts.h"

namespace osteon {

// One content item. Members that its value type does not use are empty.
struct SrNode {
  std::string value_type;  // "CONTAINER", "TEXT", "NUM", "CODE", "UIDREF", "SCOORD3D" ...
  std::string name_value, name_scheme;  // Concept name.
  std::string text;                     // TEXT, UIDREF: the value.
  std::string
      code_value;  // CODE: the value; NUM: the unit, or the qualifier when there is no value.
  std::optional<double> number;        // NUM.
  std::vector<double> coordinates;     // SCOORD, SCOORD3D.
  std::string frame_of_reference_uid;  // SCOORD3D.
  std::vector<SrNode> children;

  // The first child with this concept name, or nullptr.
  const SrNode* Child(const Code& name) const;
  // Its text, or empty.
  std::string TextOf(const Code& name) const;
};

struct SrFile {
  std::string sop_class_uid, sop_instance_uid, study_instance_uid, series_instance_uid;
  std::string study_date;  // YYYYMMDD; empty when there is none or it is no date.
  std::string content_date, content_time;
  std::string manufacturer, model_name;
  std::string software_versions;  // All, with backslashes between them.
  PatientIdentity patient;
  SrNode root;
};

// nullopt when the file is not DICOM, no SR, or damaged. Trees deeper than 32 or with more than
// 200,000 items count as damaged.
std::optional<SrFile> ReadSrFile(const std::filesystem::path& path);

// The patient of any DICOM file, only for comparison; nullopt when the file cannot be read.
std::optional<PatientIdentity> ReadFilePatient(const std::filesystem::path& path);

}  // namespace osteon
