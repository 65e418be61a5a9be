// SPDX-License-Identifier: GPL-3.0-or-later
// The structured report: PS3.16 TID 1500 in a Comprehensive 3D SR (or, for a PACS that refuses it,
// in a Comprehensive or Enhanced SR, where places are image coordinates instead of patient
// coordinates).
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/dicom/objects/source_modules.h"
#include "pipelines/model/report.h"

namespace osteon {

// UNVERIFIED and PRELIMINARY. Written also without lesions and when the study was not evaluable.
// References the SEG (when options.write_seg and there are lesions) and the pictures
// (`picture_count` Secondary Captures: body map first) by the UIDs their writers derive. Error
// kInternal: DCMTK refuses to read back what was built.
Result<Document> WriteSr(const AnalysedStudy& analysed, const SourceModules& source,
                         const ReportText& text, const ReportPictures& pictures,
                         const ReportOptions& options);

}  // namespace osteon
