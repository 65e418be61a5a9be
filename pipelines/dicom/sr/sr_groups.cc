// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/sr/sr_groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "pipelines/base/uid.h"
#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/dicom/objects/result_object.h"
#include "pipelines/dicom/seg/seg_writer.h"
#include "pipelines/dicom/sr/mark_codes.h"
#include "pipelines/dicom/sr/sr_parts.h"
#include "pipelines/model/decimal.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

double Hundredths(double v) { return std::round(v * 100) / 100; }

// A point of the patient: SCOORD3D where the SR class has it and the images have a frame of
// reference that an SR may name, else SCOORD on the source slice that shows the lesion best (the
// point is projected onto it along its normal). Empty when no slice shows it, or the slice has a
// UID that an SR may not contain.
std::vector<SrItem> Place(const SrContext& c, const Lesion& mark, SrRelation relation, Code name,
                          Vec3 point) {
  SrItem item;
  item.relation = relation;
  item.name = name;
  const std::string frame_of_reference = FrameOfReferenceOf(c.analysed.composed.stir.geometry());
  if (c.options.sr_class == SrClass::kComprehensive3d && IsUid(frame_of_reference)) {
    item.type = SrType::kScoord3d;
    item.frame_of_reference_uid = frame_of_reference;
    for (double v : {point.x, point.y, point.z}) item.coordinates.push_back(Hundredths(v));
    return {item};
  }
  const std::optional<KeySlice> slice = KeySliceOf(c.analysed, mark);
  if (!slice) return {};
  const SeriesInfo& info = c.analysed.study.series[slice->series];
  const FrameSource& frame = info.frames[slice->frame];
  if (!IsUid(frame.sop_instance_uid)) return {};
  item.type = SrType::kScoord;
  for (double v : ImageCoordinates(info, point)) item.coordinates.push_back(v);
  SrItem image =
      SrImage(SrRelation::kSelectedFrom, {}, frame.sop_class_uid, frame.sop_instance_uid);
  if (IsMultiFrame(frame)) image.frame = frame.frame_number;
  item.children.push_back(std::move(image));
  return {item};
}

// Of a normal variant only the size is said. Its certainty is that of a lesion and would read as
// doubt of the normal.
bool IsSize(const LesionMeasure& measure) {
  return measure.unit == concepts::kMillilitre || measure.unit == concepts::kMillimetre;
}

// The segment of which the volume is.
SrItem SegmentOf(const SrContext& c, int segment) {
  SrItem reference = SrImage(SrRelation::kInferredFrom, concepts::kReferencedSegment,
                             std::string(kSegSopClassUid), c.seg_instance_uid);
  reference.segment = static_cast<std::uint16_t>(segment);
  return reference;
}

// `segment`: 0 for none.
std::vector<SrItem> Measurements(const SrContext& c, const Lesion& mark, int segment) {
  std::vector<SrItem> items;
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Measured measured = measure.value(mark);
    if (measure.in_sr != InSr::kNumber || !measured.value) continue;
    if (mark.judgement == LesionClass::kNormalVariant && !IsSize(measure)) continue;
    SrItem num = SrNum(measure.concept_name, measure.unit, *measured.value,
                       ShownText(measure, *measured.value));
    if (measure.concept_name == concepts::kVolume) {
      // Viewers jump to what the first measurement of a group was inferred from.
      Append(num.children, Place(c, mark, SrRelation::kInferredFrom, concepts::kSourceOfMeasurement,
                                 mark.centroid_mm));
      if (segment > 0) num.children.push_back(SegmentOf(c, segment));
    }
    items.push_back(std::move(num));
  }
  return items;
}

// What the comparison with a later study needs, which asks nothing of a normal variant.
std::string ValuesOf(const Lesion& mark) {
  std::string values;
  if (mark.judgement == LesionClass::kNormalVariant && !mark.prior_volume_ml.value) return values;
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Measured measured = measure.value(mark);
    if (measure.in_sr == InSr::kValue && measured.value)
      AddValue(measure.key, DecimalText(*measured.value), values);
  }
  return values;
}

std::string PointText(Vec3 p) {
  return DecimalText(Hundredths(p.x)) + "," + DecimalText(Hundredths(p.y)) + "," +
         DecimalText(Hundredths(p.z));
}

// Codes of what is known: segment, growth plate, change.
std::vector<SrItem> Judgements(const SrContext& c, const Lesion& mark) {
  std::vector<SrItem> items;
  // For a flat bone or vertebra it would repeat the site.
  const bool repeats_site = mark.segment == Segment::kUnknown ||
                            mark.segment == Segment::kFlatBone ||
                            mark.segment == Segment::kVertebra;
  if (!repeats_site) {
    items.push_back(SrCode(SrRelation::kContains, concepts::kBoneSegment, CodeOf(mark.segment)));
  }
  if (mark.physis != PhysisRelation::kNotAssessed) {
    items.push_back(SrCode(SrRelation::kContains, concepts::kPhysisRelation, CodeOf(mark.physis)));
  }
  // A mark that is no lesion and was none has no change.
  if (c.analysed.findings.prior && mark.change != Change::kNoPrior) {
    items.push_back(SrCode(SrRelation::kContains, concepts::kComparison, CodeOf(mark.change)));
  }
  return items;
}

// "3 left proximal tibia": the name under which viewers list a mark. The part of the bone is a
// separate item.
std::vector<SrItem> Label(const SrContext& c, const Lesion& mark) {
  for (const auto* texts : {&c.text.lesions, &c.text.other_marks}) {
    const auto text = std::ranges::find(*texts, mark.number, &LesionText::number);
    if (text == texts->end()) continue;
    return {SrText(SrRelation::kContains, concepts::kComment,
                   fmt::format("{} {}", mark.number, text->site.substr(0, text->site.find(','))))};
  }
  return {};
}

}  // namespace

SrItem MarkGroup(const SrContext& c, const Lesion& mark, int segment) {
  if (c.seg_instance_uid.empty()) segment = 0;
  // TID 1411 has either a segment or a region; viewers load only marks that have a region.
  std::vector<SrItem> place =
      Place(c, mark, SrRelation::kContains, concepts::kImageRegion, mark.centroid_mm);
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup,
                             place.empty() ? "1501"
                             : segment > 0 ? "1411"
                                           : "1410");
  group.children = Tracking(mark.tracking_id, mark.tracking_uid);
  group.children.push_back(
      SrCode(SrRelation::kContains, concepts::kFinding, CodeOf(mark.judgement)));
  std::string values = ValuesOf(mark);
  if (place.empty() || place.front().type != SrType::kScoord3d)
    AddValue("centroid_mm", PointText(mark.centroid_mm), values);
  Append(group.children, std::move(place));
  group.children.push_back(FindingSite(mark));
  Append(group.children, Measurements(c, mark, segment));
  Append(group.children, Judgements(c, mark));
  Append(group.children, Label(c, mark));
  AddValues(std::move(values), group);
  return group;
}

SrItem ResolvedGroup(const SrContext& c, const Lesion& gone) {
  SrItem group = SrContainer(SrRelation::kContains, concepts::kMeasurementGroup, "1501");
  group.children = Tracking(gone.tracking_id, gone.tracking_uid);
  group.children.push_back(
      SrCode(SrRelation::kContains, concepts::kPreviousFinding, concepts::kLesion));
  group.children.push_back(FindingSite(gone));
  Append(group.children, Judgements(c, gone));
  std::string values;
  if (gone.prior_volume_ml.value)
    AddValue("prior_volume_ml", DecimalText(*gone.prior_volume_ml.value), values);
  AddValues(std::move(values), group);
  return group;
}

}  // namespace osteon
