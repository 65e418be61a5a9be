// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_parts.h"

namespace osteon {

void Append(std::vector<SrItem>& to, std::vector<SrItem> items) {
  for (SrItem& item : items) to.push_back(std::move(item));
}

std::vector<SrItem> Algorithm(const ReportOptions& options) {
  const PipelineIdentity& p = options.pipeline;
  return {SrText(SrRelation::kConceptMod, concepts::kAlgorithmName, p.name),
          SrText(SrRelation::kConceptMod, concepts::kAlgorithmVersion, p.version)};
}

std::vector<SrItem> Tracking(const std::string& id, const std::string& uid) {
  return {SrText(SrRelation::kObsContext, concepts::kTrackingId, id),
          SrUid(SrRelation::kObsContext, concepts::kTrackingUid, uid)};
}

void AddValue(std::string_view key, std::string_view value, std::string& values) {
  if (!values.empty()) values += ';';
  values += std::string(key) + '=' + std::string(value);
}

void AddValues(std::string values, SrItem& group) {
  if (values.empty()) return;
  group.children.push_back(
      SrText(SrRelation::kContains, concepts::kFurtherValues, std::move(values)));
}

SrItem FindingSite(const Lesion& lesion) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  SrItem site = SrCode(SrRelation::kConceptMod, concepts::kFindingSite,
                       {unit.snomed_code, "SCT", unit.snomed_meaning});
  if (SideOf(lesion) != Side::kNone) {
    site.children.push_back(
        SrCode(SrRelation::kConceptMod, concepts::kLaterality,
               SideOf(lesion) == Side::kLeft ? concepts::kLeft : concepts::kRight));
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
