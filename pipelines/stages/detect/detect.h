// SPDX-License-Identifier: GPL-3.0-or-later
// Finds bright marrow lesions: finds candidates, then judges each.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/detect/normal_signal.h"

namespace osteon {

struct DetectOptions {
  // Folder with lesion.json, the classifier; as SkeletonOptions::model_dir.
  std::filesystem::path model_dir;
  // Probability, 0..1, from which a candidate is a lesion, and from which it is at least
  // indeterminate. Chosen on both bodies left out in turn (tests/bench/detection/README.md gives
  // what other cuts find); what is less likely is listed as indeterminate.
  double lesion_probability = cutoffs::kLesionProbability;
  double indeterminate_probability = cutoffs::kIndeterminateProbability;
  // The same in hands and feet, where healthy children have many bright spots (config/evidence.md).
  // Chosen: no higher, since the classifier knows hands and feet.
  double hand_foot_lesion_probability = cutoffs::kHandFootLesionProbability;
  // Smallest lesion, ml; what is smaller is indeterminate (chosen: config/evidence.md).
  double min_lesion_ml = cutoffs::kMinLesionMl;
  // What is normal or fluid whatever the classifier says, and the highest probability that such a
  // mark gets. Chosen: below indeterminate.
  NormalOptions normal;
  double ruled_out_probability = cutoffs::kRuledOutProbability;
  int threads = 1;  // 1..; the result does not depend on it.
};

// Labels on the composed grid, candidates with features, probability and reasons, and the study's
// own anchors. Adds caveats: "no_t1", "no_adc" when there is no such series; "t1_partial",
// "t1_post_contrast_partial", "diffusion_partial", "adc_partial" when it does not cover all bones;
// "no_fluid_anchor". Errors: kInvalidInput when the classifier is missing or damaged;
// kCancelled. REQUIRES: skeleton.maps is not empty.
Result<LesionMap> DetectLesions(const ComposedVolume& volume, const Skeleton& skeleton,
                                const DetectOptions& options, RunContext& run);

}  // namespace osteon
