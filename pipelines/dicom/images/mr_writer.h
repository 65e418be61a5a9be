// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a series of classic single-frame MR Image Storage instances. For synthetic studies only.
// Every UID comes from the caller or is derived from the series UID.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/volume.h"

namespace osteon {

// Attributes that all series of one study share. Texts are UTF-8; dates are YYYYMMDD, times HHMMSS.
struct MrStudyHeader {
  std::string patient_name, patient_id, birth_date, sex;
  double height_m = 0, weight_kg = 0;  // 0: not written.
  std::string study_instance_uid, study_date, study_time, study_description, accession_number;
  std::string frame_of_reference_uid;
  std::string manufacturer, model_name;
  double field_strength_t = 1.5;
};

struct MrSeriesHeader {
  std::string series_instance_uid;
  int series_number = 1;
  std::string description;
  std::string image_type = "ORIGINAL\\PRIMARY\\M\\ND";
  std::string scanning_sequence = "SE";  // "SE\\IR", "EP"
  std::string sequence_variant = "SK";
  std::string scan_options;
  double repetition_time_ms = 0, echo_time_ms = 0;
  std::optional<double> inversion_time_ms;
  std::optional<double> b_value_s_per_mm2;
  int echo_train_length = 1;
  double slice_thickness_mm = 5;
  double window_centre = 500, window_width = 1000;
};

// Writes slice k of `voxels` to folder/%04d.dcm (from 1), explicit VR little endian, 12 bits
// stored; returns the number of files. Creates the folder. Slices follow each other along step_k;
// values above 4095 are clipped. SOP Instance UIDs are DeriveUid(series UID, "slice <n>"). Errors:
// kUnavailable names the file that could not be written; kInvalidInput for an empty volume.
Result<int> WriteMrSeries(const std::filesystem::path& folder, const MrStudyHeader& study,
                          const MrSeriesHeader& series, const Volume<std::uint16_t>& voxels);

}  // namespace osteon
