// SPDX-License-Identifier: GPL-3.0-or-later
// What the header of one file says, without its pixels: the step between DCMTK and
// pipelines/selection. Plain values; nothing here shows DCMTK.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/headers/patient_facts.h"
#include "pipelines/selection/frame_header.h"

namespace osteon {

// Larger than what any scanner makes, small enough that a header cannot ask for more memory than
// there is.
struct HeaderLimits {
  int max_rows_or_columns = 8192;
  int max_frames = 20'000;  // Of one object.
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
  bool whole_series = false;  // `problem` lies in how the series is stored: it is told once.
  std::string study_instance_uid, series_instance_uid, sop_class_uid, sop_instance_uid;
  std::string description;
  Physics physics;  // Of the first frame, for MR images.
  PatientFacts patient;
  std::vector<FrameHeader> frames;
};

// Reads the header of `path` up to its pixel data. kInvalidInput: DICOM that ends early or cannot
// be parsed; kUnavailable: the file cannot be opened. `file_name` is what messages call it.
Result<FileHeader> ReadFileHeader(const std::filesystem::path& path, const std::string& file_name,
                                  const HeaderLimits& limits);

}  // namespace osteon
