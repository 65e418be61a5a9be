// SPDX-License-Identifier: GPL-3.0-or-later
// Finds bright marrow lesions: candidates first, then a judgement of each.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/detect/normal_signal.h"

namespace osteon {

struct DetectOptions {
  // Folder with lesion.json, the classifier; as SkeletonOptions::model_dir.
  std::filesystem::path model_dir;
  // Probability from which a candidate is a lesion, and from which it is at least indeterminate.
  // 0..1. Chosen: a lesion is what is likelier one than not; a mark under its cut never counts as
  // one.
  double lesion_probability = 0.5;
  double indeterminate_probability = 0.2;
  // Hands and feet of healthy children are full of bright spots (config/evidence.md), so they are
  // judged stricter.
  double hand_foot_lesion_probability = 0.6;
  // Smallest lesion, ml (chosen: config/evidence.md).
  double min_lesion_ml = 0.1;
  // What is normal whatever the classifier says, and the most that such a mark's probability may
  // be.
  NormalOptions normal;
  double ruled_out_probability = 0.1;
};

// Labels on the composed grid, candidates with features, probability and reasons, and the study's
// own anchors. Adds caveats: "no_t1", "no_adc" when the series that would confirm are missing,
// "t1_partial", "t1_post_contrast_partial", "diffusion_partial", "adc_partial" when they leave out
// bones, "no_fluid_anchor". Errors: kInvalidInput when the classifier is missing or damaged;
// kCancelled. REQUIRES: skeleton.maps is not empty.
Result<LesionMap> DetectLesions(const ComposedVolume& volume, const Skeleton& skeleton,
                                const DetectOptions& options, RunContext& run);

}  // namespace osteon
