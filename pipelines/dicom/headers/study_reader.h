// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a folder of files into one Study: headers only, no pixels. Reads every DICOM file below the
// folder, whatever its name; other files are listed in Study::left_out. Memory: about 1 KB per
// frame.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "pipelines/dicom/headers/file_header.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/selection/study_builder.h"

namespace osteon {

struct ReadOptions {
  HeaderLimits limits;
  SelectionRules rules;
  int threads = 1;                  // 1..; the result does not depend on it.
  std::size_t max_files = 200'000;  // Of any kind, below the folder.
  // Not empty: files of other studies are passed over.
  std::string only_study;
};

// Errors, all naming the file or the UIDs:
//   kInvalidInput  no such folder, an empty one, one without any DICOM; a truncated or damaged
//                  header; more than one study (all are listed); more than one patient under one
//                  Study Instance UID.
//   kUnavailable   the folder or a file cannot be read.
//   kCancelled
// A study without any MR series is no error: `series` is empty and `left_out` says what the folder
// holds. Caveats: those of AddSeries and FinishSeries, missing_slice, duplicate_slice,
// irregular_spacing, series_left_out, empty_file.
Result<Study> ReadStudy(const std::filesystem::path& folder, const ReadOptions& options,
                        RunContext& run);

}  // namespace osteon
