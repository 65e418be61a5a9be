// SPDX-License-Identifier: GPL-3.0-or-later
// What a candidate looks like, in numbers that do not depend on scanner, body size or absolute
// signal.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/stages/detect_candidates.h"

namespace osteon {

// Everything the features of all candidates share.
struct FeatureScene {
  const TissueMaps& maps;
  const Skeleton& skeleton;
  const ComposedVolume& volume;
  std::vector<double> t1_marrow;      // NormalT1Marrow().
  std::vector<double> middle_column;  // Body mid-line of each fine row.
};
FeatureScene MakeScene(const ComposedVolume& volume, const Skeleton& skeleton);

// By name; lengths in mm of an adult (divided by the body scale), signals relative to the local
// reference (muscle: 1).
//   net_*      the network's evidence: highest, mean, upper tenth, and highest at the mirrored
//   place core, marrow, excess, contrast, rim   signals: bright core, normal marrow of the unit,
//   their difference, core over the
//              shell around the region, and the shell's own
//   size_ml, length_mm, height_mm, width_mm, depth_mm, thinness, fill   extent and shape
//   bone_*     probability of bone: mean, lowest tenth, and over the shell
//   near_*     share of the shell that is another bright tissue: fluid, organ, kidney, spleen,
//   bowel, blood, canal, brain own_*      the same for the region itself physis_mm, at_physis
//   distance of its nearest and its middle voxel from a growth plate of its unit (99: none)
//   mirror_signal, mirror_difference   signal at the mirrored place in bone, and how much brighter
//   this side is t1, adc    ratio to muscle and 10-3 mm2/s; -1 when there is no such series place_*
//   relative height in the bone, distance from the mid-line; hand_foot, spine, rib, hip: where it
//   is
std::map<std::string, double> MeasureRegion(const FeatureScene& scene, const Region& region);

}  // namespace osteon
