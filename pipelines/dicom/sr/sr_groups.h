// SPDX-License-Identifier: GPL-3.0-or-later
// The measurement groups of the report: TID 1411 for a lesion with a segment, TID 1410 for a mark
// without one, TID 1501 for the whole study and for marks without a place. Pure: values in,
// content items out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/dicom/sr/sr_item.h"
#include "pipelines/model/report.h"

namespace osteon {

// What the groups refer to.
struct SrContext {
  const AnalysedStudy& analysed;
  const ReportText& text;
  const ReportOptions& options;
  std::string seg_instance_uid;  // Empty when there is no SEG.
  // UIDs of the Secondary Captures: of key images by Lesion::number, of the body map under 0. Empty
  // when none are written.
  std::map<int, std::string> picture_uids;
};

// TID 1411 when the lesion has a place and a segment (`segment` from 1), TID 1410 when it has no
// segment (0), TID 1501 without a place.
SrItem MarkGroup(const SrContext& context, const Lesion& mark, int segment);
// TID 1501: a resolved lesion of the prior report.
SrItem ResolvedGroup(const SrContext& context, const Lesion& gone);

}  // namespace osteon
