// SPDX-License-Identifier: GPL-3.0-or-later
// Locates the skeleton in a composed STIR volume.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "pipelines/inference/network.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

struct SkeletonOptions {
  // Folder with skeleton.json and the network it names, or a folder that has such a models/ folder
  // in it. Empty: the built-in search of inference/README.md.
  std::filesystem::path model_dir;
  int threads = 2;  // 1..; the result does not depend on it.
  InferenceMethod inference = InferenceMethod::kAuto;
};

// Units, frames, growth plates, what was not imaged, and the network's maps for the
// detector. Adds caveats: "partial_body" with what is missing, "bone_named_by_place",
// "bone_unnamed". Errors: kUnsupported
// when the volume shows no body; kInvalidInput when the network is damaged or of another kind;
// kUnavailable when there is none; kCancelled; kInternal.
Result<Skeleton> LocateSkeleton(const ComposedVolume& volume, const SkeletonOptions& options,
                                RunContext& run);

// With fewer bone units seen whole the skeleton was not recognised. Chosen: the chest alone has
// more.
using cutoffs::kLeastUnits;

// Whether enough of the skeleton was found to say anything of the study: kLeastUnits whole and with
// certainty (not in partly_imaged). In noise the network sees some nine, up to three of them whole.
bool IsLocated(const Skeleton& skeleton);

}  // namespace osteon
