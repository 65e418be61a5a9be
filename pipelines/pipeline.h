// SPDX-License-Identifier: GPL-3.0-or-later
// A folder of DICOM in, findings and documents out: the stages in order. No sockets, no Orthanc, no
// wall clock in the documents: the same files, configuration and version give the same bytes. One
// exception: for images without any date and time (anonymised ones) Content Date and Time, which
// must have a value, are the time of writing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"
#include "pipelines/model/run_context.h"

namespace osteon {

enum class Outcome {
  kAnalysed,      // Lesions or none; SR, SC and, with lesions, SEG.
  kNotEvaluable,  // A whole-body MRI that could not be assessed; an SR that says why.
  kNotWholeBody,  // Not a whole-body MRI study: nothing is written; `reason` says why.
};

struct Analysis {
  Outcome outcome = Outcome::kAnalysed;
  std::string reason;               // English, one sentence, for outcomes other than kAnalysed.
  std::string impression;           // The first text of the report.
  std::vector<Document> documents;  // In the order they should be stored; the SR last.
  std::string findings_json;        // Described by config/findings.schema.json.
  std::string overview_png;         // The body map as PNG.
  // Only when `explain`: named debug files (candidates.json, skeleton.png ...); series.json also
  // for kNotWholeBody.
  std::vector<std::pair<std::string, std::string>> explanations;
};

struct PipelineOptions {
  // Folder whose models/ holds the networks and their hashes. Empty: the built-in search, see
  // inference/README.md.
  std::filesystem::path model_dir;
  // TOML file with the [pipeline] table of config/osteond.toml; empty: defaults.
  std::filesystem::path config_file;
  // Folder with the SR of an earlier Osteon report of the same patient, and the images it was made
  // from, to be shown beside the present ones.
  std::optional<std::filesystem::path> prior_dir;
  // Plain films of the same patient that the report points to.
  std::vector<RelatedRadiograph> radiographs;
  // The selection rules as JSON (pipelines/rules); empty: the defaults. The plugin sends its own
  // with the job.
  std::string selection_rules;
  // Not empty when the study was not complete at the end of the waiting time for its stations: the
  // words for the report ("incomplete: only 700 mm of 800 mm had arrived"). Less coverage is then
  // enough.
  std::string incomplete;
  // The text that result UIDs are derived from. Empty: the SOP Instance UIDs, the pipeline hash and
  // the configuration.
  std::string fingerprint;
  int threads = 2;
  bool explain = false;
};

// Changes with version, models and configuration.
Result<PipelineIdentity> IdentifyPipeline(const PipelineOptions& options);

// Reads every DICOM file below `study_dir` (one study; more than one is kInvalidInput and lists
// them) and runs all stages. Errors: kInvalidInput names the file or series; faults of headers are
// found before any voxel is loaded; kUnsupported; kCancelled; kInternal.
Result<Analysis> AnalyzeStudy(const std::filesystem::path& study_dir,
                              const PipelineOptions& options, RunContext& run);

}  // namespace osteon
