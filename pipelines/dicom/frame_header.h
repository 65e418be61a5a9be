// SPDX-License-Identifier: GPL-3.0-or-later
// What the header of one file says, without its pixels: the step between DCMTK and the stacks of a
// study. Plain values; nothing here shows DCMTK.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/patient_facts.h"
#include "pipelines/model/study.h"

namespace osteon {

// Larger than what any scanner makes, small enough that a header cannot ask for more memory than
// there is.
struct HeaderLimits {
  int max_rows_or_columns = 8192;
  int max_frames = 20'000;  // Of one object.
};

// One frame of one MR image.
struct FrameHeader {
  FrameSource source;
  std::string file_name;  // Relative to the folder; for messages.
  std::string series_instance_uid;
  std::string frame_of_reference_uid;  // Empty when the file has none.
  std::string description;
  std::string patient_position;
  int series_number = 0;
  int instance_number = 0;
  int acquisition_number = 0;
  // Enhanced objects (PS3.3 C.7.6.16.2.2); empty and 0 elsewhere.
  std::string stack_id;
  int temporal_position = 0;

  int rows = 0, columns = 0;
  Vec3 position_mm;               // Centre of the first voxel, LPS.
  Vec3 row_direction;             // Unit vector along which the column index grows.
  Vec3 column_direction;          // Unit vector along which the row index grows.
  double column_spacing_mm = 0;   // Between neighbours along row_direction.
  double row_spacing_mm = 0;      // Between neighbours along column_direction.
  double slice_thickness_mm = 0;  // 0 when not said.
  double spacing_between_slices_mm =
      0;  // As the file says; 0 when it does not. Not used when there are two slices.
  Physics physics;
};

// One file of the folder.
struct FileHeader {
  enum class Kind {
    kNotDicom,  // Any other file.
    kOther,     // DICOM that is not an MR image to read: `problem` says what it is.
    kMrImage,   // `frames` is filled.
    kDamaged,   // An MR image with a header that cannot be used: `problem` names file, field and
                // what to do.
  };
  Kind kind = Kind::kNotDicom;
  std::string file_name;
  std::string problem;
  std::string study_instance_uid, series_instance_uid, sop_instance_uid;
  std::string description;
  PatientFacts patient;
  std::vector<FrameHeader> frames;
};

// Reads the header of `path` up to its pixel data. kInvalidInput: DICOM that ends early or cannot
// be parsed; kUnavailable: the file cannot be opened. `file_name` is what messages call it.
Result<FileHeader> ReadFileHeader(const std::filesystem::path& path, const std::string& file_name,
                                  const HeaderLimits& limits);

}  // namespace osteon
