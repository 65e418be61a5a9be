// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/bone_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/imaging/labelling.h"
#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"
#include "pipelines/stages/skeleton/unit_frames.h"

namespace osteon {
namespace {

// Share of a long bone's length that its proximal and its distal part have. Chosen, as in the units
// of a report; CNO is described by metaphysis and diaphysis, without limits in numbers.
constexpr double kEndQuarter = 0.25;
// The patella lies more than this above the lower end of the femur, mm. Chosen.
constexpr double kPatellaAboveMm = 8.0;
// The front of the femur near the knee is taken from its lowest part: this many times
// kPatellaAboveMm. Chosen.
constexpr int kKneeHeights = 3;
// The femoral head is this upper share of the femur. Chosen: 35 mm of an adult.
constexpr double kFemoralHeadShare = 0.08;
// Keeps a bone of one voxel from a division by 0, mm.
constexpr double kShortestMm = 1e-3;

using Voxels = std::vector<VoxelIndex>;

// Voxels of every class, kUnnamedBone included, and side.
struct BoneVoxels {
  std::array<std::array<Voxels, 3>, kTissueClasses + 1> by_class_and_side;
  const Voxels& Of(TissueClass c, Side s) const {
    return by_class_and_side[static_cast<std::size_t>(c)][static_cast<std::size_t>(s)];
  }
};

BoneVoxels Collect(const Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides) {
  BoneVoxels out;
  const VolumeGeometry& g = classes.geometry();
  ForEachVoxel(g, [&](int i, int j, int k) {
    const std::uint8_t c = classes.At(i, j, k);
    if (c != 0) out.by_class_and_side[c][sides.At(i, j, k)].push_back({i, j, k});
  });
  return out;
}

std::vector<Vec3> PlacesOf(const VolumeGeometry& g, const Voxels& voxels) {
  std::vector<Vec3> out;
  out.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) out.push_back(PointOf(g, v));
  return out;
}

std::optional<Vec3> CentreOf(const VolumeGeometry& g, const Voxels& voxels) {
  if (voxels.empty()) return std::nullopt;
  Vec3 sum;
  for (const VoxelIndex& v : voxels) sum = sum + PointOf(g, v);
  return (1.0 / static_cast<double>(voxels.size())) * sum;
}

UnitId IdOf(const std::string& bone, Side side) {
  const std::string key = side == Side::kNone ? bone : bone + "_" + std::string(Name(side));
  const auto id = UnitByKey(key);
  Check(id.has_value(), "bone unit is missing from config/bones_and_cutoffs.json");
  return *id;
}

// Position along a long bone, 0 at the end next to `parent` (the upper end without one) and 1 at
// the other.
class LongBone {
 public:
  LongBone(const VolumeGeometry& g, const Voxels& voxels, std::optional<Vec3> parent)
      : fit_(FitAxis(PlacesOf(g, voxels))) {
    const Vec3 low = fit_.centre + fit_.low * fit_.axis, high = fit_.centre + fit_.high * fit_.axis;
    flipped_ = parent && Norm(high - *parent) < Norm(low - *parent);
  }
  double Along(Vec3 place) const {
    const double length = std::max(kShortestMm, fit_.high - fit_.low);
    const double t = (Dot(place - fit_.centre, fit_.axis) - fit_.low) / length;
    return flipped_ ? 1 - t : t;
  }
  std::string PartName(Vec3 place) const {
    const double t = Along(place);
    return t < kEndQuarter ? "proximal" : t > 1 - kEndQuarter ? "distal" : "diaphysis";
  }

 private:
  AxisOfCloud fit_;
  bool flipped_ = false;
};

void SplitLongBone(const Voxels& voxels, const std::string& bone, Side side,
                   std::optional<Vec3> parent, Volume<UnitId>& units) {
  if (voxels.empty()) return;
  const VolumeGeometry& g = units.geometry();
  const LongBone axis(g, voxels, parent);
  for (const VoxelIndex& v : voxels) {
    units.At(v.i, v.j, v.k) = IdOf(bone + "_" + axis.PartName(PointOf(g, v)), side);
  }
}

// The pieces of a leg's axial section at one row that are apart from the largest piece and lateral
// of it.
Voxels LateralPieces(const VolumeGeometry& g, const Voxels& row, Side side) {
  VolumeGeometry plane = g;
  plane.rows = 1;
  Volume<std::uint8_t> mask(plane);
  for (const VoxelIndex& v : row) mask.At(v.i, 0, v.k) = 1;
  const Components pieces = LabelComponents(mask);
  if (pieces.sizes.size() < 2) return {};
  const auto largest = static_cast<std::int32_t>(
      std::max_element(pieces.sizes.begin(), pieces.sizes.end()) - pieces.sizes.begin() + 1);
  std::vector<double> column_sums(pieces.sizes.size() + 1, 0.0);
  const auto label_of = [&](const VoxelIndex& v) { return pieces.labels.At(v.i, 0, v.k); };
  for (const VoxelIndex& v : row) column_sums[static_cast<std::size_t>(label_of(v))] += v.i;
  const auto mean_column = [&](std::int32_t label) {
    return column_sums[static_cast<std::size_t>(label)] /
           static_cast<double>(pieces.sizes[static_cast<std::size_t>(label) - 1]);
  };
  Voxels lateral;
  for (const VoxelIndex& v : row) {
    if (label_of(v) == largest) continue;
    const double outwards = mean_column(label_of(v)) - mean_column(largest);
    if ((side == Side::kLeft) == (outwards > 0)) lateral.push_back(v);
  }
  return lateral;
}

void SplitLeg(const Voxels& leg, const Voxels& femur, Side side, Volume<UnitId>& units) {
  if (leg.empty()) return;
  const VolumeGeometry& g = units.geometry();
  const int patella_rows = static_cast<int>(std::lround(kPatellaAboveMm / g.spacing_mm().y));
  int femur_low_row = -1;
  double femur_slice = 0;
  for (const VoxelIndex& v : femur) femur_low_row = std::max(femur_low_row, v.j);
  int near_knee = 0;
  for (const VoxelIndex& v : femur) {
    if (v.j < femur_low_row - kKneeHeights * patella_rows) continue;
    femur_slice += v.k;
    ++near_knee;
  }
  femur_slice /= std::max(1, near_knee);

  Voxels shank;
  std::vector<Voxels> rows(static_cast<std::size_t>(g.rows));
  for (const VoxelIndex& v : leg) {
    if (near_knee > 0 && v.j < femur_low_row - patella_rows && v.k < femur_slice) {
      units.At(v.i, v.j, v.k) = IdOf("patella", side);
    } else {
      shank.push_back(v);
      rows[static_cast<std::size_t>(v.j)].push_back(v);
    }
  }
  SplitLongBone(shank, "tibia", side, CentreOf(g, femur), units);
  Voxels fibula;
  for (const Voxels& row : rows) {
    const Voxels lateral = LateralPieces(g, row, side);
    fibula.insert(fibula.end(), lateral.begin(), lateral.end());
  }
  SplitLongBone(fibula, "fibula", side, CentreOf(g, femur), units);
}

void SplitPelvis(const Voxels& pelvis, const Voxels& femur, Side side, Volume<UnitId>& units) {
  if (pelvis.empty()) return;
  const VolumeGeometry& g = units.geometry();
  Vec3 hip = *CentreOf(g, pelvis);
  if (!femur.empty()) {
    const LongBone axis(g, femur, hip);
    Voxels head;
    for (const VoxelIndex& v : femur) {
      if (axis.Along(PointOf(g, v)) < kFemoralHeadShare) head.push_back(v);
    }
    if (!head.empty()) hip = *CentreOf(g, head);
  }
  for (const VoxelIndex& v : pelvis) {
    const Vec3 p = PointOf(g, v);
    const char* bone = p.z > hip.z ? "ilium" : p.y < hip.y ? "pubis" : "ischium";
    units.At(v.i, v.j, v.k) = IdOf(bone, side);
  }
}

bool IsPaired(TissueClass c) {
  switch (c) {
    case TissueClass::kClavicle:
    case TissueClass::kScapula:
    case TissueClass::kRibs:
    case TissueClass::kForearm:
    case TissueClass::kHand:
    case TissueClass::kFoot:
      return true;
    default:
      return false;
  }
}

}  // namespace

Volume<UnitId> SplitBones(const Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides) {
  const BoneVoxels bones = Collect(classes, sides);
  const VolumeGeometry& g = classes.geometry();
  Volume<UnitId> units(g);
  for (const Side side : {Side::kRight, Side::kLeft}) {
    const Voxels& femur = bones.Of(TissueClass::kFemur, side);
    const Voxels& pelvis = bones.Of(TissueClass::kPelvis, side);
    SplitLongBone(bones.Of(TissueClass::kHumerus, side), "humerus", side,
                  CentreOf(g, bones.Of(TissueClass::kScapula, side)), units);
    SplitLongBone(femur, "femur", side, CentreOf(g, pelvis), units);
    SplitLeg(bones.Of(TissueClass::kLeg, side), femur, side, units);
    SplitPelvis(pelvis, femur, side, units);
    for (int c = kFirstBone; c <= kLastBone; ++c) {
      const auto bone = static_cast<TissueClass>(c);
      if (bone == TissueClass::kHumerus || bone == TissueClass::kFemur ||
          bone == TissueClass::kLeg || bone == TissueClass::kPelvis) {
        continue;
      }
      const UnitId id = IdOf(std::string(Name(bone)), IsPaired(bone) ? side : Side::kNone);
      for (const VoxelIndex& v : bones.Of(bone, side)) units.At(v.i, v.j, v.k) = id;
    }
    const UnitId unnamed = IdOf("unnamed", side);
    for (const VoxelIndex& v : bones.Of(static_cast<TissueClass>(kUnnamedBone), side))
      units.At(v.i, v.j, v.k) = unnamed;
  }
  return units;
}

}  // namespace osteon
