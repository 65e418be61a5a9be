// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr_groups.h"

#include <cmath>

#include "pipelines/base/uid.h"

#include "pipelines/dicom/key_slice.h"
#include "pipelines/dicom/page_writers.h"
#include "pipelines/dicom/result_object.h"
#include "pipelines/dicom/seg_writer.h"

namespace osteon {
namespace {

double Hundredths(double v) { return std::round(v * 100) / 100; }

void Append(std::vector<SrItem>& to, std::vector<SrItem> items) {
  for (SrItem& item : items) to.push_back(std::move(item));
}

// TID 4019.
std::vector<SrItem> Algorithm(const ReportOptions& options) {
  const PipelineIdentity& p = options.pipeline;
  return {SrText(SrRelation::kConceptMod, concepts::kAlgorithmName, p.name),
          SrText(SrRelation::kConceptMod, concepts::kAlgorithmVersion, p.version),
          SrText(SrRelation::kConceptMod, concepts::kAlgorithmParameters, "sha256:" + p.hash)};
}

// TID 4108 and TID 1502.
std::vector<SrItem> Tracking(const SrContext& c, const std::string& id, const std::string& uid) {
  return {SrText(SrRelation::kObsContext, concepts::kTrackingId, id),
          SrUid(SrRelation::kObsContext, concepts::kTrackingUid, uid),
          SrText(SrRelation::kObsContext, concepts::kSubjectTimePoint, c.time_point)};
}

// A point or line of the patient: SCOORD3D where the SR class has it, else SCOORD on the source
// slice that shows the lesion best (the points are projected onto it along its normal). Nothing
// when no slice shows it.
std::vector<SrItem> Place(const SrContext& c, const Lesion& mark, SrRelation relation, Code name,
                          std::vector<Vec3> points) {
  SrItem item;
  item.relation = relation;
  item.name = name;
  if (c.options.sr_class == SrClass::kComprehensive3d) {
    item.type = SrType::kScoord3d;
    item.frame_of_reference_uid = c.analysed.composed.stir.geometry().frame_of_reference_uid;
    for (Vec3 p : points) {
      for (double v : {p.x, p.y, p.z}) item.coordinates.push_back(Hundredths(v));
    }
    return {item};
  }
  const std::optional<KeySlice> slice = KeySliceOf(c.analysed, mark);
  if (!slice) return {};
  const SeriesInfo& info = c.analysed.study.series[slice->series];
  const FrameSource& frame = info.frames[slice->frame];
  item.type = SrType::kScoord;
  for (Vec3 p : points) {
    for (double v : ImageCoordinates(info, p)) item.coordinates.push_back(v);
  }
  SrItem image =
      SrImage(SrRelation::kSelectedFrom, {}, frame.sop_class_uid, frame.sop_instance_uid);
  if (IsMultiFrame(frame)) image.frame = frame.frame_number;
  item.children.push_back(std::move(image));
  return {item};
}

std::vector<SrItem> Measurements(const SrContext& c, const Lesion& mark) {
  std::vector<SrItem> items;
  for (const LesionMeasure& measure : LesionMeasures()) {
    SrItem num = SrNum(measure.concept_name, measure.unit, measure.value(mark), measure.key,
                       FullName(measure, Name(c.text.language)));
    if (measure.concept_name == concepts::kAdc) {
      num.children.push_back(
          SrCode(SrRelation::kConceptMod, concepts::kDerivation, concepts::kMean));
    }
    if (measure.concept_name == concepts::kLongAxis) {
      Append(num.children, Place(c, mark, SrRelation::kInferredFrom, concepts::kSourceOfMeasurement,
                                 {mark.long_axis_start_mm, mark.long_axis_end_mm}));
    }
    items.push_back(std::move(num));
  }
  return items;
}

// A word of a closed set (findings.json uses the same words), named by a Short Label.
SrItem Word(std::string_view key, std::string_view value) {
  SrItem item = SrText(SrRelation::kContains, concepts::kAssessmentCategory, std::string(value));
  item.children = {SrText(SrRelation::kConceptMod, concepts::kShortLabel, std::string(key))};
  return item;
}

std::vector<SrItem> Judgements(const SrContext& c, const Lesion& mark, const LesionText* words) {
  std::vector<SrItem> items = {Word("class", Name(mark.judgement)),
                               Word("segment", Name(mark.segment)),
                               Word("physis", Name(mark.physis))};
  if (c.analysed.findings.prior) {
    items.push_back(
        SrText(SrRelation::kContains, concepts::kComparison, std::string(Name(mark.change))));
    if (!mark.change_reason.empty()) {
      items.push_back(
          SrText(SrRelation::kContains, concepts::kDescriptionOfChange, mark.change_reason));
    }
  }
  if (words != nullptr) {
    items.push_back(SrText(SrRelation::kContains, concepts::kComment, words->description));
  }
  return items;
}

Code FindingOf(LesionClass judgement) {
  switch (judgement) {
    case LesionClass::kLesion:
      return concepts::kLesion;
    case LesionClass::kIndeterminate:
      return concepts::kIndeterminate;
    case LesionClass::kNormalVariant:
      return concepts::kNormal;
  }
  return concepts::kIndeterminate;
}

std::vector<SrItem> SegmentReferences(const SrContext& c, const Lesion& mark, int segment) {
  SrItem reference = SrImage(SrRelation::kContains, concepts::kReferencedSegment,
                             std::string(kSegSopClassUid), c.seg_instance_uid);
  reference.segment = static_cast<std::uint16_t>(segment);
  std::vector<SrItem> items = {reference};
  std::size_t series = c.analysed.choice.stir.empty() ? 0 : c.analysed.choice.stir.front();
  if (const auto slice = KeySliceOf(c.analysed, mark)) series = slice->series;
  items.push_back(SrUid(SrRelation::kContains, concepts::kSourceSeriesForSegmentation,
                        c.analysed.study.series[series].series_instance_uid));
  return items;
}

// How many lesions of each class against the prior; keys as in findings.json.
std::vector<SrItem> ChangeCounts(const Findings& findings) {
  std::vector<SrItem> items;
  if (!findings.prior) return items;
  for (const auto& [change, count] : findings.prior->counts) {
    const std::string key = "prior_count_" + std::string(Name(change));
    items.push_back(SrNum(concepts::kNumberOfLesions, concepts::kNoUnits, Measured::Of(count), key,
                          "Lesions against the prior: " + std::string(Name(change))));
  }
  return items;
}

std::string PairWord(const SymmetricPair& pair) {
  return std::to_string(pair.right_lesion) + " (right) and " + std::to_string(pair.left_lesion) +
         " (left)";
}

std::vector<SrItem> StudyWords(const Findings& findings) {
  const PatientSummary& patient = findings.patient;
  std::vector<SrItem> items;
  if (!findings.evaluable) return items;
  items.push_back(Word("multifocal", patient.multifocal ? "yes" : "no"));
  if (!patient.pattern.empty()) items.push_back(Word("pattern", patient.pattern));
  if (!patient.burden_version.empty()) {
    items.push_back(Word("burden_version", patient.burden_version));
  }
  for (const SymmetricPair& pair : patient.symmetric_pairs) {
    items.push_back(Word("symmetric_pair", PairWord(pair)));
  }
  for (const RedFlag& flag : patient.red_flags) {
    items.push_back(Word("red_flag", flag.code + ": " + flag.text));
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
    SrItem num =
        SrNum(concepts::kMrSignal, concepts::kNoUnits, Measured::Of(signal), "anchor_marrow",
              c.text.language == Language::kGerman ? "STIR-Signal des normalen Marks"
                                                   : "STIR signal of normal marrow");
    num.children.push_back(FindingSite(UnitOf(unit)));
    items.push_back(std::move(num));
  }
  return items;
}

}  // namespace

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
    group.children.push_back(SrNum(measure.concept_name, measure.unit, measure.value(findings),
                                   measure.key, german ? measure.name_de : measure.name_en));
  }
  Append(group.children, ChangeCounts(findings));
  Append(group.children, MarrowAnchors(c));
  Append(group.children, StudyWords(findings));
  if (const auto map = c.picture_uids.find(0); map != c.picture_uids.end()) {
    group.children.push_back(SrImage(SrRelation::kContains, concepts::kBestIllustration,
                                     std::string(kScSopClassUid), map->second));
  }
  return group;
}

SrItem MarkGroup(const SrContext& c, const Lesion& mark, int segment, const LesionText* words) {
  const bool has_segment = segment > 0 && !c.seg_instance_uid.empty();
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup,
                             has_segment ? "1411" : "1501");
  group.children = Tracking(c, mark.tracking_id, mark.tracking_uid);
  group.children.push_back(
      SrText(SrRelation::kContains, concepts::kLesionIdentifier, std::to_string(mark.number)));
  group.children.push_back(
      SrCode(SrRelation::kContains, concepts::kFinding, FindingOf(mark.judgement)));
  if (has_segment) Append(group.children, SegmentReferences(c, mark, segment));
  group.children.push_back(FindingSite(UnitOf(mark.unit)));
  Append(group.children, Algorithm(c.options));
  Append(group.children, Measurements(c, mark));
  Append(group.children,
         Place(c, mark, SrRelation::kContains, concepts::kImageRegion, {mark.centroid_mm}));
  Append(group.children, Judgements(c, mark, words));
  if (const auto picture = c.picture_uids.find(mark.number); picture != c.picture_uids.end()) {
    group.children.push_back(SrImage(SrRelation::kContains, concepts::kIllustrationOfRoi,
                                     std::string(kScSopClassUid), picture->second));
  }
  return group;
}

SrItem ResolvedGroup(const SrContext& c, const Lesion& gone, const LesionText* words) {
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup, "1501");
  group.children = Tracking(c, gone.tracking_id, gone.tracking_uid);
  group.children.push_back(
      SrText(SrRelation::kContains, concepts::kLesionIdentifier, std::to_string(gone.number)));
  group.children.push_back(
      SrCode(SrRelation::kContains, concepts::kPreviousFinding, concepts::kLesion));
  group.children.push_back(FindingSite(UnitOf(gone.unit)));
  Append(group.children, Algorithm(c.options));
  for (const LesionMeasure& measure : LesionMeasures()) {
    if (measure.key != "prior_volume_ml") continue;
    group.children.push_back(SrNum(measure.concept_name, measure.unit, measure.value(gone),
                                   measure.key, FullName(measure, Name(c.text.language))));
  }
  group.children.push_back(
      SrText(SrRelation::kContains, concepts::kComparison, std::string(Name(Change::kResolved))));
  if (words != nullptr) {
    group.children.push_back(SrText(SrRelation::kContains, concepts::kComment, words->description));
  }
  return group;
}

}  // namespace osteon
