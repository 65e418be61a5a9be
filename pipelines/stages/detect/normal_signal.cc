// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/normal_signal.h"

#include <fmt/core.h>

namespace osteon {
namespace {

// Values of features that are absent, mm: no joint, surface or plate is near.
constexpr double kFarMm = 99;

double ValueOf(const std::map<std::string, double>& features, const char* name, double absent) {
  const auto found = features.find(name);
  return found == features.end() ? absent : found->second;
}

std::string Say(const char* what, double value) { return fmt::format("{} ({:.2f})", what, value); }

bool IsRimBone(const BoneUnit& unit) { return unit.bone == "sacrum" || unit.bone == "ilium"; }

bool IsAtTheKnee(const BoneUnit& unit) {
  return unit.bone == "femur"
             ? unit.part == BonePart::kDistal
             : (unit.bone == "tibia" || unit.bone == "fibula") && unit.part == BonePart::kProximal;
}

std::optional<std::string> WhyFluidOfTheKnee(const std::map<std::string, double>& features,
                                             const BoneUnit& unit, const NormalOptions& options) {
  const double position = ValueOf(features, "stir_position", -1);
  const double core = ValueOf(features, "core_position", position);
  if (!IsAtTheKnee(unit) || core < options.knee_fluid_position ||
      ValueOf(features, "near_bone_low", 1) >= options.knee_bone_beside)
    return std::nullopt;
  const double front = ValueOf(features, "front_mm", 0);
  if (front >= options.knee_front_mm)
    return Say("fluid: bright and in front of the knee, mm before the bone's axis", front);
  if (position >= options.oedema_position)
    return Say("fluid: brighter than oedema, at a knee's edge, of the way to fluid", position);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> WhyNormal(const std::map<std::string, double>& features,
                                     const BoneUnit& unit, const NormalOptions& options) {
  const double position = ValueOf(features, "stir_position", -1);
  const double over_muscle = ValueOf(features, "stir_over_muscle", -1);
  const bool graded = position > -1;
  if (graded && position < options.least_position)
    return Say("normal: not brighter than this bone's normal marrow, of the way to fluid",
               position);
  const double in_bone = ValueOf(features, "in_bone", 1);
  const double core = ValueOf(features, "core_position", position);
  const bool spot = core >= options.bright_core && in_bone >= options.fluid_share_in_bone &&
                    ValueOf(features, "contrast", 0) >= options.bright_core_contrast;
  if (over_muscle >= 0 && over_muscle < options.least_over_muscle && !spot)
    return Say("normal: no brighter than red marrow, times muscle", over_muscle);

  if (in_bone < options.share_beside_bone &&
      ValueOf(features, "near_bone", 1) < options.bone_around_beside)
    return Say("normal: beside the bone, share in bone", in_bone);

  const double joint = ValueOf(features, "joint_mm", kFarMm);
  if (core >= options.fluid_position) {
    if (in_bone < options.fluid_share_in_bone)
      return Say("normal: as bright as fluid and outside the bone, share in bone", in_bone);
    if (unit.bone == "patella")  // An effusion lies around it and is taken for it.
      return Say("normal: as bright as fluid in front of the knee, of the way to fluid", core);
    if (joint <= options.fluid_joint_mm)
      return Say("normal: as bright as fluid and in a joint, mm from the other bone", joint);
  }

  const double asymmetry = ValueOf(features, "asymmetry", 1);
  const bool mild = graded && position < options.rim_position;
  const bool mild_and_alike = mild && !spot && asymmetry < options.asymmetry;
  if (IsRimBone(unit) && mild_and_alike) {
    const double surface = ValueOf(features, "surface_mm", kFarMm);
    if (joint <= options.rim_depth_mm)
      return Say("normal: rim of the sacro-iliac joint as on the other side, mm deep", joint);
    if (unit.bone == "ilium" && surface <= options.rim_depth_mm)
      return Say("normal: rim of the iliac crest as on the other side, mm deep", surface);
  }
  const double plate = ValueOf(features, "physis_far_mm", kFarMm);
  if (mild_and_alike && plate <= options.plate_depth_mm)
    return Say("normal: zone beside the growth plate as on the other side, mm deep", plate);
  const double centre = ValueOf(features, "physis_centre_mm", kFarMm);
  if (mild && plate <= options.plate_depth_mm && centre <= options.plate_centre_mm &&
      ValueOf(features, "size_ml", kFarMm) < options.plate_zone_ml)
    return Say("normal: small mild zone across the growth plate, mm from the plate", centre);
  return std::nullopt;
}

std::optional<std::string> WhyIndeterminate(const std::map<std::string, double>& features,
                                            const BoneUnit& unit, const NormalOptions& options) {
  const double position = ValueOf(features, "stir_position", -1);
  if (position >= options.wholly_fluid_position)
    return Say("fluid: as bright as fluid throughout, of the way to fluid", position);
  const double asymmetry = ValueOf(features, "asymmetry", 1);
  if (unit.bone == "mandible" && position > -1 && position < options.rim_position &&
      asymmetry < options.jaw_asymmetry)
    return Say("uncertain: mild on both sides of the jaw, difference of the sides", asymmetry);
  return WhyFluidOfTheKnee(features, unit, options);
}

}  // namespace osteon
