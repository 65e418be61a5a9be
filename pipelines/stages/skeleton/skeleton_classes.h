// SPDX-License-Identifier: GPL-3.0-or-later
// The tissue classes the skeleton network tells apart; the order is that of
// pipelines/training/labels.py, and the network's card must list the same names.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace osteon {

enum class TissueClass : std::uint8_t {
  kBackground,
  kSkull,
  kMandible,
  kClavicle,
  kScapula,
  kSternum,
  kRibs,
  kCervicalSpine,
  kThoracicSpine,
  kLumbarSpine,
  kSacrum,
  kPelvis,
  kHumerus,
  kForearm,
  kHand,
  kFemur,
  kLeg,
  kFoot,
  kBrain,
  kSpinalCanal,
  kKidney,
  kSpleen,
  kBowel,
  kBlood,
  kFluid,
  kOrgan,
};

inline constexpr int kTissueClasses = 26;
inline constexpr int kFirstBone = static_cast<int>(TissueClass::kSkull);
inline constexpr int kLastBone = static_cast<int>(TissueClass::kFoot);
// The network's lesion logits follow the classes: one for each 2 mm sub-pixel, rows first.
inline constexpr int kLesionOutputs = 4;

inline constexpr std::array<std::string_view, kTissueClasses> kTissueNames = {
    "background", "skull",          "mandible",       "clavicle",     "scapula", "sternum",
    "ribs",       "cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum",  "pelvis",
    "humerus",    "forearm",        "hand",           "femur",        "leg",     "foot",
    "brain",      "spinal_canal",   "kidney",         "spleen",       "bowel",   "blood",
    "fluid",      "organ"};

// In a map of bone classes: bone whose class is impossible at its place (bone_place.h).
inline constexpr std::uint8_t kUnnamedBone = kTissueClasses;

inline bool IsBone(TissueClass c) {
  return static_cast<int>(c) >= kFirstBone && static_cast<int>(c) <= kLastBone;
}
inline std::string_view Name(TissueClass c) { return kTissueNames[static_cast<std::size_t>(c)]; }

}  // namespace osteon
