// SPDX-License-Identifier: GPL-3.0-or-later
// All pictures of a report. Same values, same pixels, on a machine with the same fonts.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/page_identity.h"

namespace osteon {

// The body map always (for a study that is not evaluable it has words and no projection), as pixels
// and PNG; one key image for each lesion, largest first when there are more than
// options.max_key_images, in the order of the report; the PDF when options.write_pdf. The overview
// is the body map without the identity, since it is no DICOM object. Of a study that is not
// evaluable the body map is a page that says so. Error kInvalidInput: the
// composed volume is not coronal with the patient's right on the left and the head on top, or
// labels do not fit it; a picture with sides exchanged must not exist.
Result<ReportPictures> DrawPictures(const AnalysedStudy& analysed, const ReportText& text,
                                    const ReportOptions& options, const PageIdentity& identity);

}  // namespace osteon
