// SPDX-License-Identifier: GPL-3.0-or-later
// All objects of one report.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"

namespace osteon {

// SEG (when there is a lesion), SC pages, PDF (when asked for), and the SR last, since it refers to
// the others. The same arguments and source files give the same bytes. REQUIRES:
// options.fingerprint is not empty. Errors: kInvalidInput when a source file has no patient or
// study module, or the lesions do not fit the volume (nothing is written then, never half a
// report); kInternal.
Result<std::vector<Document>> WriteDocuments(const AnalysedStudy& analysed, const ReportText& text,
                                             const ReportPictures& pictures,
                                             const ReportOptions& options);

}  // namespace osteon
