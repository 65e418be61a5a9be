// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_groups.h"

#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/pages/page_writers.h"
#include "pipelines/dicom/seg/seg_writer.h"
#include "pipelines/dicom/sr/mark_codes.h"
#include "pipelines/dicom/sr/sr_parts.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

double Hundredths(double v) { return std::round(v * 100) / 100; }

// A point or line of the patient: SCOORD3D where the SR class has it and the images have a frame of
// reference that an SR may name, else SCOORD on the source slice that shows the lesion best (the
// points are projected onto it along its normal). Nothing when no slice shows it, or one that an SR
// may not name.
std::vector<SrItem> Place(const SrContext& c, const Lesion& mark, SrRelation relation, Code name,
                          std::vector<Vec3> points) {
  SrItem item;
  item.relation = relation;
  item.name = name;
  const std::string frame_of_reference = FrameOfReferenceOf(c.analysed.composed.stir.geometry());
  if (c.options.sr_class == SrClass::kComprehensive3d && IsUid(frame_of_reference)) {
    item.type = SrType::kScoord3d;
    item.frame_of_reference_uid = frame_of_reference;
    for (Vec3 p : points) {
      for (double v : {p.x, p.y, p.z}) item.coordinates.push_back(Hundredths(v));
    }
    return {item};
  }
  const std::optional<KeySlice> slice = KeySliceOf(c.analysed, mark);
  if (!slice) return {};
  const SeriesInfo& info = c.analysed.study.series[slice->series];
  const FrameSource& frame = info.frames[slice->frame];
  if (!IsUid(frame.sop_instance_uid)) return {};
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
    const Measured measured = measure.value(mark);
    if (!measured.value) continue;
    SrItem num = SrNum(measure.concept_name, measure.unit, *measured.value, measure.key,
                       FullName(measure, Name(c.text.language)));
    if (measure.concept_name == concepts::kAdc) {
      num.children.push_back(
          SrCode(SrRelation::kConceptMod, concepts::kDerivation, concepts::kMean));
    }
    if (measure.concept_name == concepts::kLongAxis) {
      Append(num.children, Place(c, mark, SrRelation::kInferredFrom, concepts::kSourceOfMeasurement,
                                 {mark.long_axis_start_mm, mark.long_axis_end_mm}));
    }
    if (measure.concept_name == concepts::kVolume && items.empty()) {
      // Viewers jump to what the first measurement of a group was inferred from.
      Append(num.children, Place(c, mark, SrRelation::kInferredFrom, concepts::kSourceOfMeasurement,
                                 {mark.centroid_mm}));
    }
    items.push_back(std::move(num));
  }
  return items;
}

// The class of change as a code, with the reasons it rests on, and in words.
std::vector<SrItem> ChangeItems(const Lesion& mark, const LesionText* words) {
  SrItem change = SrCode(SrRelation::kContains, concepts::kComparison, CodeOf(mark.change));
  for (const ChangeReason& reason : mark.change_reasons) {
    if (reason.value) {
      change.children.push_back(Reason(reason.code, *reason.value));
      continue;
    }
    SrItem word = SrText(SrRelation::kInferredFrom, concepts::kAssessmentCategory, reason.code);
    word.children = {SrText(SrRelation::kConceptMod, concepts::kShortLabel, "change_reason")};
    change.children.push_back(std::move(word));
  }
  std::vector<SrItem> items = {std::move(change)};
  if (words != nullptr && !words->change_reason.empty()) {
    items.push_back(
        SrText(SrRelation::kContains, concepts::kDescriptionOfChange, words->change_reason));
  }
  return items;
}

std::vector<SrItem> Judgements(const SrContext& c, const Lesion& mark, const LesionText* words) {
  std::vector<SrItem> items = {
      SrCode(SrRelation::kContains, concepts::kBoneSegment, CodeOf(mark.segment)),
      SrCode(SrRelation::kContains, concepts::kPhysisRelation, CodeOf(mark.physis))};
  if (c.analysed.findings.prior) Append(items, ChangeItems(mark, words));
  if (words != nullptr) {
    items.push_back(SrText(SrRelation::kContains, concepts::kComment, words->description));
  }
  return items;
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

}  // namespace

SrItem MarkGroup(const SrContext& c, const Lesion& mark, int segment, const LesionText* words) {
  const bool has_segment = segment > 0 && !c.seg_instance_uid.empty();
  std::vector<SrItem> place =
      Place(c, mark, SrRelation::kContains, concepts::kImageRegion, {mark.centroid_mm});
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup,
                             has_segment     ? "1411"
                             : place.empty() ? "1501"
                                             : "1410");
  group.children = Tracking(c, mark.tracking_id, mark.tracking_uid);
  group.children.push_back(
      SrText(SrRelation::kContains, concepts::kLesionIdentifier, std::to_string(mark.number)));
  group.children.push_back(
      SrCode(SrRelation::kContains, concepts::kFinding, CodeOf(mark.judgement)));
  if (has_segment) Append(group.children, SegmentReferences(c, mark, segment));
  group.children.push_back(FindingSite(UnitOf(mark.unit)));
  Append(group.children, Algorithm(c.options));
  Append(group.children, Measurements(c, mark));
  Append(group.children, std::move(place));
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
    const Measured measured = measure.value(gone);
    if (measure.key != "prior_volume_ml" || !measured.value) continue;
    group.children.push_back(SrNum(measure.concept_name, measure.unit, *measured.value, measure.key,
                                   FullName(measure, Name(c.text.language))));
  }
  Append(group.children, ChangeItems(gone, words));
  if (words != nullptr) {
    group.children.push_back(SrText(SrRelation::kContains, concepts::kComment, words->description));
  }
  return group;
}

}  // namespace osteon
