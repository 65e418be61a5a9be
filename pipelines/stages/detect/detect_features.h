// SPDX-License-Identifier: GPL-3.0-or-later
// Features of a candidate that do not depend on scanner, body size or absolute signal.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/detect/detect_candidates.h"

namespace osteon {

// What the features of all candidates are measured from.
struct FeatureScene {
  const TissueMaps& maps;
  const Skeleton& skeleton;
  const ComposedVolume& volume;
  // Relative signal of fluid: 90 % quantile of canal and bladder, or 7.5 x muscle with too little
  // of them.
  double fluid = 0;
  std::vector<double> t1_marrow;      // NormalT1Marrow().
  std::vector<double> middle_column;  // Body mid-line of each fine row.
  std::vector<double> upper_marrow;   // UpperMarrow() by unit.
};
FeatureScene MakeScene(const ComposedVolume& volume, const Skeleton& skeleton);

// By name. Lengths in mm of an adult (divided by the body scale), signals over the local reference.
//
// net_max, net_mean, net_high, net_mirror: the network's evidence: highest, mean, upper tenth, and
//   highest at the mirrored place.
// core, marrow, excess, rim, rim_high, contrast, signal_*: bright core, normal marrow of the unit,
//   their difference, the shell around the region, core over shell.
// size_ml, length_mm, height_mm, width_mm, depth_mm, thinness, flatness, fill: extent and shape.
// own_*, near_*: share of the region and of its shell that is brain, spinal_canal, kidney, spleen,
//   bowel, blood, fluid, organ; bone and bone_low: mean and lowest tenth of the bone probability.
// in_bone: share of the region where bone is likelier than not by 3 to 1.
// surface_mm: how deep under the bone's surface the region reaches; joint_mm: how far it reaches
//   from the bone on the other side of a joint (99: from 29 mm on, or no joint). 90 % quantiles.
// core_position, mean_position: core and mean on the scale from the unit's normal marrow (0) to
// fluid
//   (1); over_upper: core less upper marrow of the unit, asymmetry, asymmetry_any:
//   mirror_difference and mirror_any, all three as a share of fluid less marrow.
// physis_far_mm: 90 % quantile of the distance from the growth plate; 99 without one.
// physis_mm: distance of the nearest voxel from a growth plate of the unit; physis_centre_mm: of
// the
//   region's middle; 99 when the unit has none.
// mirror_signal, mirror_difference: signal at the mirrored place in bone, how much dimmer it is.
// mirror_any: how much dimmer the brightest signal within 4 mm of the mirrored place is, in any
//   tissue, since vessels and nodes beside a bone come on both sides.
// to_fluid: excess over that of fluid.
// spill_share, spill_ml: the part outside bone of the bright structure that the region belongs to
//   (bright_spill.h).
// t1_to_marrow, adc: T1 over the unit's normal marrow, and 10-3 mm2/s; -1 without such a series
//   there.
// place_along, place_sideways_mm, front_mm: share of the unit's length, distance from the mid-line,
//   distance in front of the bone's axis.
// unit_confidence, share_of_unit; hand_foot, spine, thorax, head, hip, limb, patella: which bone.
// Every region has every feature.
std::map<std::string, double> MeasureRegion(const FeatureScene& scene, const Region& region);

// The features of a region of one voxel: their names are those that a classifier may use.
std::map<std::string, double> MeasureOneVoxel(const FeatureScene& scene);

}  // namespace osteon
