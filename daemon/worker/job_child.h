// SPDX-License-Identifier: GPL-3.0-or-later
// Runs inside the child process: analyses the study of a run folder into out/ and outcome.frames.
// Exceptions of third parties are caught here.
#pragma once

#include <filesystem>
#include <functional>

#include "pipelines/pipeline.h"

namespace osteon {

// A pipeline as a worker needs it. The product has one (pipelines/pipeline.h); tests bring their
// own.
struct PipelineEntry {
  std::function<Result<PipelineIdentity>(const PipelineOptions&)> identify;
  std::function<Result<Analysis>(const std::filesystem::path&, const PipelineOptions&, RunContext&)>
      analyze;
};

// Reads job.frames and study/ (prior/), analyses, and leaves the outcome: a result with its
// documents or a failure with its stage, everything synced. Fails with kUnavailable when the
// pipeline is not the one of `pipeline_hash` (empty: any), from which the fingerprint was made.
// Reports to kReportFd. Returns the exit code: 0 when an outcome was left.
int RunJobChild(const PipelineEntry& pipeline, const std::filesystem::path& run_folder,
                PipelineOptions options, const std::string& pipeline_hash);

}  // namespace osteon
