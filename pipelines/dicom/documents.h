// SPDX-License-Identifier: GPL-3.0-or-later
// All objects of one report.
#pragma once

#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"
#include "pipelines/model/run_context.h"

namespace osteon {

// Checks, before any voxel is loaded, that the headers of the chosen series can be written into
// objects: reads all that WriteDocuments takes from files, and builds and validates an empty
// report. Returns caveats for the report: those of ReadSourceModules, "uids_kept",
// "no_frame_of_reference", "no_study_date". Errors: kInvalidInput, naming file and attribute: those
// of ReadSourceModules; a Study, Series or SOP Instance UID of more than 64 characters, which no
// valid object can refer to.
Result<std::vector<Caveat>> CheckHeaders(const Study& study, const SeriesChoice& choice,
                                         const ReportOptions& options);

// SEG (when there is a lesion), SC pages, PDF (when asked for), and the SR last, since it refers to
// the others. The same arguments and source files give the same bytes. REQUIRES:
// options.fingerprint is not empty. Errors: kInvalidInput when a source file has no patient or
// study module, or the lesions do not fit the volume (nothing is written then, never half a
// report); kInternal.
Result<std::vector<Document>> WriteDocuments(const AnalysedStudy& analysed, const ReportText& text,
                                             const ReportPictures& pictures,
                                             const ReportOptions& options);

}  // namespace osteon
