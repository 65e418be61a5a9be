// SPDX-License-Identifier: GPL-3.0-or-later
// What was not measured, and why, said once for the whole study.
#pragma once

#include <vector>

#include "pipelines/dicom/sr/sr_item.h"
#include "pipelines/model/report.h"

namespace osteon {

// One TEXT Comment (121106, DCM) a reason, in the language of the report: "Not assessed (no T1
// series): T1 signal to muscle". A quantity that only some marks lack names them by Lesion::number:
// "Distance to growth plate (no. 2, 4)". What cannot apply is not said: CannotApply in
// model/measures.h. Short Label "not_assessed".
std::vector<SrItem> NotAssessed(const Findings& findings, const ReportText& text);

}  // namespace osteon
