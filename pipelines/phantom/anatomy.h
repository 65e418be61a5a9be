// SPDX-License-Identifier: GPL-3.0-or-later
// The constants of the synthetic anatomy: person, joints, bones, marrow, soft tissue, and where
// lesions may lie. All are chosen to look like anatomy, unless a source stands beside them. Those
// of the signal are in signal.cc, of the scanner in acquire.cc, of the lesions in lesions.cc. What
// is not here are the shapes: nodes and half axes of the solids are the tables of bones_*.cc,
// envelope.cc and organs.cc, in millimetres of the template person.
#pragma once

#include <string_view>

#include "pipelines/phantom/body.h"
#include "pipelines/phantom/random.h"

namespace osteon::phantom {

// A value that is drawn evenly from low .. high, or from middle - half .. middle + half.
struct Span {
  double low, high;
};
struct Spread {
  double middle, half;
};
inline double Draw(Span s, Random& random) { return random.Uniform(s.low, s.high); }
inline double Draw(Spread s, Random& random) { return s.middle + random.Uniform(-s.half, s.half); }

// The template person, an adult. Heights along the body.
inline constexpr double kTemplateLegMm = 882;    // Sole to hip joints.
inline constexpr double kTemplateTrunkMm = 700;  // Hip joints to first cervical vertebra.
inline constexpr double kTemplateHeadMm = 140;   // First cervical vertebra to crown.
inline constexpr double kTemplateHeightMm = kTemplateLegMm + kTemplateTrunkMm + kTemplateHeadMm;

// Age in years.
inline constexpr Span kChildAge = {6, 15.99}, kAdultAge = {19, 55};
inline constexpr double kYoungestAge = 3;  // Proportions and marrow of a child up to here ...
inline constexpr double kGrownAge = 17;    // ... and of an adult from here on.
inline constexpr double kPhysesCloseAge = 16.5;
inline constexpr double kThymusUntilAge = 14;

// Median stature in mm by age in years, from kYoungestAge: growth charts, 50th percentile, mean of
// both sexes, rounded.
inline constexpr double kStatureMm[] = {960,  1030, 1095, 1155, 1215, 1275, 1330,
                                        1385, 1435, 1495, 1560, 1610, 1655, 1680};
inline constexpr double kAdultStatureMm = 1720;
inline constexpr Span kStatureFactor = {0.95, 1.04};
// At kYoungestAge the head is that much smaller than an adult's; legs and arms are that much
// shorter, against the trunk.
inline constexpr double kSmallerHead = 0.12, kShorterLegs = 0.14, kShorterArms = 0.06;
inline constexpr double kBodyMassIndex = 21.5;  // kg/m2, at girth 1; for Patient's Weight only.

// How persons differ from the template: factors, and millimetres of it.
inline constexpr Span kGirth = {0.92, 1.10}, kBoneWidth = {0.95, 1.06}, kCortex = {0.85, 1.15};
inline constexpr Span kFatMm = {7, 16};   // Subcutaneous fat of the trunk.
inline constexpr double kChildFat = 0.7;  // Of that, in a child.
inline constexpr Span kScoliosisMm = {-7, 7};
inline constexpr Span kSpinalCurve = {0.75, 1.1};
inline constexpr double kKneeEffusionChance = 0.3;  // Where normal variants are drawn.

// Joints in the frame of the joint before them (frame.h), template mm, and the angles between them
// in degrees: arms and legs of a person who lies on the back.
inline constexpr Vec3 kHipMm = {88, 0, 0};
inline constexpr double kThighMm = 434, kShankMm = 374;
inline constexpr double kShoulderXMm = 172, kShoulderYMm = 18;
inline constexpr Spread kShoulderZMm = {545, 6};
inline constexpr double kUpperArmMm = 304, kForearmMm = 246;
inline constexpr Span kPelvisTilt = {-3, 3}, kHeadTilt = {-4, 6};
inline constexpr Spread kHipFlexion = {2, 3}, kHipAbduction = {4, 2.5}, kHipRotation = {12, 8};
inline constexpr Spread kKneeFlexion = {5, 4}, kKneeAbduction = {-3, 1.5};
inline constexpr Spread kFootFlexion = {28, 10}, kFootRotation = {4, 5};
inline constexpr Spread kShoulderFlexion = {-2, 4}, kShoulderAbduction = {9, 2.5},
                        kShoulderRotation = {10, 15};
inline constexpr Spread kElbowFlexion = {6, 5}, kElbowAbduction = {-5, 2};
inline constexpr Spread kWristFlexion = {3, 6}, kWristRotation = {-55, 20};

// The spine from the side, {height over the hip joints, distance behind them}, template mm: lumbar
// lordosis, thoracic kyphosis, cervical lordosis.
inline constexpr double kSpineMm[][2] = {{-45, 48}, {-10, 62}, {30, 62},  {100, 34},
                                         {160, 22}, {230, 24}, {290, 36}, {400, 58},
                                         {500, 54}, {575, 34}, {640, 20}, {700, 16}};
inline constexpr double kSpineMiddleMm = 38;  // The curve's strength acts around this distance.
// A scoliosis is a sine from this height on, with this half wave.
inline constexpr double kScoliosisFromMm = 100, kScoliosisHalfWaveMm = 300;

// Compact bone in mm of the template, and the share of red marrow in adult and child: of the whole
// bone or, in long bones, of shaft and ends. Red marrow recedes to trunk, proximal femur and
// humerus until about 25 years (Vogler & Murphy 1988); the shares are chosen.
struct BoneTissue {
  std::string_view bone;  // BoneUnit::bone
  double cortex_mm, red_adult, red_child;
  double red_ends_adult = 0, red_ends_child = 0;
};
inline constexpr BoneTissue kBoneTissue[] = {{"skull", 1.6, 0.35, 0.5},
                                             {"mandible", 1.8, 0.25, 0.4},
                                             {"cervical_spine", 1.1, 0.45, 0.75},
                                             {"thoracic_spine", 1.1, 0.45, 0.75},
                                             {"lumbar_spine", 1.1, 0.45, 0.75},
                                             {"ribs", 0.9, 0.45, 0.7},
                                             {"sternum", 1.0, 0.45, 0.75},
                                             {"clavicle", 1.4, 0.3, 0.5},
                                             {"scapula", 1.0, 0.35, 0.55},
                                             {"sacrum", 1.4, 0.4, 0.7},
                                             {"ilium", 1.5, 0.42, 0.65},
                                             {"ischium", 1.6, 0.4, 0.6},
                                             {"pubis", 1.5, 0.4, 0.6},
                                             {"humerus", 3.0, 0.04, 0.25, 0.3, 0.35},
                                             {"forearm", 2.2, 0.05, 0.25},
                                             {"hand", 1.0, 0.04, 0.10},
                                             {"femur", 3.0, 0.04, 0.25, 0.3, 0.35},
                                             {"patella", 1.6, 0.1, 0.2},
                                             {"tibia", 3.0, 0.04, 0.25, 0.12, 0.35},
                                             {"fibula", 2.0, 0.04, 0.25, 0.12, 0.35},
                                             {"foot", 1.0, 0.04, 0.10}};

// Red marrow between the ages: a child's at 5 years and below, an adult's from 25 on.
inline constexpr double kRedAdultAge = 25, kRedChildToAdultYears = 20;
inline constexpr double kRedEpiphysis = 0.05;   // Epiphyses turn yellow first, ...
inline constexpr double kEpiphysisRadii = 2.5;  // ... up to this distance from the growth plate.
inline constexpr double kRedDistalAdult = 0.3;  // Of a distal end, against a proximal one.
// Between shaft and end, as distance from the middle in lengths of the bone.
inline constexpr double kRedShaftEnd = 0.2, kRedBlend = 0.2;
inline constexpr double kRedPatches = 0.14;  // Amplitude of the patches of red marrow.
inline constexpr Vec3 kRedPatchMm = {17, 17, 17};

// Long bones: where the parts meet, in lengths from the proximal end. Compact bone is thick in the
// shaft and thin at the ends: kShaftCortex - kCortexFall * (distance from the middle), in 0.35
// .. 1.
inline constexpr double kProximalEnd = 0.27, kDistalStart = 0.73;
inline constexpr double kShaftCortex = 1.6, kCortexFall = 2.4, kLeastCortex = 0.35;
// A growth plate, and how far on its metaphyseal side a lesion begins (kSites).
inline constexpr double kPhysisHalfWidthMm = 1.3, kPhysisRadii = 1.3, kMetaphysisMm = 9;

// The layers below the surface: skin, in thicknesses of the fat layer; septa of fat in muscle and
// folds of the brain, where a smooth field is within these values.
inline constexpr double kSkinShare = 0.14;
inline constexpr double kSeptumBelow = 0.03;
inline constexpr Vec3 kSeptumMm = {13, 13, 70};
inline constexpr double kSulcusFrom = 0.42, kWhiteMatterBelow = 0.1;
inline constexpr Vec3 kBrainFoldMm = {11, 13, 11};

// Where lesions may lie: radii in mm of the template, and relative frequency, chosen after
// config/evidence.md, Sites. A vertebra or rib has the frequency once for each.
struct SiteRow {
  std::string_view site;
  double radius_low_mm, radius_high_mm, weight;
};
inline constexpr SiteRow kSites[] = {{"mandible_angle", 6, 11, 0.5},
                                     {"skull_base", 6, 10, 0.15},
                                     {"cervical_spine", 5, 11, 0.06},
                                     {"thoracic_spine", 5, 11, 0.30},
                                     {"lumbar_spine", 5, 11, 0.4},
                                     {"rib", 5, 9, 0.05},
                                     {"manubrium", 6, 11, 0.8},
                                     {"sternal_body", 6, 11, 0.5},
                                     {"clavicle_medial", 6, 11, 1.2},
                                     {"clavicle_lateral", 5, 9, 0.2},
                                     {"glenoid", 5, 9, 0.3},
                                     {"sacral_wing", 6, 13, 0.7},
                                     {"iliosacral", 6, 12, 0.8},
                                     {"acetabular_roof", 6, 12, 0.9},
                                     {"ischium", 6, 11, 0.6},
                                     {"pubis", 5, 9, 0.4},
                                     {"humerus_proximal", 7, 13, 0.9},
                                     {"humerus_distal", 5, 9, 0.25},
                                     {"forearm", 5, 9, 0.5},
                                     {"carpus", 4, 7, 0.15},
                                     {"femur_proximal", 7, 13, 1.3},
                                     {"femur_distal", 8, 17, 2.4},
                                     {"patella", 5, 9, 0.2},
                                     {"tibia_proximal", 8, 17, 2.2},
                                     {"tibia_distal", 7, 14, 2.0},
                                     {"fibula_proximal", 5, 8, 0.5},
                                     {"fibula_distal", 6, 9, 1.4},
                                     {"calcaneus", 6, 11, 1.0},
                                     {"talus", 5, 9, 0.7},
                                     {"metatarsal", 4, 7, 0.7}};

// Normal variants (config/evidence.md, Normal findings, has frequencies): foci in a foot (from the
// least number on) and a hand, zones at closing growth plates, sacral rims; radii and strengths.
inline constexpr int kLeastFootFoci = 2, kFootFociSpan = 5, kHandFociSpan = 3;
inline constexpr Span kFocusMm = {2.5, 5}, kFocusStrength = {0.12, 0.30};
inline constexpr double kClosingChance = 0.35, kSacralChance = 0.7, kSacralRadiusMm = 11;
inline constexpr Span kClosingMm = {4, 8}, kClosingStrength = {0.2, 0.35};
// Zones at closing plates were described from 11 years on (Zbojniewicz and Laor 2011, PMID
// 21940591).
inline constexpr double kClosingFromYears = 11;
inline constexpr Span kSacralStrength = {0.12, 0.25};
// A variant fades out over kVariantEdge up to kVariantEnd, in radii.
inline constexpr double kVariantEnd = 1.2, kVariantEdge = 0.5, kVariantReach = 1.3;

// A bone without pieces, with the tissue of its row. REQUIRES: `bone` is in kBoneTissue.
Bone BoneOf(std::string_view bone, Side side = Side::kNone);
// A site of kSites: "ischium" and Side::kLeft give "ischium_left". REQUIRES: `site` is in kSites.
LesionSite SiteOf(std::string_view site, Side side, UnitId unit, Vec3 point, Vec3 along);

}  // namespace osteon::phantom
