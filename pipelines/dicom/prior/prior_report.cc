// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/prior/prior_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "pipelines/dicom/sr/mark_codes.h"
#include "pipelines/model/concepts.h"
#include "pipelines/model/measures.h"

namespace osteon {
namespace {

// A number of the report and the member that holds it. Keys are those of model/measures.cc.
struct MeasuredMember {
  std::string_view key;
  Measured Lesion::*member;
};
constexpr MeasuredMember kMeasured[] = {
    {"share_of_unit_percent", &Lesion::share_of_unit_percent},
    {"stir_to_muscle", &Lesion::stir_to_muscle},
    {"stir_position", &Lesion::stir_position},
    {"signal_grade", &Lesion::signal_grade},
    {"t1_to_muscle", &Lesion::t1_to_muscle},
    {"adc_mean_um2_per_s", &Lesion::adc_mean_um2_per_s},
    {"enhancement_ratio", &Lesion::enhancement_ratio},
    {"periosteal_mm", &Lesion::periosteal_mm},
    {"soft_tissue_ml", &Lesion::soft_tissue_ml},
    {"expansion_ratio", &Lesion::expansion_ratio},
    {"height_loss_percent", &Lesion::height_loss_percent},
    {"centre_to_rim", &Lesion::centre_to_rim},
    {"physis_distance_mm", &Lesion::physis_distance_mm},
    {"along_bone", &Lesion::along_bone},
    {"prior_volume_ml", &Lesion::prior_volume_ml},
};
struct NumberMember {
  std::string_view key;
  double Lesion::*member;
};
constexpr NumberMember kNumbers[] = {{"volume_ml", &Lesion::volume_ml},
                                     {"length_mm", &Lesion::length_mm},
                                     {"width_mm", &Lesion::width_mm},
                                     {"depth_mm", &Lesion::depth_mm}};

// The key of a number: from its concept, in earlier reports from a Short Label.
std::string KeyOf(const SrNode& node) {
  std::string key = node.TextOf(concepts::kShortLabel);
  if (!key.empty()) return key;
  for (const LesionMeasure& measure : LesionMeasures()) {
    const Code& name = measure.concept_name;
    if (measure.in_sr == InSr::kNumber && name.value == node.name_value &&
        name.scheme == node.name_scheme)
      return std::string(measure.key);
  }
  return key;
}

void SetNumber(const std::string& key, const Measured& value, Lesion& lesion) {
  for (const NumberMember& m : kNumbers) {
    if (m.key == key && value.value) lesion.*m.member = *value.value;
  }
  for (const MeasuredMember& m : kMeasured) {
    if (m.key == key) lesion.*m.member = value;
  }
  if (key == "certainty_percent" && value.value) lesion.probability = *value.value / 100;
}

// Earlier reports have an item without value, with the reason, for what was not measured; current
// reports have no item.
void TakeNumber(const SrNode& node, Lesion& lesion) {
  SetNumber(KeyOf(node),
            node.number ? Measured::Of(*node.number)
                        : Measured::NotAssessed(node.TextOf(concepts::kComment)),
            lesion);
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<double> NumberOf(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

// One pair of Further values (sr_parts.h).
struct KeyedValue {
  std::string key, text;
  std::optional<double> number;
};

std::vector<KeyedValue> FurtherValues(const SrNode& group) {
  std::vector<KeyedValue> values;
  for (const std::string& part : Split(group.TextOf(concepts::kFurtherValues), ';')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    KeyedValue value{part.substr(0, equals), part.substr(equals + 1), {}};
    value.number = NumberOf(value.text);
    values.push_back(std::move(value));
  }
  return values;
}

// centroid_mm of a report whose places are on images: "1.5,-20,300".
std::optional<Vec3> PlaceOf(const KeyedValue& value) {
  if (value.key != "centroid_mm") return std::nullopt;
  std::vector<double> numbers;
  for (const std::string& part : Split(value.text, ',')) {
    if (const auto number = NumberOf(part)) numbers.push_back(*number);
  }
  if (numbers.size() != 3) return std::nullopt;
  return Vec3{numbers[0], numbers[1], numbers[2]};
}

// The enumerator with this name; `otherwise` when none has it.
template <typename Enum, std::size_t kCount>
Enum FromName(std::string_view name, const std::array<Enum, kCount>& all, Enum otherwise) {
  for (Enum value : all) {
    if (Name(value) == name) return value;
  }
  return otherwise;
}

constexpr std::array kSegments{Segment::kEpiphysis, Segment::kMetaphysis, Segment::kDiaphysis,
                               Segment::kMedialEnd, Segment::kLateralEnd, Segment::kFlatBone,
                               Segment::kVertebra};

void TakeWord(const SrNode& node, Lesion& lesion) {
  const std::string key = node.TextOf(concepts::kShortLabel);
  if (key == "segment") {
    lesion.segment = FromName(node.text, kSegments, Segment::kUnknown);
  } else if (key == "physis") {
    lesion.physis = FromName(node.text,
                             std::array{PhysisRelation::kTouches, PhysisRelation::kCrosses,
                                        PhysisRelation::kNear, PhysisRelation::kRemote},
                             PhysisRelation::kNotAssessed);
  } else if (key == "class") {
    lesion.judgement = FromName(
        node.text,
        std::array{LesionClass::kLesion, LesionClass::kIndeterminate, LesionClass::kNormalVariant},
        LesionClass::kIndeterminate);
  }
}

// Segment and relation to the growth plate from their codes; earlier reports have them as words
// (TakeWord), and the class both as a word and as the finding.
void TakeCode(const SrNode& node, Lesion& lesion) {
  const auto is = [&](const Code& name) {
    return node.name_value == name.value && node.name_scheme == name.scheme;
  };
  if (is(concepts::kBoneSegment)) {
    for (Segment s : kSegments) {
      if (CodeOf(s).value == node.code_value) lesion.segment = s;
    }
  } else if (is(concepts::kPhysisRelation)) {
    using enum PhysisRelation;
    for (PhysisRelation r : {kTouches, kCrosses, kNear, kRemote}) {
      if (CodeOf(r).value == node.code_value) lesion.physis = r;
    }
  } else if (is(concepts::kFinding)) {
    lesion.judgement = LesionClass::kIndeterminate;
    if (node.code_value == concepts::kLesion.value) lesion.judgement = LesionClass::kLesion;
    if (node.code_value == concepts::kNormal.value) lesion.judgement = LesionClass::kNormalVariant;
  }
}

Side LateralityOf(const SrNode& site) {
  const SrNode* side = site.Child(concepts::kLaterality);
  if (!side) return Side::kNone;
  if (side->code_value == concepts::kLeft.value) return Side::kLeft;
  return side->code_value == concepts::kRight.value ? Side::kRight : Side::kNone;
}

// The unit with this site, laterality and topographical modifier; 0 when there is none.
// A bone in the midline may have a laterality: the side of it on which the lesion lies.
UnitId UnitOfSite(const SrNode& site) {
  const SrNode* part = site.Child(concepts::kTopographicalModifier);
  const auto is = [](const SrNode* node, const Code& code) {
    return node && node->code_value == code.value;
  };
  BonePart wanted_part = BonePart::kWhole;
  if (is(part, concepts::kProximal)) wanted_part = BonePart::kProximal;
  if (is(part, concepts::kDistal)) wanted_part = BonePart::kDistal;
  if (is(part, concepts::kMidLongitudinal)) wanted_part = BonePart::kDiaphysis;
  for (const BoneUnit& unit : BoneUnits()) {
    const bool side_fits = unit.side == Side::kNone || unit.side == LateralityOf(site);
    if (unit.snomed_code == site.code_value && side_fits && unit.part == wanted_part)
      return unit.id;
  }
  return 0;
}

// A measurement group as a lesion; nullopt for the group of the whole study and for lesions that
// were resolved.
std::optional<Lesion> LesionOf(const SrNode& group, std::string& frame_of_reference_uid) {
  const SrNode *site = group.Child(concepts::kFindingSite),
               *finding = group.Child(concepts::kFinding);
  if (!site || !finding) return std::nullopt;
  Lesion lesion;
  lesion.unit = UnitOfSite(*site);
  if (lesion.unit == 0) return std::nullopt;
  if (UnitOf(lesion.unit).side == Side::kNone) lesion.midline_side = LateralityOf(*site);
  for (const MeasuredMember& m : kMeasured) {
    lesion.*m.member = Measured::NotAssessed("not in the prior report");
  }
  lesion.tracking_id = group.TextOf(concepts::kTrackingId);
  lesion.tracking_uid = group.TextOf(concepts::kTrackingUid);
  for (const SrNode& node : group.children) {
    if (node.value_type == "NUM") TakeNumber(node, lesion);
    if (node.value_type == "TEXT") TakeWord(node, lesion);
    if (node.value_type == "CODE") TakeCode(node, lesion);
    if (node.value_type == "SCOORD3D" && node.coordinates.size() == 3) {
      lesion.centroid_mm = {node.coordinates[0], node.coordinates[1], node.coordinates[2]};
      lesion.prior_centroid_mm = lesion.centroid_mm;
      frame_of_reference_uid = node.frame_of_reference_uid;
    }
  }
  for (const KeyedValue& value : FurtherValues(group)) {
    if (const auto place = PlaceOf(value)) lesion.centroid_mm = *(lesion.prior_centroid_mm = place);
    if (value.number) SetNumber(value.key, Measured::Of(*value.number), lesion);
  }
  return lesion;
}

// The technique of the prior images, as far as the report states it.
void TakeTechnique(const KeyedValue& value, Technique& technique) {
  const std::string& key = value.key;
  if (key == "field_strength_t") technique.field_strength_t = value.number;
  if (key == "stir_repetition_time_ms") technique.repetition_time_ms = value.number;
  if (key == "stir_echo_time_ms") technique.echo_time_ms = value.number;
  if (key == "stir_inversion_time_ms") technique.inversion_time_ms = value.number;
  if (key == "stir_slice_step_mm") technique.spacing_mm.z = value.number.value_or(0);
  if (key == "stir_contrast") {
    technique.contrast =
        FromName(value.text, std::array{Contrast::kStir, Contrast::kDixonWater}, Contrast::kOther);
  }
}

void TakeStudyValue(const KeyedValue& value, PriorReport& prior) {
  TakeTechnique(value, prior.technique);
  if (value.key != "not_imaged") return;
  for (const std::string& key : Split(value.text, ',')) {
    if (const auto unit = UnitByKey(key)) prior.not_imaged.push_back(*unit);
  }
}

void TakeStudyGroup(const SrNode& group, PriorReport& prior, bool& evaluable) {
  const SrNode* finding = group.Child(concepts::kFinding);
  if (finding && finding->code_value == concepts::kNotEvaluated.value) evaluable = false;
  // Earlier reports have an item with a Short Label for each.
  for (const SrNode& node : group.children)
    TakeStudyValue({node.TextOf(concepts::kShortLabel), node.text, node.number}, prior);
  for (const KeyedValue& value : FurtherValues(group)) TakeStudyValue(value, prior);
}

}  // namespace

std::optional<PriorReport> PriorReportOf(const SrFile& file) {
  PriorReport prior;
  prior.reference.study_instance_uid = file.study_instance_uid;
  prior.reference.study_date = file.study_date;
  prior.reference.sr_series_instance_uid = file.series_instance_uid;
  prior.reference.sr_sop_class_uid = file.sop_class_uid;
  prior.reference.sr_sop_instance_uid = file.sop_instance_uid;
  if (const auto versions = Split(file.software_versions, '\\'); versions.size() == 2)
    prior.pipeline = {"", versions[0], versions[1]};
  bool evaluable = true;
  std::vector<const SrNode*> open = {&file.root};
  while (!open.empty()) {
    const SrNode& node = *open.back();
    open.pop_back();
    if (node.name_value == concepts::kMeasurementGroup.value) {
      if (auto lesion = LesionOf(node, prior.frame_of_reference_uid)) {
        lesion->number = static_cast<int>(prior.lesions.size() + prior.other_marks.size()) + 1;
        (lesion->judgement == LesionClass::kLesion ? prior.lesions : prior.other_marks)
            .push_back(*std::move(lesion));
      } else {
        TakeStudyGroup(node, prior, evaluable);
      }
      continue;
    }
    // In reverse, so that groups are popped in the order of the report.
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
      open.push_back(&*child);
  }
  if (!evaluable) return std::nullopt;
  return prior;
}

}  // namespace osteon
