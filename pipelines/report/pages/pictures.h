// SPDX-License-Identifier: GPL-3.0-or-later
// Draws all pictures of a report. The same values give the same pixels on machines with the same
// fonts.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/model/report.h"
#include "pipelines/report/pages/page_identity.h"

namespace osteon {

// Always the body map, as pixels and PNG (for a study that is not evaluable a page that says so,
// without projection); key images in the order of the report, of the largest lesions when there are
// more than options.max_key_images, then of each resolved lesion where there is room and the prior
// study's images are at hand; the PDF when options.write_pdf. The overview PNG is the body map
// without the identity, since it is no DICOM object. Error kInvalidInput: the composed volume is
// not coronal with the patient's right on the left and the head on top, or labels do not fit it.
// A picture with the sides exchanged must never be made.
Result<ReportPictures> DrawPictures(const AnalysedStudy& analysed, const ReportText& text,
                                    const ReportOptions& options, const PageIdentity& identity);

}  // namespace osteon
