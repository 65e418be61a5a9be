// SPDX-License-Identifier: GPL-3.0-or-later
// From the content tree of one of Osteon's own reports to what a comparison needs of it.
#pragma once

#include <optional>

#include "pipelines/dicom/prior/sr_reader.h"
#include "pipelines/model/prior.h"

namespace osteon {

// Lesions and other marks with their numbers and codes, the technique, and what was not imaged;
// reports of earlier versions, too. nullopt when the study of then could not be evaluated.
std::optional<PriorReport> PriorReportOf(const SrFile& file);

}  // namespace osteon
