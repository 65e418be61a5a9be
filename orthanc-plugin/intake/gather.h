// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker gets for a job, read from Orthanc at the moment it is handed out.
#pragma once

#include "orthanc-plugin/archive/material.h"
#include "orthanc-plugin/ledger/job_store.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

// The most of a prior study's images that go with a job. Chosen: five times a STIR of 50 slices a
// station; a 3-D one of 1 mm stays below it. A worker's disk is sized for it.
inline constexpr std::uint64_t kMostPriorImageBytes = std::uint64_t{512} << 20;

// Of the study that is compared with, the STIR images too, so that then is shown beside now; none
// of them, with a line in the log, when they have more than `most_prior_bytes`. Errors: kCancelled
// when the study is gone; kNotReady when it no longer holds the instances the job was made for
// (intake will see that too); kUnavailable when Orthanc does not answer.
Result<Material> Gather(Archive& archive, const SelectionRules& rules, const Job& job,
                        std::uint64_t most_prior_bytes = kMostPriorImageBytes);

}  // namespace osteon::plugin
