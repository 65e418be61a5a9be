// SPDX-License-Identifier: GPL-3.0-or-later
// The images that a prior report was made from, for pictures of both studies side by side.
#pragma once

#include <filesystem>
#include <optional>

#include "pipelines/model/findings.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"
#include "pipelines/pipeline_config.h"

namespace osteon {

// Whether a picture could show a lesion as it was, or the place of a new one: `findings` have
// been compared.
bool ShowsLesionsOfThen(const Findings& findings);

// The STIR of the study that `findings.prior` is of, from its files below `folder`, chosen and
// composed as that of `study` was; its other series are not read. nullopt, with a caveat, when they
// are not there ("prior_images_missing") or not fit to be shown ("prior_images_unusable": of
// another patient, damaged, no whole body; why, in the log). Adds no other caveats: those of the
// prior study are in its report. REQUIRES: findings.prior.
std::optional<ComposedVolume> ReadPriorImages(const std::filesystem::path& folder,
                                              const Study& study, const Findings& findings,
                                              const PipelineConfig& config, RunContext& run);

}  // namespace osteon
