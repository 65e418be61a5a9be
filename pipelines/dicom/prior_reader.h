// SPDX-License-Identifier: GPL-3.0-or-later
// Reads an earlier Osteon SR back into values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/prior.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

// Looks through the DICOM files below `folder` for Osteon's own SRs (Manufacturer's Model Name) and
// takes the latest by study and content date. nullopt, with a caveat, when there is none that can
// be used: "prior_unreadable", "prior_other_patient" (Patient ID or birth date differ from the
// files of `study`), "prior_same_study",
// "prior_later_study", "prior_not_evaluable". Errors: kInvalidInput when the folder does not exist;
// kCancelled.
Result<std::optional<PriorReport>> ReadPriorReport(const std::filesystem::path& folder,
                                                   const Study& study, RunContext& run);

}  // namespace osteon
