// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/anchors.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/model/statistics.h"
#include "pipelines/stages/skeleton/bone_at.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

constexpr float kFatBelow = 0.45F;  // Relative signal of nulled fat and air. Chosen.
constexpr float kOrganAbove =
    1.8F;  // Relative signal above that of muscle. Chosen: organs 1.6 to 4.
constexpr float kLesionFree = 0.1F;  // Probability of oedema. Chosen.
constexpr float kBoneCore = 0.8F;    // Probability of bone. Chosen: without the half cortical rim.
constexpr double kMinFluidMl = 2.0, kMinMarrowMl = 0.5;  // Chosen: some hundred voxels.
constexpr double kFluidQuantile = 0.9;      // Chosen: without partial volume at the edge.
constexpr double kLeastCoilShare = 0.5;     // Chosen (anchors.h).
constexpr double kRayleighMedian = 1.1774;  // Median of a Rayleigh distribution over its sigma.
// Air is taken from this fraction of the columns, and one more, at either side. Chosen: no arm
// reaches there.
constexpr int kSideFraction = 40;

double OrZero(std::vector<float>& values, double share) {
  return values.empty() ? 0 : static_cast<double>(LowerQuantile(values, share));
}

struct Samples {
  std::vector<float> muscle, fluid, air;
  std::vector<std::vector<float>> marrow;
};

bool IsFluid(TissueClass c) { return c == TissueClass::kSpinalCanal || c == TissueClass::kFluid; }

bool IsAtSide(int i, int columns) {
  return i < columns / kSideFraction + 1 || i >= columns - columns / kSideFraction - 1;
}

Samples Sample(const ComposedVolume& volume, const Skeleton& skeleton) {
  Samples out;
  out.marrow.resize(BoneUnits().size() + 1);
  const TissueMaps& maps = skeleton.maps;
  const VolumeGeometry& g = volume.stir.geometry();
  const GridMap coarse = MapNearest(g, maps.tissue.geometry()),
                fine = MapNearest(g, maps.lesion.geometry());
  const BoneAt bone(maps.bone, g);
  for (int k = 0; k < g.slices; ++k) {
    const auto kk = static_cast<std::size_t>(k);
    for (int j = 0; j < g.rows; ++j) {
      const auto jj = static_cast<std::size_t>(j);
      for (int i = 0; i < g.columns; ++i) {
        if (!volume.inside.empty() && volume.inside.At(i, j, k) == 0) continue;
        const auto ii = static_cast<std::size_t>(i);
        const float value = volume.stir.At(i, j, k);
        const auto tissue = static_cast<TissueClass>(
            maps.tissue.At(coarse.column[ii], coarse.row[jj], coarse.slice[kk]));
        const float relative = maps.relative.At(fine.column[ii], fine.row[jj], fine.slice[kk]);
        const UnitId unit = skeleton.units.At(i, j, k);
        if (unit != 0) {
          const bool clean =
              maps.lesion.At(fine.column[ii], fine.row[jj], fine.slice[kk]) < kLesionFree;
          if (clean && bone(i, j, k) >= kBoneCore) out.marrow[unit].push_back(value);
        } else if (IsFluid(tissue)) {
          out.fluid.push_back(value);
        } else if (tissue == TissueClass::kBackground && relative > kFatBelow &&
                   relative < kOrganAbove) {
          out.muscle.push_back(value);
        } else if (IsAtSide(i, g.columns) && relative < kFatBelow) {
          out.air.push_back(value);
        }
      }
    }
  }
  return out;
}

}  // namespace

Anchors MeasureAnchors(const ComposedVolume& volume, const Skeleton& skeleton) {
  Samples samples = Sample(volume, skeleton);
  const double voxel_ml = volume.stir.geometry().voxel_ml();
  Anchors anchors;
  anchors.muscle = OrZero(samples.muscle, 0.5);
  for (float& v : samples.muscle) v = std::abs(v - static_cast<float>(anchors.muscle));
  anchors.muscle_spread = OrZero(samples.muscle, 0.5);
  if (static_cast<double>(samples.fluid.size()) * voxel_ml >= kMinFluidMl) {
    anchors.fluid = OrZero(samples.fluid, kFluidQuantile);
  }
  anchors.noise = OrZero(samples.air, 0.5) / kRayleighMedian;
  for (const BoneUnit& unit : BoneUnits()) {
    auto& values = samples.marrow[unit.id];
    if (static_cast<double>(values.size()) * voxel_ml >= kMinMarrowMl)
      anchors.marrow[unit.id] = OrZero(values, 0.5);
  }
  return anchors;
}

bool IsTooNoisy(const Anchors& anchors) {
  return anchors.muscle < kLeastMuscleOverNoise * anchors.noise;
}

std::optional<double> MarrowOf(const Anchors& anchors, UnitId unit) {
  if (const auto own = anchors.marrow.find(unit); own != anchors.marrow.end()) return own->second;
  if (const auto mirror = UnitOf(unit).mirror) {
    if (const auto other = anchors.marrow.find(*mirror); other != anchors.marrow.end())
      return other->second;
  }
  return std::nullopt;
}

double CoilShareAt(const std::vector<VoxelIndex>& voxels, const Volume<float>& stir,
                   const Volume<float>& relative, const Anchors& anchors) {
  if (relative.empty() || anchors.muscle <= 0) return 1;
  const GridMap fine = MapNearest(stir.geometry(), relative.geometry());
  std::vector<float> references;
  for (const VoxelIndex& v : voxels) {
    const float here = relative.At(fine.column[static_cast<std::size_t>(v.i)],
                                   fine.row[static_cast<std::size_t>(v.j)],
                                   fine.slice[static_cast<std::size_t>(v.k)]);
    const float reference = stir.At(v.i, v.j, v.k) / here;
    if (std::isfinite(reference)) references.push_back(reference);
  }
  if (references.empty()) return 1;
  return std::clamp(MedianOf(references) / anchors.muscle, kLeastCoilShare, 1.0);
}

std::optional<double> PositionOf(double signal, double coil_share, const Anchors& anchors,
                                 UnitId unit) {
  const std::optional<double> marrow = MarrowOf(anchors, unit);
  if (!anchors.fluid || !marrow) return std::nullopt;
  const double fluid = coil_share * *anchors.fluid;
  if (fluid <= *marrow) return std::nullopt;
  return (signal - *marrow) / (fluid - *marrow);
}

}  // namespace osteon
