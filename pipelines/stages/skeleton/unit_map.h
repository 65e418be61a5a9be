// SPDX-License-Identifier: GPL-3.0-or-later
// From the network's bone classes to the bone units of a report: islands cleaned up, left and right
// by the body's mid-line, long bones cut into proximal, diaphysis and distal, pelvis and lower leg
// into their bones.
#pragma once

#include <vector>

#include "pipelines/model/skeleton.h"
#include "pipelines/stages/skeleton/bone_place.h"

namespace osteon {

struct UnitMap {
  Volume<UnitId> units;                // Coarse grid; 0 where there is no bone.
  std::vector<double> midline_column;  // For each row, coarse grid index.
  PlaceCheck place;                    // Bone that is not named as the network said.
  std::vector<UnitId> by_place;        // Units with an outline from their place, not the image.
};

UnitMap NameUnits(const TissueMaps& maps);

// Mid-line of every row: mean of the axial skeleton in `tissue`, below it the middle between the
// legs in `classes`, which are clean and named by place; smoothed head to foot.
std::vector<double> MidlineByRow(const Volume<std::uint8_t>& tissue,
                                 const Volume<std::uint8_t>& classes);

// The bone classes with islands (components under 5 % of their class) given to the bone they lie
// in, or dropped.
Volume<std::uint8_t> CleanBoneClasses(const TissueMaps& maps);

// Units grown outwards by `reach_mm` in steps of whole voxels: about the nearest unit of each
// voxel, 0 beyond.
Volume<UnitId> GrowUnits(const Volume<UnitId>& units, double reach_mm);

}  // namespace osteon
