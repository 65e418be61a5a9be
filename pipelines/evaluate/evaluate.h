// SPDX-License-Identifier: GPL-3.0-or-later
// Osteon against the readers of a site: `osteon evaluate` (design note in README.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/evaluate/confidence.h"
#include "pipelines/evaluate/match.h"
#include "pipelines/evaluate/summary.h"
#include "pipelines/model/run_context.h"

namespace osteon {

struct EvaluateOptions {
  double least_ml = 0;  // Smaller lesions of the reference are not counted.
  MatchRules match;
  BootstrapOptions bootstrap;
};

struct Evaluation {
  EvaluateOptions options;
  std::vector<StudyOutcome> studies;  // By Study Instance UID.
  // Studies of one side only: in no figure.
  std::vector<std::string> only_in_truth, only_in_results;
  struct Unreadable {
    std::string study_instance_uid, reason;
  };
  std::vector<Unreadable> unreadable;  // In no figure.
  std::vector<std::string> notes;      // What a reader of the figures must know. English.
  Summary summary;
};

// Every DICOM Segmentation below each folder, matched by Study Instance UID; every segment with
// pixels is one lesion. A study without a Segmentation counts when any other DICOM object of it is
// there: in `truth_dir` as one without lesions, in `results_dir` (its SR) as one in which nothing
// was found.
//
// A file that cannot be read leaves its study out and is listed. Errors: kInvalidInput no such
// folder, or no study is in both (with the UIDs of each); kUnavailable; kCancelled. Same files and
// options, same result. About 60 bytes of memory per mm3 of lesion, one study at a time.
Result<Evaluation> Evaluate(const std::filesystem::path& truth_dir,
                            const std::filesystem::path& results_dir,
                            const EvaluateOptions& options, RunContext& run);

// The figures as text for a terminal; ends with a line break.
std::string EvaluationText(const Evaluation& evaluation);

// All figures, and each lesion and mark. Same evaluation, same bytes.
std::string EvaluationJson(const Evaluation& evaluation);

// The FROC as a PNG, 900 x 680: curve, operating point, bootstrap intervals. kInvalidInput when the
// reference has no lesion; kInternal when the picture cannot be encoded.
Result<std::string> FrocPng(const Evaluation& evaluation);

}  // namespace osteon
