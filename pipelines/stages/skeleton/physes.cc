// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/physes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "pipelines/imaging/plane_fit.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// Lengths are in steps of one fine pixel (2 mm times the body's scale).

// Probability of bone. Chosen: likelier than not, since a plate reaches the bone's rim.
constexpr float kBoneFrom = 0.5F;
// The surroundings of a spot on its line. Chosen: a plate is 2 to 4 mm wide.
constexpr int kAway = 3, kFar = 6;
// Of the four places of the surroundings on each side so many are to be in bone. Chosen: the
// epiphysis of the wrist is thin.
constexpr int kLeastAround = 2;
// Places of a line with surroundings from which it counts. Chosen.
constexpr int kLeastPlaces = 8;
// Signal of the plate over its surroundings. Chosen after simulated children: physis 2.5 to 4 times
// muscle, metaphysis under 1.5 times.
constexpr float kPlateOverNeighbours = 1.5F;
// Share of a bone's lines with a spot in the plane, and least count of lines. Measured on 13
// simulated children and 4 adults of two bodies (2026-11-29): 0.35 and more in plates of children,
// 0.19 at most in adults.
constexpr double kLeastShare = 0.3;
constexpr std::size_t kLeastLines = 12;
// How far spots may lie from the plane while it is fitted, and at last. Chosen: plates undulate.
constexpr std::array<double, 7> kTolerances = {6, 5, 4, 3, 2.5, 2, 2};
// Pulls the plane towards a right angle with the bone where few lines speak, steps squared. Chosen:
// as much as ten spots one step off the axis.
constexpr double kLevel = 10;

struct PlateSite {
  std::string_view bone;
  std::string_view part;
  bool epiphysis_distal;
};
constexpr std::array<PlateSite, 5> kSites = {{{"femur", "distal", true},
                                              {"tibia", "proximal", false},
                                              {"tibia", "distal", true},
                                              {"humerus", "proximal", false},
                                              {"forearm", "", true}}};

std::string_view PartName(BonePart part) {
  switch (part) {
    case BonePart::kProximal:
      return "proximal";
    case BonePart::kDistal:
      return "distal";
    case BonePart::kDiaphysis:
      return "diaphysis";
    case BonePart::kWhole:
      return "";
  }
  return "";
}

const PlateSite* SiteOf(const BoneUnit& unit) {
  const auto found = std::find_if(kSites.begin(), kSites.end(), [&](const PlateSite& s) {
    return s.bone == unit.bone && s.part == PartName(unit.part);
  });
  return found == kSites.end() ? nullptr : &*found;
}

// Steps along a bone (t) and across it (u, v), from its proximal end.
struct BoneAxes {
  Vec3 origin, t, u, v;

  Vec3 PointAt(double along, double across_u, double across_v) const {
    return origin + along * t + across_u * u + across_v * v;
  }
};

BoneAxes AxesOf(const UnitFrame& frame, double step_mm) {
  const Vec3 along = Unit(frame.axis);
  const Vec3 left{1, 0, 0}, back{0, 1, 0};
  const Vec3 other = std::abs(along.x) < std::abs(along.y) ? left : back;
  const Vec3 u = Unit(Cross(along, other));
  return {frame.proximal_end, step_mm * along, step_mm * u, step_mm * Cross(along, u)};
}

// The part of the bone that lines are drawn through: whole steps, both ends included.
struct Extent {
  int u_low = std::numeric_limits<int>::max(), u_high = std::numeric_limits<int>::min();
  int v_low = u_low, v_high = u_high;
};

Extent ExtentOf(const Volume<UnitId>& units, UnitId unit, const BoneAxes& axes) {
  Extent e;
  const double square = Dot(axes.t, axes.t);
  ForEachVoxel(units.geometry(), [&](int i, int j, int k) {
    if (units.At(i, j, k) != unit) return;
    const Vec3 from = PointOf(units.geometry(), {i, j, k}) - axes.origin;
    const int u = static_cast<int>(std::lround(Dot(from, axes.u) / square));
    const int v = static_cast<int>(std::lround(Dot(from, axes.v) / square));
    e = {std::min(e.u_low, u), std::max(e.u_high, u), std::min(e.v_low, v), std::max(e.v_high, v)};
  });
  return e;
}

// Relative signal at a point; -1 outside the bone.
class BoneSignal {
 public:
  BoneSignal(const TissueMaps& maps, UnitId unit)
      : maps_(maps),
        unit_(unit),
        fine_(Inverse(maps.relative.geometry().patient_from_voxel)),
        coarse_(Inverse(maps.bone.geometry().patient_from_voxel)) {}
  float operator()(const Vec3& p) const {
    const VoxelIndex c = Nearest(coarse_(p)), f = Nearest(fine_(p));
    if (!maps_.bone.Contains(c.i, c.j, c.k) || !maps_.relative.Contains(f.i, f.j, f.k) ||
        maps_.near_units.At(c.i, c.j, c.k) != unit_ || maps_.bone.At(c.i, c.j, c.k) < kBoneFrom)
      return -1;
    return maps_.relative.At(f.i, f.j, f.k);
  }

 private:
  static VoxelIndex Nearest(const Vec3& v) {
    return {static_cast<int>(std::lround(v.x)), static_cast<int>(std::lround(v.y)),
            static_cast<int>(std::lround(v.z))};
  }
  const TissueMaps& maps_;
  UnitId unit_;
  Affine fine_, coarse_;
};

// The brightest surroundings of a place on a line; nullopt with too few of them.
std::optional<float> AroundOf(const std::vector<float>& line, int at) {
  float brightest = 0;
  for (const int side : {-1, 1}) {
    int seen = 0;
    for (int d = kAway; d <= kFar; ++d) {
      const int n = at + side * d;
      if (n < 0 || n >= static_cast<int>(line.size()) || line[static_cast<std::size_t>(n)] < 0)
        continue;
      ++seen;
      brightest = std::max(brightest, line[static_cast<std::size_t>(n)]);
    }
    if (seen < kLeastAround) return std::nullopt;
  }
  return brightest > 0 ? std::optional(brightest) : std::nullopt;
}

// The spot of each line that stands out most; its height is its place along the bone.
struct Spots {
  std::vector<HeightAt> spots;
  int lines = 0;  // That were long enough to have one.
};

// Adds the spot of one line, if it has one.
void AddSpot(const std::vector<float>& line, int u, int v, Spots& out) {
  int places = 0, best = -1;
  float best_ratio = kPlateOverNeighbours;
  for (int t = 0; t < static_cast<int>(line.size()); ++t) {
    const float here = line[static_cast<std::size_t>(t)];
    const auto around = here < 0 ? std::nullopt : AroundOf(line, t);
    if (!around) continue;
    ++places;
    if (here / *around < best_ratio) continue;
    best_ratio = here / *around;
    best = t;
  }
  if (places < kLeastPlaces) return;
  ++out.lines;
  if (best >= 0) {
    out.spots.push_back(
        {static_cast<double>(u), static_cast<double>(v), static_cast<double>(best)});
  }
}

Spots FindSpots(const TissueMaps& maps, const UnitFrame& frame, const BoneAxes& axes) {
  const BoneSignal signal(maps, frame.unit);
  const Extent e = ExtentOf(maps.near_units, frame.unit, axes);
  Spots out;
  std::vector<float> line(
      static_cast<std::size_t>(std::max(1.0, std::ceil(frame.length_mm / Norm(axes.t)))));
  for (int v = e.v_low; v <= e.v_high; ++v) {
    for (int u = e.u_low; u <= e.u_high; ++u) {
      for (std::size_t t = 0; t < line.size(); ++t)
        line[t] = signal(axes.PointAt(static_cast<double>(t), u, v));
      AddSpot(line, u, v, out);
    }
  }
  return out;
}

double Off(const TiltedPlane& plane, const HeightAt& spot) {
  return std::abs(spot.height - plane.at - plane.tilt_u * spot.u - plane.tilt_v * spot.v);
}

// The place along the bone that most spots are near.
double MostSpotsAt(const std::vector<HeightAt>& spots) {
  double best = 0;
  std::ptrdiff_t most = 0;
  for (const HeightAt& s : spots) {
    const auto near = std::count_if(spots.begin(), spots.end(), [&](const HeightAt& o) {
      return std::abs(o.height - s.height) <= kTolerances.back();
    });
    if (near > most) {
      most = near;
      best = s.height;
    }
  }
  return best;
}

// Least squares over the spots near the plane, again and again with those nearer to it.
TiltedPlane PlaneOf(const std::vector<HeightAt>& spots) {
  TiltedPlane plane{MostSpotsAt(spots), 0, 0};
  for (const double tolerance : kTolerances) {
    std::vector<HeightAt> near;
    for (const HeightAt& s : spots) {
      if (Off(plane, s) <= tolerance) near.push_back(s);
    }
    if (near.size() < kLeastLines) break;
    plane = FitPlane(near, kLevel);
  }
  return plane;
}

std::optional<TiltedPlane> FindPlate(const Spots& found) {
  if (found.spots.size() < kLeastLines) return std::nullopt;
  const TiltedPlane plane = PlaneOf(found.spots);
  const auto in_plane = static_cast<std::size_t>(
      std::count_if(found.spots.begin(), found.spots.end(),
                    [&](const HeightAt& s) { return Off(plane, s) <= kTolerances.back(); }));
  if (in_plane < kLeastLines || static_cast<double>(in_plane) < kLeastShare * found.lines)
    return std::nullopt;
  return plane;
}

}  // namespace

std::vector<Physis> FindPhyses(const TissueMaps& maps, const std::vector<UnitFrame>& frames) {
  std::vector<Physis> physes;
  for (const UnitFrame& frame : frames) {
    const PlateSite* site = SiteOf(UnitOf(frame.unit));
    if (site == nullptr) continue;
    const BoneAxes axes = AxesOf(frame, maps.relative.geometry().spacing_mm().y);
    const auto plane = FindPlate(FindSpots(maps, frame, axes));
    if (!plane) continue;
    const Vec3 distal = Unit(axes.t - plane->tilt_u * axes.u - plane->tilt_v * axes.v);
    physes.push_back({frame.unit, axes.PointAt(plane->at, 0, 0),
                      site->epiphysis_distal ? distal : -1.0 * distal});
  }
  return physes;
}

}  // namespace osteon
