// SPDX-License-Identifier: GPL-3.0-or-later
// The references of an SR: the current images, our own objects, the prior report, and the reports
// that it supersedes (PS3.3 C.17.2). Only for .cc files of pipelines/dicom, since it shows DCMTK.
#pragma once

#include "pipelines/dicom/sr/sr_groups.h"

class DcmItem;

namespace osteon {

// Writes Current Requested Procedure Evidence, Pertinent Other Evidence and Predecessor Documents.
void PutEvidence(const SrContext& context, DcmItem& item);

}  // namespace osteon
