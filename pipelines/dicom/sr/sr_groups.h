// SPDX-License-Identifier: GPL-3.0-or-later
// The measurement groups of the report: TID 1411 for a lesion, TID 1410 for a mark that has a place
// but no segment, TID 1501 for the whole study and for marks that have neither. Pure: values in,
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

// TID 1411 when the lesion has a segment (`segment` from 1); when it has none (0), TID 1410 with a
// place, TID 1501 without.
SrItem MarkGroup(const SrContext& context, const Lesion& mark, int segment);
// TID 1501: a resolved lesion of the prior report.
SrItem ResolvedGroup(const SrContext& context, const Lesion& gone);

}  // namespace osteon
