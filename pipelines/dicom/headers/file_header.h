// SPDX-License-Identifier: GPL-3.0-or-later
// The header of one file as plain values, for pipelines/selection. No pixels; shows no DCMTK.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/dicom/headers/patient_facts.h"
#include "pipelines/selection/frame_header.h"

namespace osteon {

// Larger than any scanner makes, and small enough that a header cannot demand more memory than
// there is.
struct HeaderLimits {
  int max_rows_or_columns = 8192;
  int max_frames = 20'000;  // Per object.
};

// One file of the folder.
struct FileHeader {
  enum class Kind {
    kNotDicom,  // Any other file.
    kOther,     // DICOM, but no MR image: `problem` says what it is.
    kMrImage,   // `frames` is filled.
    kDamaged,   // An MR image with a header that cannot be used: `problem` names file, field and
                // what to do.
  };
  Kind kind = Kind::kNotDicom;
  std::string file_name;
  std::string problem;
  bool whole_series = false;  // `problem` concerns the whole series and is reported once.
  std::string study_instance_uid, series_instance_uid, sop_class_uid, sop_instance_uid;
  std::string description;
  Physics physics;  // Of the first frame, for MR images.
  PatientFacts patient;
  std::vector<FrameHeader> frames;
};

// Reads the header of `path` up to its pixel data; messages call the file `file_name`.
// kInvalidInput: DICOM that ends early or cannot be parsed; kUnavailable: the file cannot be
// opened.
Result<FileHeader> ReadFileHeader(const std::filesystem::path& path, const std::string& file_name,
                                  const HeaderLimits& limits);

}  // namespace osteon
