// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_study_group.h"

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/sr/sr_parts.h"
#include "pipelines/model/decimal.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

// The technique, and what was not imaged: in the next report a lesion there is not new but not
// comparable.
std::string ValuesOf(const Findings& findings) {
  std::string values;
  if (findings.technique.contrast != Contrast::kOther)
    AddValue("stir_contrast", Name(findings.technique.contrast), values);
  for (const StudyMeasure& measure : StudyMeasures()) {
    const Measured measured = measure.value(findings);
    if (measure.in_sr == InSr::kValue && measured.value)
      AddValue(measure.key, DecimalText(*measured.value), values);
  }
  std::string not_imaged;
  for (UnitId unit : findings.not_imaged) {
    not_imaged += (not_imaged.empty() ? "" : ",") + std::string(UnitOf(unit).key);
  }
  if (!not_imaged.empty()) AddValue("not_imaged", not_imaged, values);
  return values;
}

Code FindingOf(const Findings& findings) {
  if (!findings.evaluable) return concepts::kNotEvaluated;
  return findings.lesions.empty() ? concepts::kNone : concepts::kLesion;
}

}  // namespace

SrItem StudyGroup(const SrContext& c) {
  const Findings& findings = c.analysed.findings;
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup, "1501");
  const bool german = c.text.language == Language::kGerman;
  group.children = Tracking(german ? "Gesamte Untersuchung" : "Whole study",
                            DeriveUid(c.options.fingerprint, "whole study"));
  group.children.push_back(SrCode(SrRelation::kContains, concepts::kFinding, FindingOf(findings)));
  for (const StudyMeasure& measure : StudyMeasures()) {
    const Measured measured = measure.value(findings);
    if (measure.in_sr != InSr::kNumber || !measured.value) continue;
    group.children.push_back(SrNum(measure.concept_name, measure.unit, *measured.value,
                                   ShownText(measure, *measured.value)));
  }
  if (findings.evaluable && findings.patient.multifocal) {
    group.children.push_back(
        SrCode(SrRelation::kContains, concepts::kAssessmentCategory, concepts::kMultifocal));
  }
  AddValues(ValuesOf(findings), group);
  if (const auto map = c.picture_uids.find(0); map != c.picture_uids.end()) {
    group.children.push_back(SrImage(SrRelation::kContains, concepts::kBestIllustration,
                                     std::string(kScSopClassUid), map->second));
  }
  return group;
}

}  // namespace osteon
