// SPDX-License-Identifier: GPL-3.0-or-later
// Rules for bright signal that is normal, from measurements of the candidate against this study's
// own anchors. They come before any classifier.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/cutoffs.h"

namespace osteon {

// All lengths in mm of an adult (divided by the body scale), as the features.
struct NormalOptions {
  // q = (signal - marrow) / (fluid - marrow) under which marrow is not brighter than normal: the
  // first grade of signal begins there (CharacteriseOptions::grade_one_from). Chosen.
  double least_position = cutoffs::kGradeOneFrom;
  // Over muscle, under which signal cannot be told from red marrow: that has 0.7 to 1.7 times the
  // signal of muscle on STIR (spin-echo inversion-recovery equation with 40 % water and 40 % fat,
  // doi 10.1007/s11547-020-01239-2).
  double least_over_muscle = cutoffs::kLeastOverMuscle;
  // The mean of a small lesion is diluted at its edge. One whose core has at least this q, is this
  // many times as bright as the shell around it and lies in bone is neither red marrow nor a mild
  // rim or zone as on the other side, whatever its mean. Chosen: half of the way to fluid, twice
  // the surroundings; red marrow has a q of 0.2.
  double bright_core = cutoffs::kBrightCore, bright_core_contrast = cutoffs::kBrightCoreContrast;
  // A candidate is fluid when its core has at least this q and less than this share of it lies in
  // bone, or it reaches no further than this from the bone across a joint, or it is called patella.
  // A little joint fluid is normal. Chosen: marrow oedema by the same equation has a q of 0.6; both
  // cartilages and the film between them are 4 to 6 mm thick.
  double fluid_position = cutoffs::kFluidPosition, fluid_share_in_bone = cutoffs::kFluidShareInBone,
         fluid_joint_mm = cutoffs::kFluidJointMm;
  // Beside the bone: no more than this share of the candidate lies in bone, and its surroundings
  // are this unlikely to be bone. Chosen, and measured on 234 training and simulated studies of
  // both bodies (2026-11-29): 5 of 547 such candidates are lesions.
  double share_beside_bone = cutoffs::kShareBesideBone,
         bone_around_beside = cutoffs::kBoneAroundBeside;
  // Median q from which a candidate is fluid as a whole, wherever it lies: an effusion, bursa,
  // vessel or cyst. Chosen: in the middle between marrow oedema (0.6) and fluid (1). Measured on
  // the training studies (2026-11-29): 9 of 271 such candidates of the male are lesions, none of 76
  // of the female.
  double wholly_fluid_position = cutoffs::kWhollyFluidPosition;
  // Fluid of the knee that the network calls femur, tibia or fibula: a core of at least this q, the
  // least bone around it this unlikely, and its middle this far in front of the bone's axis, or a
  // median q above that of marrow oedema. Chosen: half of a condyle is about 30 mm deep; the recess
  // lies before it. Measured on 234 training and simulated studies of both bodies (2026-11-29): 44
  // such candidates are fluid, 8 are or touch a lesion.
  double knee_fluid_position = cutoffs::kKneeFluidPosition,
         knee_bone_beside = cutoffs::kKneeBoneBeside, knee_front_mm = cutoffs::kKneeFrontMm,
         oedema_position = cutoffs::kOedemaPosition;
  // Depth of the rims of the sacro-iliac joint and of the crest. Chosen. They are seen in 72 % of
  // healthy sacra and 16 % of ilia, over 90 % symmetric, the crest throughout childhood (Herregods
  // 2021, PMID 33123788).
  double rim_depth_mm = cutoffs::kRimDepthMm;
  // Depth of the metaphyseal stripe and of zones beside a growth plate. Chosen: the stripe is there
  // in all 110 femora and 102 tibiae with open plates; zones of closing plates (focal periphyseal
  // oedema, FOPE, PMID 21940591) reach 2 to 27 mm.
  double plate_depth_mm = cutoffs::kPlateDepthMm;
  // Such a zone may be there on one side only. Its middle lies in the plate, no further off than
  // this, and it is smaller than this; a lesion's middle lies in the metaphysis. Chosen. On 96
  // studies of bodies left out (2026-11-29) it takes one false mark and no lesion.
  double plate_centre_mm = cutoffs::kPlateCentreMm, plate_zone_ml = cutoffs::kPlateZoneMl;
  // Brighter than the other side: by this difference of q. Chosen.
  double asymmetry = cutoffs::kAsymmetry;
  // The same for mild signal of the jaw, which is no lesion for sure where both sides are alike:
  // tooth germs, gums and red marrow are bright. Measured on the same 234 studies: 5 of 281 such
  // candidates are lesions.
  double jaw_asymmetry = cutoffs::kJawAsymmetry;
  // From this q on a symmetric rim is not mild: the second grade begins there
  // (CharacteriseOptions::grade_two_from). Chosen.
  double rim_position = cutoffs::kGradeTwoFrom;
};

// Why a candidate is normal, in a few words; none when no rule applies. Reads the features
// stir_position, stir_over_muscle (absent or -1: not measurable), core_position, contrast, in_bone,
// near_bone, joint_mm, surface_mm, physis_far_mm, physis_centre_mm, size_ml, asymmetry
// (stages/detect/detect_features.h).
std::optional<std::string> WhyNormal(const std::map<std::string, double>& features,
                                     const BoneUnit& unit, const NormalOptions& options);

// Why a candidate that is not normal is no lesion for sure: as bright as fluid throughout, or
// bright and at the knee where bone is unlikely (a recess or bursa), or mild on both sides of the
// jaw. None otherwise. An abscess looks like fluid too, so it is not to be left out of a report.
// Reads the features stir_position, core_position, front_mm, near_bone_low, asymmetry.
std::optional<std::string> WhyIndeterminate(const std::map<std::string, double>& features,
                                            const BoneUnit& unit, const NormalOptions& options);

}  // namespace osteon
