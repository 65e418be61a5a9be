// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_study_group.h"

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/sr/sr_not_assessed.h"
#include "pipelines/dicom/sr/sr_parts.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

// How many lesions of each class against the prior; keys as in findings.json.
std::vector<SrItem> ChangeCounts(const Findings& findings, Language language) {
  std::vector<SrItem> items;
  if (!findings.prior) return items;
  for (const auto& [change, count] : findings.prior->counts) {
    const std::string key = "prior_count_" + std::string(Name(change));
    items.push_back(SrNum(concepts::kNumberOfLesions, concepts::kNoUnits, count, key,
                          language == Language::kGerman
                              ? "Herde gegenüber der Voruntersuchung, siehe Kurzbezeichnung"
                              : "Lesions against the prior study, see the short label"));
  }
  return items;
}

std::string PairWord(const SymmetricPair& pair) {
  return std::to_string(pair.right_lesion) + " (right) and " + std::to_string(pair.left_lesion) +
         " (left)";
}

// A flag in words, with the measurements and the lesions that raised it.
SrItem FlagItem(const RedFlag& flag, const std::string& words) {
  SrItem item = Word("red_flag", flag.code + ": " + words);
  for (double value : flag.values) item.children.push_back(Reason(flag.code, value));
  for (int lesion : flag.lesions) {
    item.children.push_back(
        SrText(SrRelation::kInferredFrom, concepts::kLesionIdentifier, std::to_string(lesion)));
  }
  return item;
}

std::vector<SrItem> StudyWords(const SrContext& c) {
  const Findings& findings = c.analysed.findings;
  const PatientSummary& patient = findings.patient;
  std::vector<SrItem> items;
  if (findings.technique.contrast != Contrast::kOther)
    items.push_back(Word("stir_contrast", Name(findings.technique.contrast)));
  if (!findings.evaluable) return items;
  items.push_back(Word("multifocal", patient.multifocal ? "yes" : "no"));
  if (!patient.pattern.empty()) items.push_back(Word("pattern", patient.pattern));
  if (!patient.burden_version.empty()) {
    items.push_back(Word("burden_version", patient.burden_version));
  }
  for (const SymmetricPair& pair : patient.symmetric_pairs) {
    items.push_back(Word("symmetric_pair", PairWord(pair)));
  }
  for (std::size_t n = 0; n < patient.red_flags.size(); ++n) {
    const bool has_words = n < c.text.red_flags.size();
    items.push_back(FlagItem(patient.red_flags[n], has_words ? c.text.red_flags[n] : ""));
  }
  for (const CriterionItem& item : patient.criteria) {
    items.push_back(Word("criterion", item.criteria + ", " + item.item + ": " +
                                          (item.present ? "present" : "absent")));
  }
  items.push_back(Word("urgent_height_loss", patient.urgent_height_loss ? "yes" : "no"));
  // For the comparison with this report later: a lesion there will not be new, but not comparable.
  for (UnitId unit : findings.not_imaged) items.push_back(Word("not_imaged", UnitOf(unit).key));
  return items;
}

// Signal of normal marrow of each bone unit that has enough of it.
std::vector<SrItem> MarrowAnchors(const SrContext& c) {
  std::vector<SrItem> items;
  for (const auto& [unit, signal] : c.analysed.findings.anchors.marrow) {
    SrItem num = SrNum(concepts::kMrSignal, concepts::kNoUnits, signal, "anchor_marrow",
                       c.text.language == Language::kGerman ? "STIR-Signal des normalen Marks"
                                                            : "STIR signal of normal marrow");
    num.children.push_back(FindingSite(UnitOf(unit)));
    items.push_back(std::move(num));
  }
  return items;
}

}  // namespace

SrItem StudyGroup(const SrContext& c) {
  const Findings& findings = c.analysed.findings;
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup, "1501");
  const bool german = c.text.language == Language::kGerman;
  group.children = Tracking(c, german ? "Gesamte Untersuchung" : "Whole study",
                            DeriveUid(c.options.fingerprint, "whole study"));
  Append(group.children, Algorithm(c.options));
  group.children.push_back(
      SrCode(SrRelation::kConceptMod, concepts::kFindingSite, concepts::kEntireBody));
  Code finding = concepts::kLesion;
  if (!findings.evaluable)
    finding = concepts::kNotEvaluated;
  else if (findings.lesions.empty())
    finding = concepts::kNone;
  group.children.push_back(SrCode(SrRelation::kContains, concepts::kFinding, finding));
  for (const StudyMeasure& measure : StudyMeasures()) {
    const Measured measured = measure.value(findings);
    if (!measured.value) continue;
    group.children.push_back(SrNum(measure.concept_name, measure.unit, *measured.value, measure.key,
                                   german ? measure.name_de : measure.name_en));
  }
  Append(group.children, ChangeCounts(findings, c.text.language));
  Append(group.children, MarrowAnchors(c));
  Append(group.children, StudyWords(c));
  Append(group.children, NotAssessed(findings, c.text));
  if (const auto map = c.picture_uids.find(0); map != c.picture_uids.end()) {
    group.children.push_back(SrImage(SrRelation::kContains, concepts::kBestIllustration,
                                     std::string(kScSopClassUid), map->second));
  }
  return group;
}

}  // namespace osteon
