// SPDX-License-Identifier: GPL-3.0-or-later
// Writes lesions as a DICOM Segmentation (PS3.3 A.51): binary, one segment per lesion.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/model/report.h"

namespace osteon {

inline constexpr std::string_view kSegSopClassUid = "1.2.840.10008.5.1.4.1.1.66.4";

// One segment for each of Findings::lesions, in that order, segment number = position from 1.
// Frames without a pixel are left out. Frames lie on the source slices, or all on the composed grid
// when there are several stations or more than 399 frames (never without a frame of reference).
// When source slices differ in size, frames are padded to the largest on the right and below, which
// moves no pixel. REQUIRES: findings.lesions is not empty. Error kInvalidInput: see SegFrames.
Result<Document> WriteSeg(const AnalysedStudy& analysed, const SourceModules& source,
                          const ReportOptions& options);

}  // namespace osteon
