// SPDX-License-Identifier: GPL-3.0-or-later
// What is bright and normal: few rules, from measurements of the candidate against this study's own
// anchors, that come before any classifier.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipelines/model/bone_units.h"

namespace osteon {

// All lengths in mm of an adult (divided by the body scale), as the features.
struct NormalOptions {
  // q = (signal - marrow) / (fluid - marrow) under which marrow is not brighter than normal: the
  // first grade of signal begins there (CharacteriseOptions::grade_one_from). Chosen.
  double least_position = 0.15;
  // Red marrow is 0.7 to 1.7 times as bright as muscle on STIR (spin-echo inversion-recovery
  // equation with 40 % water and 40 % fat, doi 10.1007/s11547-020-01239-2): under it nothing can be
  // told from marrow.
  double least_over_muscle = 1.7;
  // As bright as fluid from this q on. Fluid when less than this share of it lies in bone, when it
  // does not reach further than this from the bone across a joint, or when it is called patella:
  // then no part of it stands alone in marrow. A little joint fluid is normal. Chosen: marrow
  // oedema by the same equation is 0.6 of the way to fluid.
  double fluid_position = 0.75, fluid_share_in_bone = 0.5, fluid_joint_mm = 10;
  // Rims of the sacro-iliac joint and of the crest: seen in 72 % of healthy sacra and 16 % of ilia,
  // over 90 % symmetric, the crest throughout childhood (Herregods 2021,
  // pubmed 33123788).
  double rim_depth_mm = 9;
  // The metaphyseal stripe and the zones beside a plate: in all 110 femora and 102 tibiae with open
  // plates; zones of closing plates (FOPE, pubmed 21940591) reach 2 to 27 mm.
  double plate_depth_mm = 9;
  // More than the other side: by this share of the way from marrow to fluid.
  double asymmetry = 0.2;
  // Beyond this q a symmetric rim is no longer "mild": 60 % of the way to fluid is the second
  // grade.
  double rim_position = 0.6;
};

// Why a candidate is normal, in a few words; nothing when no rule says so. Reads the features
// stir_position, stir_over_muscle (absent or -1: not measurable), in_bone, joint_mm, surface_mm,
// physis_far_mm, asymmetry (stages/detect/detect_features.h).
std::optional<std::string> WhyNormal(const std::map<std::string, double>& features,
                                     const BoneUnit& unit, const NormalOptions& options);

}  // namespace osteon
