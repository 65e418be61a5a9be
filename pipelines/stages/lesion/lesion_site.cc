// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_site.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "pipelines/model/cutoffs.h"

namespace osteon {
namespace {

constexpr double kFarMm = 1e9;  // Farther than any voxel.
// A lesion whose centre is so near to the line of the fibula's shaft, about the radius of the
// bone's ends, and at most half as far as from the line of the tibia, is in the fibula.
constexpr double kFibulaMm = 8;
constexpr double kLeastShaftMm = 50;  // A shorter outline has no sure direction.

// Chosen: the middle is that of this much of the bone above and below the lesion's centroid, about
// one vertebra in all, so that a curved spine does not matter.
constexpr double kMiddleReachMm = 15;

Side MidlineSide(const Lesion& lesion, const Skeleton& skeleton) {
  if (UnitOf(lesion.unit).side != Side::kNone || skeleton.units.empty()) return Side::kNone;
  const VolumeGeometry& grid = skeleton.units.geometry();
  double sum_mm = 0, count = 0;
  ForEachVoxel(grid, [&](int i, int j, int k) {
    if (skeleton.units.At(i, j, k) != lesion.unit) return;
    const Vec3 p = PointOf(grid, {i, j, k});
    if (std::abs(p.z - lesion.centroid_mm.z) > kMiddleReachMm) return;
    sum_mm += p.x;
    ++count;
  });
  if (count == 0) return Side::kNone;
  const double beside_mm = lesion.centroid_mm.x - sum_mm / count;  // LPS: x grows to the left.
  if (std::abs(beside_mm) <= cutoffs::kCentralMm) return Side::kNone;
  return beside_mm > 0 ? Side::kLeft : Side::kRight;
}

Measured AlongBone(const Lesion& lesion, const Skeleton& skeleton) {
  const UnitFrame* frame = FrameOf(skeleton, lesion.unit);
  if (!frame || frame->length_mm <= 0) return Measured::NotAssessed("bone unit not outlined");
  const double along =
      Dot(lesion.centroid_mm - frame->proximal_end, frame->axis) / frame->length_mm;
  return Measured::Of(std::clamp(along, 0.0, 1.0));
}

// Where a lesion lies relative to the plane of one growth plate.
struct AgainstPhysis {
  double distance_mm = kFarMm;  // Least distance of a voxel.
  double epiphyseal_share = 0;  // Of the voxels, 0..1.
};

AgainstPhysis Against(const Physis& physis, const std::vector<VoxelIndex>& voxels,
                      const VolumeGeometry& grid) {
  AgainstPhysis out;
  std::size_t beyond = 0;
  for (const VoxelIndex& v : voxels) {
    const double d = Dot(PointOf(grid, v) - physis.point, physis.normal);
    out.distance_mm = std::min(out.distance_mm, std::abs(d));
    if (d > 0) ++beyond;
  }
  out.epiphyseal_share = static_cast<double>(beyond) / static_cast<double>(voxels.size());
  return out;
}

bool SameBone(const BoneUnit& a, const BoneUnit& b) { return a.bone == b.bone && a.side == b.side; }

bool IsEnd(const BoneUnit& unit) {
  return unit.part == BonePart::kProximal || unit.part == BonePart::kDistal;
}

// The growth plate nearest to the lesion's centre: of the own unit at the end of a bone, else of
// the whole bone.
const Physis* NearestPhysis(const Lesion& lesion, const Skeleton& skeleton) {
  const Physis* nearest = nullptr;
  const BoneUnit& unit = UnitOf(lesion.unit);
  for (const Physis& physis : skeleton.physes) {
    if (IsEnd(unit) ? physis.unit != unit.id : !SameBone(UnitOf(physis.unit), unit)) continue;
    if (!nearest ||
        Norm(physis.point - lesion.centroid_mm) < Norm(nearest->point - lesion.centroid_mm))
      nearest = &physis;
  }
  return nearest;
}

// Length of the bone from end to end, as far as it was imaged.
double BoneLengthMm(const BoneUnit& unit, const Skeleton& skeleton) {
  std::vector<Vec3> ends;
  for (const UnitFrame& frame : skeleton.frames) {
    if (!SameBone(UnitOf(frame.unit), unit)) continue;
    ends.push_back(frame.proximal_end);
    ends.push_back(frame.proximal_end + frame.length_mm * frame.axis);
  }
  double length_mm = 0;
  for (const Vec3& a : ends) {
    for (const Vec3& b : ends) length_mm = std::max(length_mm, Norm(a - b));
  }
  return length_mm;
}

// The lesion against the nearest located growth plate. None when that is farther than half the
// bone: then the plate of the other end, which was not located or not looked for (physes.h), is
// nearer.
std::optional<AgainstPhysis> AgainstNearestPhysis(const Lesion& lesion,
                                                  const std::vector<VoxelIndex>& voxels,
                                                  const VolumeGeometry& grid,
                                                  const Skeleton& skeleton) {
  const Physis* physis = NearestPhysis(lesion, skeleton);
  if (physis == nullptr) return std::nullopt;
  const AgainstPhysis against = Against(*physis, voxels, grid);
  const BoneUnit& unit = UnitOf(lesion.unit);
  if (!IsEnd(unit) && against.distance_mm > BoneLengthMm(unit, skeleton) / 2) return std::nullopt;
  return against;
}

PhysisRelation RelationOf(const AgainstPhysis& against, const CharacteriseOptions& options) {
  const double lesser = std::min(against.epiphyseal_share, 1 - against.epiphyseal_share);
  if (lesser >= cutoffs::kCrossingShare) return PhysisRelation::kCrosses;
  if (against.distance_mm <= options.touches_physis_mm) return PhysisRelation::kTouches;
  if (against.distance_mm <= options.near_physis_mm) return PhysisRelation::kNear;
  return PhysisRelation::kRemote;
}

bool IsFlat(const BoneUnit& unit) {
  return unit.group == "pelvis" || unit.group == "thorax" || unit.group == "head" ||
         unit.bone == "scapula";
}

// By the distance from the joint, where no plate was found. A lesion on both sides of the border
// has no segment: where the plate lies is a guess, and in the head of the femur it is oblique.
Segment SegmentFromJoint(const BoneUnit& unit, const UnitFrame& frame,
                         const std::vector<VoxelIndex>& voxels, const VolumeGeometry& grid) {
  const auto in_epiphysis = std::count_if(voxels.begin(), voxels.end(), [&](const VoxelIndex& v) {
    const double along = Dot(PointOf(grid, v) - frame.proximal_end, frame.axis) / frame.length_mm;
    return (unit.part == BonePart::kProximal ? along : 1 - along) < cutoffs::kEpiphysisShare;
  });
  const double share = static_cast<double>(in_epiphysis) / static_cast<double>(voxels.size());
  if (share > 1 - cutoffs::kCrossingShare) return Segment::kEpiphysis;
  return share < cutoffs::kCrossingShare ? Segment::kMetaphysis : Segment::kUnknown;
}

Segment SegmentOf(const BoneUnit& unit, const Lesion& lesion, const std::vector<VoxelIndex>& voxels,
                  const VolumeGeometry& grid, const Skeleton& skeleton,
                  const std::optional<AgainstPhysis>& against) {
  const Measured& along = lesion.along_bone;
  if (unit.group == "spine") return Segment::kVertebra;
  if (IsFlat(unit)) return Segment::kFlatBone;
  if (unit.part == BonePart::kDiaphysis) return Segment::kDiaphysis;
  if (IsEnd(unit)) {
    if (against)
      return against->epiphyseal_share > 0.5 ? Segment::kEpiphysis : Segment::kMetaphysis;
    if (!along.value) return Segment::kUnknown;
    return SegmentFromJoint(unit, *FrameOf(skeleton, lesion.unit), voxels, grid);
  }
  if ((unit.bone == "clavicle" || unit.bone == "forearm") && along.value) {
    if (std::min(*along.value, 1 - *along.value) >= cutoffs::kEndShare) return Segment::kDiaphysis;
    if (unit.bone == "forearm") return Segment::kMetaphysis;
    // The axis of a clavicle points down, whichever end that is. LPS: x grows to the left.
    const double to_left_mm = lesion.centroid_mm.x - FrameOf(skeleton, lesion.unit)->centre.x;
    const bool outwards = (to_left_mm > 0) == (unit.side == Side::kLeft);
    return outwards ? Segment::kLateralEnd : Segment::kMedialEnd;
  }
  return Segment::kUnknown;
}

std::string WhyNoPhysis(const BoneUnit& unit, const Skeleton& skeleton, const StudyFacts& facts) {
  const auto of_bone = [&](const Physis& p) { return SameBone(UnitOf(p.unit), unit); };
  if (std::any_of(skeleton.physes.begin(), skeleton.physes.end(), of_bone))
    return "the nearest growth plate of this bone was not located";
  if (unit.part == BonePart::kWhole && unit.bone != "forearm")
    return "no growth plate is located in this bone";
  if (facts.age_years && *facts.age_years >= cutoffs::kClosedPhysesYears)
    return "growth plates closed at this age";
  return "no open growth plate seen in this bone";
}

double DistanceMm(Vec3 place, const UnitFrame& axis) {
  const Vec3 from_centre = place - axis.centre;
  return Norm(from_centre - Dot(from_centre, axis.axis) * axis.axis);
}

}  // namespace

Lesion WithSite(Lesion lesion, const std::vector<VoxelIndex>& voxels, const VolumeGeometry& grid,
                const Skeleton& skeleton, const StudyFacts& facts,
                const CharacteriseOptions& options) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  lesion.midline_side = MidlineSide(lesion, skeleton);
  lesion.along_bone = AlongBone(lesion, skeleton);
  const auto against = AgainstNearestPhysis(lesion, voxels, grid, skeleton);
  if (against) {
    lesion.physis_distance_mm = Measured::Of(against->distance_mm);
    lesion.physis = RelationOf(*against, options);
  } else {
    lesion.physis_distance_mm = Measured::NotAssessed(WhyNoPhysis(unit, skeleton, facts));
    lesion.physis = PhysisRelation::kNotAssessed;
  }
  lesion.segment = SegmentOf(unit, lesion, voxels, grid, skeleton, against);
  return lesion;
}

Lesion InFibula(Lesion lesion, const Skeleton& skeleton) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  if (unit.bone != "tibia" || !lesion.along_bone.value) return lesion;
  if (unit.part == BonePart::kProximal && *lesion.along_bone.value < cutoffs::kEpiphysisShare)
    return lesion;
  const std::string side(Name(unit.side));
  const UnitFrame* shaft = FrameOf(skeleton, *UnitByKey("fibula_diaphysis_" + side));
  const UnitFrame* tibia = FrameOf(skeleton, lesion.unit);
  if (!shaft || !tibia || shaft->length_mm < kLeastShaftMm) return lesion;
  const double away_mm = DistanceMm(lesion.centroid_mm, *shaft);
  if (away_mm > kFibulaMm || 2 * away_mm > DistanceMm(lesion.centroid_mm, *tibia)) return lesion;
  lesion.unit = *UnitByKey("fibula" + unit.key.substr(unit.bone.size()));
  lesion.segment = unit.part == BonePart::kDiaphysis ? Segment::kDiaphysis : Segment::kUnknown;
  lesion.physis = PhysisRelation::kNotAssessed;
  lesion.physis_distance_mm = Measured::NotAssessed("no growth plate is located in this bone");
  lesion.share_of_unit_percent = Measured::NotAssessed("tibia and fibula outlined as one");
  lesion.expansion_ratio = Measured::NotAssessed("tibia and fibula outlined as one");
  lesion.reasons.push_back(
      fmt::format("outlined as tibia, {:.0f} mm from the line of the fibula", away_mm));
  return lesion;
}

}  // namespace osteon
