// SPDX-License-Identifier: GPL-3.0-or-later
// Reads from the content tree of one of Osteon's own reports what a comparison needs.
#pragma once

#include <optional>

#include "pipelines/dicom/prior/sr_reader.h"
#include "pipelines/model/prior.h"

namespace osteon {

// Lesions and other marks with their numbers and codes, the technique, and what was not imaged;
// also from reports of earlier versions. nullopt when the prior study was not evaluable.
std::optional<PriorReport> PriorReportOf(const SrFile& file);

}  // namespace osteon
