// SPDX-License-Identifier: GPL-3.0-or-later
// Which bone unit each voxel belongs to, where the growth plates are, and what was not imaged.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/volume.h"

namespace osteon {

// The straight frame of one bone unit. Places are fractions of its length along `axis` from
// `proximal_end`, which stay comparable while a child grows.
struct UnitFrame {
  UnitId unit = 0;
  double volume_ml = 0;
  Vec3 centre;  // Mean of its voxels, LPS mm.
  Vec3 axis;  // Unit vector along the longest extent, pointing away from the trunk or to the feet.
  Vec3 proximal_end;  // Where the unit starts along the axis.
  double length_mm = 0;
  // Mean probability of bone over the unit's voxels, 0..1.
  double confidence = 0;
};

// A growth plate: a plane through a unit. Units without one have none.
struct Physis {
  UnitId unit = 0;
  Vec3 point, normal;  // LPS mm; normal points to the epiphysis.
};

// The output of the skeleton network, for the detector, on the canonical grid
// (stages/skeleton/canonical.h), whose axes are those of the composed volume. All empty() when the
// skeleton was located without a network.
struct TissueMaps {
  double scale = 1;        // Body height over that of an adult (1776 mm).
  Volume<float> relative;  // Fine grid: STIR over its local reference, about 1 in muscle.
  Volume<float> lesion;    // Fine grid: the network's probability of oedema, 0..1, not calibrated.
  Volume<std::uint8_t>
      tissue;  // Coarse grid: the likeliest TissueClass (stages/skeleton/skeleton_classes.h).
  Volume<std::uint8_t> bone_class;  // Coarse grid: the likeliest class among the bones, everywhere.
  Volume<float> bone;               // Coarse grid: probability of any bone, 0..1.
  Volume<UnitId>
      near_units;  // Coarse grid: the unit of the nearest bone within reach, 0 further away.
  std::vector<double> midline_column;  // Of each coarse row: the body's mid-line, a coarse column.
};

struct Skeleton {
  Volume<UnitId> units;           // On the grid of the composed volume; 0 where there is no bone.
  std::vector<UnitFrame> frames;  // Units found, by id.
  std::vector<Physis> physes;
  std::vector<UnitId> not_imaged;     // Not found: outside the field of view or not recognised.
  std::vector<UnitId> partly_imaged;  // Cut by the field of view, or of low confidence.
  std::vector<UnitId> by_place;       // Outlined in part by where a bone must be, not by the image.
  TissueMaps maps;
  double midline_x_mm = 0;  // Body mid-line at the pelvis: right is below it, left above (LPS).
  std::string inference;    // What ran the network: "oneDNN 2.6.3, bfloat16".
};

// nullptr when the unit was not found.
inline const UnitFrame* FrameOf(const Skeleton& skeleton, UnitId unit) {
  for (const UnitFrame& frame : skeleton.frames) {
    if (frame.unit == unit) return &frame;
  }
  return nullptr;
}

}  // namespace osteon
