// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_parts.h"

namespace osteon {

void Append(std::vector<SrItem>& to, std::vector<SrItem> items) {
  for (SrItem& item : items) to.push_back(std::move(item));
}

std::vector<SrItem> Algorithm(const ReportOptions& options) {
  const PipelineIdentity& p = options.pipeline;
  return {SrText(SrRelation::kConceptMod, concepts::kAlgorithmName, p.name),
          SrText(SrRelation::kConceptMod, concepts::kAlgorithmVersion, p.version),
          SrText(SrRelation::kConceptMod, concepts::kAlgorithmParameters, "sha256:" + p.hash)};
}

std::vector<SrItem> Tracking(const SrContext& c, const std::string& id, const std::string& uid) {
  std::vector<SrItem> items = {SrText(SrRelation::kObsContext, concepts::kTrackingId, id),
                               SrUid(SrRelation::kObsContext, concepts::kTrackingUid, uid)};
  if (!c.time_point.empty()) {
    items.push_back(SrText(SrRelation::kObsContext, concepts::kSubjectTimePoint, c.time_point));
  }
  return items;
}

SrItem Word(std::string_view key, std::string_view value) {
  SrItem item = SrText(SrRelation::kContains, concepts::kAssessmentCategory, std::string(value));
  item.children = {SrText(SrRelation::kConceptMod, concepts::kShortLabel, std::string(key))};
  return item;
}

SrItem Reason(std::string_view key, double value) {
  SrItem num = SrNum(concepts::kAssessmentCategory, concepts::kNoUnits, value, key, {});
  num.relation = SrRelation::kInferredFrom;
  num.children.resize(1);  // The key says it; it is no quantity with a name of its own.
  return num;
}

SrItem FindingSite(const BoneUnit& unit) {
  SrItem site = SrCode(SrRelation::kConceptMod, concepts::kFindingSite,
                       {unit.snomed_code, "SCT", unit.snomed_meaning});
  if (unit.side != Side::kNone) {
    site.children.push_back(SrCode(SrRelation::kConceptMod, concepts::kLaterality,
                                   unit.side == Side::kLeft ? concepts::kLeft : concepts::kRight));
  }
  if (unit.part != BonePart::kWhole) {
    const Code part = unit.part == BonePart::kProximal ? concepts::kProximal
                      : unit.part == BonePart::kDistal ? concepts::kDistal
                                                       : concepts::kMidLongitudinal;
    site.children.push_back(
        SrCode(SrRelation::kConceptMod, concepts::kTopographicalModifier, part));
  }
  return site;
}

}  // namespace osteon
