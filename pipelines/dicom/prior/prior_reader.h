// SPDX-License-Identifier: GPL-3.0-or-later
// Finds earlier Osteon reports in a folder and reads them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/prior.h"
#include "pipelines/model/report.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/study.h"

namespace osteon {

// Searches the DICOM files below `folder` for Osteon's own SRs (Manufacturer's Model Name) and
// reads the latest by study and content date. nullopt, with a caveat, when none can be used:
// "prior_unreadable", "prior_other_patient" and "prior_patient_unsure" (Compare in
// base/same_patient.h, with the files of `study`), "prior_undated", "prior_later_study",
// "prior_not_evaluable". Reports of the same study are ignored: see FindPredecessors. Errors:
// kInvalidInput when the folder does not exist; kCancelled.
Result<std::optional<PriorReport>> ReadPriorReport(const std::filesystem::path& folder,
                                                   const Study& study, RunContext& run);

// Whether it is certain, from a file of each, that two studies are of one patient.
bool AreOfOnePatient(const Study& a, const Study& b);

// Osteon's own SRs of this study below `folder`, which the new report supersedes (Predecessor
// Documents, PS3.3 C.17.2), sorted by SOP Instance UID. The report with the UID that `fingerprint`
// gives is left out: it is the same report. Errors: as above.
Result<std::vector<ReportOptions::Predecessor>> FindPredecessors(
    const std::filesystem::path& folder, const Study& study, const std::string& fingerprint,
    const RunContext& run);

}  // namespace osteon
