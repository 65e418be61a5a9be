// SPDX-License-Identifier: GPL-3.0-or-later
// Every option of every stage in one value, from the [pipeline] table of config/osteond.toml.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/model/report.h"
#include "pipelines/stages/detect/detect.h"
#include "pipelines/stages/followup/compare.h"
#include "pipelines/stages/lesion/characterise.h"
#include "pipelines/stages/series/compose.h"
#include "pipelines/stages/skeleton/locate_skeleton.h"

namespace osteon {

struct PipelineConfig {
  ReadOptions read;
  ComposeOptions compose;
  SkeletonOptions skeleton;
  DetectOptions detect;
  CharacteriseOptions characterise;
  CompareOptions compare;
  ReportOptions report;
  // All settings, defaults included, in one canonical text: equal for equal settings.
  std::string canonical;
};

// Reads [pipeline] only; tables of the worker may be in the same text. Errors: kInvalidInput with
// line and key.
Result<PipelineConfig> ParsePipelineConfig(std::string_view toml);
// Empty path: the defaults. Errors: those of ParsePipelineConfig with the file's name; kUnavailable
// when unreadable.
Result<PipelineConfig> LoadPipelineConfig(const std::filesystem::path& file);

}  // namespace osteon
