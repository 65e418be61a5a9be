// SPDX-License-Identifier: GPL-3.0-or-later
// Which files of a folder belong to which study.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/run_context.h"

namespace osteon {

struct StudyFiles {
  std::vector<std::filesystem::path> segmentations;
  int other_objects = 0;  // DICOM files of the study that are no Segmentation: its SR, its images.
  // findings.json of the folders its files lie in.
  std::vector<std::filesystem::path> findings;
  // Files of another study are in the same folder, so that findings.json may be of either.
  bool shares_folder = false;
};

// By Study Instance UID. Looks at every file below `folder`, whatever its name; files that are not
// DICOM or have no Study Instance UID are passed over. Errors: kInvalidInput no folder, or more
// than 200,000 files; kUnavailable it cannot be listed; kCancelled.
Result<std::map<std::string, StudyFiles>> CollectStudies(const std::filesystem::path& folder,
                                                         RunContext& run);

// The probabilities of Osteon's marks.
struct MarkProbabilities {
  bool evaluable = true;
  std::map<std::string, double> by_tracking_uid;  // 0..1.
};

// Reads findings.json (config/findings.schema.json): `evaluable`, and `tracking_uid` and
// `certainty_percent` of `lesions`. kInvalidInput when it is not JSON or larger than 64 MB.
Result<MarkProbabilities> ReadProbabilities(const std::filesystem::path& findings_json);

}  // namespace osteon
