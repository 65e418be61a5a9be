// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_surroundings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// How it is measured; all chosen.
constexpr double kUnlimited = 1e30;  // Signal, where no fluid was found.
// Pixels, just over one: the pixel next to the outline is half bone and not part of the rim.
constexpr double kHalfBonePixels = 1.01;
constexpr double kRimMarginMm = 4;            // Around the rim, so that bone beside it is seen.
constexpr std::size_t kMostRimVoxels = 3000;  // The time of the search grows with their square.
constexpr double kCortexMm = 4.5;        // The thickest cortex, and half a pixel on either side.
constexpr double kSlabMm = 10;           // Two slices of an axial series.
constexpr double kSectionReachMm = 90;   // No bone reaches farther from its own axis.
constexpr double kLeastSectionMm2 = 30;  // Ten pixels of an outline.
// Factors beyond which the outlines of the two sides are not the same piece of bone.
constexpr double kVolumeAlike = 2.0, kLengthAlike = 1.35;
constexpr double kFarMm = 1e9;  // Farther than any voxel.

// A box of the grid around a lesion with a mark for each voxel.
class Neighbourhood {
 public:
  enum Mark : std::uint8_t { kNothing, kBright, kBone, kLesion, kReached };

  Neighbourhood(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g, double margin_mm)
      : box_(BoxAround(voxels, g, margin_mm)),
        width_(static_cast<std::size_t>(box_.high.i - box_.low.i) + 1),
        height_(static_cast<std::size_t>(box_.high.j - box_.low.j) + 1),
        marks_(width_ * height_ * (static_cast<std::size_t>(box_.high.k - box_.low.k) + 1)) {}

  const VoxelBox& box() const { return box_; }
  bool Contains(const VoxelIndex& v) const {
    return v.i >= box_.low.i && v.i <= box_.high.i && v.j >= box_.low.j && v.j <= box_.high.j &&
           v.k >= box_.low.k && v.k <= box_.high.k;
  }
  std::uint8_t& operator[](const VoxelIndex& v) { return marks_[At(v)]; }
  std::uint8_t operator[](const VoxelIndex& v) const { return marks_[At(v)]; }

  template <typename Visit>
  void ForEach(Visit visit) const {
    for (int k = box_.low.k; k <= box_.high.k; ++k)
      for (int j = box_.low.j; j <= box_.high.j; ++j)
        for (int i = box_.low.i; i <= box_.high.i; ++i) visit(VoxelIndex{i, j, k});
  }

 private:
  std::size_t At(const VoxelIndex& v) const {
    const auto i = static_cast<std::size_t>(v.i - box_.low.i);
    const auto j = static_cast<std::size_t>(v.j - box_.low.j);
    const auto k = static_cast<std::size_t>(v.k - box_.low.k);
    return (k * height_ + j) * width_ + i;
  }

  VoxelBox box_;
  std::size_t width_, height_;
  std::vector<std::uint8_t> marks_;
};

// Finds brain, canal, organs, bowel, vessels and fluid as named by the skeleton network: they are
// bright without a lesion.
class OrganFinder {
 public:
  OrganFinder(const Skeleton& skeleton, const VolumeGeometry& grid)
      : tissue_(skeleton.maps.tissue) {
    if (!tissue_.empty()) coarse_ = MapNearest(grid, tissue_.geometry());
  }
  bool At(const VoxelIndex& v) const {
    if (tissue_.empty()) return false;
    const auto tissue = static_cast<TissueClass>(tissue_.At(
        coarse_.column[static_cast<std::size_t>(v.i)], coarse_.row[static_cast<std::size_t>(v.j)],
        coarse_.slice[static_cast<std::size_t>(v.k)]));
    return tissue != TissueClass::kBackground && !IsBone(tissue);
  }

 private:
  const Volume<std::uint8_t>& tissue_;
  GridMap coarse_;
};

Neighbourhood Marked(const std::vector<VoxelIndex>& voxels, double margin_mm,
                     const ComposedVolume& volume, const Skeleton& skeleton, const LesionMap& map,
                     const CharacteriseOptions& options) {
  Neighbourhood around(voxels, volume.stir.geometry(), margin_mm);
  const OrganFinder organs(skeleton, volume.stir.geometry());
  const double bright = options.bright_over_muscle * map.anchors.muscle;
  const double fluid =
      map.anchors.fluid ? cutoffs::kSoftTissueFluidShare * *map.anchors.fluid : kUnlimited;
  const std::uint16_t label = map.labels.At(voxels.front().i, voxels.front().j, voxels.front().k);
  around.ForEach([&](const VoxelIndex& v) {
    const std::size_t n = volume.stir.Index(v.i, v.j, v.k);
    const double value = static_cast<double>(volume.stir[n]);
    if (map.labels[n] == label)
      around[v] = Neighbourhood::kLesion;
    else if (skeleton.units[n] != 0 || map.labels[n] != 0)
      around[v] = Neighbourhood::kBone;
    else if (value > bright && value < fluid && !organs.At(v))
      around[v] = Neighbourhood::kBright;
  });
  return around;
}

// Voxels reached from `start` through bright ones, face to face; they become kReached.
std::vector<VoxelIndex> Flood(Neighbourhood& around, std::vector<VoxelIndex> start) {
  std::vector<VoxelIndex> reached;
  while (!start.empty()) {
    const VoxelIndex v = start.back();
    start.pop_back();
    const VoxelIndex next[] = {{v.i - 1, v.j, v.k}, {v.i + 1, v.j, v.k}, {v.i, v.j - 1, v.k},
                               {v.i, v.j + 1, v.k}, {v.i, v.j, v.k - 1}, {v.i, v.j, v.k + 1}};
    for (const VoxelIndex& n : next) {
      if (!around.Contains(n) || around[n] != Neighbourhood::kBright) continue;
      around[n] = Neighbourhood::kReached;
      reached.push_back(n);
      start.push_back(n);
    }
  }
  return reached;
}

// Whether a voxel lies in the rim: within rim_mm of bone or lesion in its slice, but not next to
// it.
bool InRim(const Neighbourhood& around, const VoxelIndex& v, const Vec3& spacing, double rim_mm) {
  const int ri = static_cast<int>(rim_mm / spacing.x), rj = static_cast<int>(rim_mm / spacing.y);
  double nearest = kFarMm;
  for (int dj = -rj; dj <= rj; ++dj)
    for (int di = -ri; di <= ri; ++di) {
      const VoxelIndex n{v.i + di, v.j + dj, v.k};
      if (!around.Contains(n)) continue;
      if (around[n] != Neighbourhood::kBone && around[n] != Neighbourhood::kLesion) continue;
      nearest = std::min(nearest, std::hypot(di * spacing.x, dj * spacing.y));
    }
  return nearest > kHalfBonePixels * std::max(spacing.x, spacing.y) && nearest <= rim_mm;
}

// The longest distance, mm, between two voxels of one connected run within one slice.
double LongestRun(const std::vector<VoxelIndex>& rim, const Vec3& spacing) {
  std::vector<int> run(rim.size(), -1);
  double longest = 0;
  for (std::size_t first = 0; first < rim.size(); ++first) {
    if (run[first] >= 0) continue;
    std::vector<std::size_t> members = {first};
    run[first] = static_cast<int>(first);
    for (std::size_t at = 0; at < members.size(); ++at) {
      for (std::size_t n = 0; n < rim.size(); ++n) {
        const VoxelIndex &a = rim[members[at]], &b = rim[n];
        if (run[n] >= 0 || a.k != b.k || std::abs(a.i - b.i) > 1 || std::abs(a.j - b.j) > 1)
          continue;
        run[n] = static_cast<int>(first);
        members.push_back(n);
      }
    }
    for (std::size_t a : members)
      for (std::size_t b : members) {
        longest = std::max(longest, std::hypot((rim[a].i - rim[b].i) * spacing.x,
                                               (rim[a].j - rim[b].j) * spacing.y));
      }
  }
  return longest;
}

Measured Periosteal(const std::vector<VoxelIndex>& voxels, const ComposedVolume& volume,
                    const Skeleton& skeleton, const LesionMap& map,
                    const CharacteriseOptions& options) {
  if (map.anchors.muscle <= 0) return Measured::NotAssessed("no muscle anchor");
  const Vec3 spacing = volume.stir.geometry().spacing_mm();
  if (options.periosteal_rim_mm < 2 * std::max(spacing.x, spacing.y)) {
    return Measured::NotAssessed("pixels too large for a rim of a few millimetres");
  }
  const Neighbourhood around =
      Marked(voxels, options.periosteal_rim_mm + kRimMarginMm, volume, skeleton, map, options);
  std::vector<VoxelIndex> rim;
  around.ForEach([&](const VoxelIndex& v) {
    if (around[v] == Neighbourhood::kBright && InRim(around, v, spacing, options.periosteal_rim_mm))
      rim.push_back(v);
  });
  if (rim.size() > kMostRimVoxels)
    return Measured::NotAssessed("signal around the bone is diffuse");
  const double length = LongestRun(rim, spacing);
  return Measured::Of(length >= cutoffs::kLeastPeriostealMm ? length : 0);
}

// The lesion and the bone within kCortexMm of it: cortex has no signal, so soft tissue that
// continues a lesion is apart from it by the cortex.
std::vector<VoxelIndex> LesionAndBoneBeside(const Neighbourhood& around,
                                            const std::vector<VoxelIndex>& voxels,
                                            const VolumeGeometry& g) {
  std::vector<VoxelIndex> beside = voxels;
  for (const VoxelIndex& v : voxels) {
    const VoxelBox near = BoxAround({v}, g, kCortexMm);
    for (int k = near.low.k; k <= near.high.k; ++k)
      for (int j = near.low.j; j <= near.high.j; ++j)
        for (int i = near.low.i; i <= near.high.i; ++i) {
          const VoxelIndex n{i, j, k};
          if (!around.Contains(n) || around[n] != Neighbourhood::kBone) continue;
          if (Norm(PointOf(g, n) - PointOf(g, v)) <= kCortexMm) beside.push_back(n);
        }
  }
  return beside;
}

Measured SoftTissue(const std::vector<VoxelIndex>& voxels, const ComposedVolume& volume,
                    const Skeleton& skeleton, const LesionMap& map,
                    const CharacteriseOptions& options) {
  if (map.anchors.muscle <= 0) return Measured::NotAssessed("no muscle anchor");
  Neighbourhood around =
      Marked(voxels, options.soft_tissue_reach_mm, volume, skeleton, map, options);
  std::vector<VoxelIndex> start = LesionAndBoneBeside(around, voxels, volume.stir.geometry());
  const std::vector<VoxelIndex> reached = Flood(around, std::move(start));
  const double ml = static_cast<double>(reached.size()) * volume.stir.geometry().voxel_ml();
  return Measured::Of(ml >= cutoffs::kLeastSoftTissueMl ? ml : 0);
}

// Mean cross-section of a unit in the slab around `centre_mm` from its proximal end, mm2.
double CrossSectionMm2(const UnitFrame& frame, double centre_mm, const Volume<UnitId>& units) {
  const VolumeGeometry& g = units.geometry();
  const Vec3 on_axis = Inverse(g.patient_from_voxel)(frame.proximal_end + centre_mm * frame.axis);
  const VoxelIndex middle{static_cast<int>(on_axis.x), static_cast<int>(on_axis.y),
                          static_cast<int>(on_axis.z)};
  const VoxelBox box = BoxAround({middle}, g, kSectionReachMm);
  const Affine& a = g.patient_from_voxel;
  // A voxel counts by how much of its length along the bone lies in the slab, so that the place of
  // the slab between the voxels does not matter.
  const double step_mm = std::abs(Dot(a.step_i, frame.axis)) + std::abs(Dot(a.step_j, frame.axis)) +
                         std::abs(Dot(a.step_k, frame.axis));
  double voxels = 0;
  for (int k = box.low.k; k <= box.high.k; ++k)
    for (int j = box.low.j; j <= box.high.j; ++j)
      for (int i = box.low.i; i <= box.high.i; ++i) {
        if (units.At(i, j, k) != frame.unit) continue;
        const double at = Dot(PointOf(g, {i, j, k}) - frame.proximal_end, frame.axis);
        voxels += std::clamp(0.5 + (0.5 * kSlabMm - std::abs(at - centre_mm)) / step_mm, 0.0, 1.0);
      }
  return voxels * g.voxel_ml() * 1000 / kSlabMm;
}

// The cross-section of the other side that is most like `mine`, around the fraction `along`: a bone
// flares towards its ends, and the outlines of two sides end as far from each other as they differ
// in length.
double OtherSectionMm2(const UnitFrame& own, const UnitFrame& other, double along, double mine,
                       const Volume<UnitId>& units) {
  const double reach_mm = kSlabMm + std::abs(own.length_mm - other.length_mm);
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (double shift_mm = -reach_mm; shift_mm <= reach_mm; shift_mm += 0.5 * kSlabMm) {
    const double at_mm = along * other.length_mm + shift_mm;
    if (at_mm < 0 || at_mm > other.length_mm) continue;
    const double section = CrossSectionMm2(other, at_mm, units);
    low = std::min(low, section);
    high = std::max(high, section);
  }
  return low <= high ? std::clamp(mine, low, high) : 0;
}

bool Listed(const std::vector<UnitId>& units, UnitId unit) {
  return std::find(units.begin(), units.end(), unit) != units.end();
}

Measured Expansion(const Lesion& lesion, const Skeleton& skeleton) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  if (!unit.mirror) return Measured::NotAssessed("no other side to compare with");
  if (unit.hand_or_foot() || unit.bone == "ribs")
    return Measured::NotAssessed("many bones in one unit");
  const UnitFrame *own = FrameOf(skeleton, lesion.unit), *other = FrameOf(skeleton, *unit.mirror);
  if (!own || !other || !lesion.along_bone.value)
    return Measured::NotAssessed("other side not outlined");
  if (Listed(skeleton.partly_imaged, lesion.unit) || Listed(skeleton.partly_imaged, *unit.mirror)) {
    return Measured::NotAssessed("one side is cut by the field of view");
  }
  if (Listed(skeleton.by_place, lesion.unit) || Listed(skeleton.by_place, *unit.mirror))
    return Measured::NotAssessed("one side is outlined by its place only");
  const auto alike = [](double a, double b, double factor) {
    return std::max(a, b) <= factor * std::min(a, b);
  };
  if (!alike(own->volume_ml, other->volume_ml, kVolumeAlike) ||
      !alike(own->length_mm, other->length_mm, kLengthAlike)) {
    return Measured::NotAssessed("the two sides are outlined too differently");
  }
  const double along = *lesion.along_bone.value;
  const double mine = CrossSectionMm2(*own, along * own->length_mm, skeleton.units);
  const double theirs = OtherSectionMm2(*own, *other, along, mine, skeleton.units);
  if (mine < kLeastSectionMm2 || theirs < kLeastSectionMm2)
    return Measured::NotAssessed("cross-section too small");
  if (!alike(mine, theirs, cutoffs::kMostExpansion))
    return Measured::NotAssessed("the two sides are outlined too differently");
  return Measured::Of(mine / theirs);
}

}  // namespace

Lesion WithSurroundings(Lesion lesion, const std::vector<VoxelIndex>& voxels,
                        const ComposedVolume& volume, const Skeleton& skeleton,
                        const LesionMap& map, const CharacteriseOptions& options) {
  lesion.periosteal_mm = Periosteal(voxels, volume, skeleton, map, options);
  lesion.soft_tissue_ml = SoftTissue(voxels, volume, skeleton, map, options);
  lesion.expansion_ratio = Expansion(lesion, skeleton);
  return lesion;
}

}  // namespace osteon
