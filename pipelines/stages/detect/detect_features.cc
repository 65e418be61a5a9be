// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/detect_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/stages/detect/bright_spill.h"
#include "pipelines/stages/detect/feature_voxels.h"
#include "pipelines/stages/detect/other_series.h"
#include "pipelines/stages/detect/region_depth.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

using Features = std::map<std::string, double>;

// All are part of the classifier (README.md) and chosen, but for kFluidOverMuscle.
constexpr int kShellPixels = 3;            // Reach of the shell around a region, fine pixels.
constexpr double kLow = 0.1, kHigh = 0.9;  // Quantiles for the ends of a distribution.
constexpr double kSpreadLow = 0.2, kSpreadHigh = 0.8;  // Quantiles between which signal spreads.
constexpr double kContrastOffset = 0.2;  // Relative signal; keeps the contrast finite.
constexpr int kMirrorPixels = 3;         // The mirrored place and those this far from it.
constexpr double kMirrorQuantile = 0.7;  // Of the signal at the mirrored places.
constexpr double kLeastLengthMm = 1.0, kLeastUnitMl = 0.1;  // Keep shares of a unit finite.
constexpr std::size_t kLeastFluidVoxels = 200;
// Fluid over muscle on STIR at 1.5 T, TE 70 ms, by the spin-echo inversion-recovery equation (T1
// 3800, T2 900 ms against 1000 and 35 ms): used where the images show too little fluid.
constexpr double kFluidOverMuscle = 7.5;

// Voxels within kShellPixels or one slice of the region that are not in it. Ascending, each once.
std::vector<std::size_t> ShellOf(const VolumeGeometry& g, const Region& region) {
  std::vector<std::size_t> shell;
  const auto index = [&](int i, int j, int k) {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(g.rows) +
            static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(g.columns) +
           static_cast<std::size_t>(i);
  };
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(g, n);
    for (int j = std::max(0, v.j - kShellPixels); j <= std::min(g.rows - 1, v.j + kShellPixels);
         ++j) {
      for (int i = std::max(0, v.i - kShellPixels);
           i <= std::min(g.columns - 1, v.i + kShellPixels); ++i) {
        if ((i - v.i) * (i - v.i) + (j - v.j) * (j - v.j) <= kShellPixels * kShellPixels)
          shell.push_back(index(i, j, v.k));
      }
    }
    if (v.k > 0) shell.push_back(index(v.i, v.j, v.k - 1));
    if (v.k + 1 < g.slices) shell.push_back(index(v.i, v.j, v.k + 1));
  }
  std::sort(shell.begin(), shell.end());
  shell.erase(std::unique(shell.begin(), shell.end()), shell.end());
  std::vector<std::size_t> out;
  std::set_difference(shell.begin(), shell.end(), region.voxels.begin(), region.voxels.end(),
                      std::back_inserter(out));
  return out;
}

void AddTissueShares(const TissueMaps& maps, const std::vector<std::size_t>& voxels,
                     const std::string& prefix, Features& out) {
  std::array<double, kTissueClasses> shares{};
  std::vector<float> bone;
  for (std::size_t n : voxels) {
    const std::size_t c = CoarseIndex(maps, n);
    shares[maps.tissue[c]] += 1.0 / static_cast<double>(voxels.size());
    bone.push_back(maps.bone[c]);
  }
  for (int c = static_cast<int>(TissueClass::kBrain); c < kTissueClasses; ++c) {
    out[prefix + std::string(Name(static_cast<TissueClass>(c)))] =
        shares[static_cast<std::size_t>(c)];
  }
  out[prefix + "bone"] = Mean(bone);
  out[prefix + "bone_low"] = Quantile(bone, kLow);
}

void AddSignals(const TissueMaps& maps, const Region& region, const std::vector<std::size_t>& shell,
                Features& out) {
  const std::vector<float> evidence = ValuesAt(maps.lesion, region.voxels);
  const std::vector<float> signal = ValuesAt(maps.relative, region.voxels);
  const std::vector<float> around = ValuesAt(maps.relative, shell);
  out["net_max"] = static_cast<double>(*std::max_element(evidence.begin(), evidence.end()));
  out["net_mean"] = Mean(evidence);
  out["net_high"] = Quantile(evidence, kHigh);
  out["core"] = region.core;
  out["signal_mean"] = Mean(signal);
  out["signal_top"] = Quantile(signal, 1.0);
  out["signal_spread"] = Quantile(signal, kSpreadHigh) - Quantile(signal, kSpreadLow);
  out["marrow"] = region.marrow;
  out["excess"] = region.core - region.marrow;
  out["rim"] = Quantile(around, 0.5);
  out["rim_high"] = Quantile(around, kHigh);
  out["contrast"] = region.core / (kContrastOffset + out["rim"]);
}

void AddShape(const TissueMaps& maps, const Region& region, Features& out) {
  const VolumeGeometry& g = maps.lesion.geometry();
  const Vec3 spacing = (1.0 / maps.scale) * g.spacing_mm();
  VoxelIndex low = VoxelAt(g, region.voxels.front()), high = low;
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(g, n);
    low = {std::min(low.i, v.i), std::min(low.j, v.j), std::min(low.k, v.k)};
    high = {std::max(high.i, v.i), std::max(high.j, v.j), std::max(high.k, v.k)};
  }
  const double width = (high.i - low.i + 1) * spacing.x, height = (high.j - low.j + 1) * spacing.y,
               depth = (high.k - low.k + 1) * spacing.z;
  const double count = static_cast<double>(region.voxels.size());
  out["size_ml"] = count * spacing.x * spacing.y * spacing.z / 1000;
  out["width_mm"] = width;
  out["height_mm"] = height;
  out["depth_mm"] = depth;
  out["length_mm"] = std::max({width, height, depth});
  out["thinness"] = std::min(width, height) / std::max({width, height, depth});
  out["flatness"] = height / width;
  out["fill"] = 1000 * out["size_ml"] / (width * height * depth);
}

// Signals on the scale from this unit's normal marrow (0) to the study's fluid (1).
void AddPositions(const FeatureScene& scene, const Region& region, Features& out) {
  const double way = scene.fluid - region.marrow;
  const auto share = [&](double signal) { return way > 0 ? signal / way : 0.0; };
  out["core_position"] = share(region.core - region.marrow);
  out["mean_position"] = share(out["signal_mean"] - region.marrow);
  out["over_upper"] = share(region.core - scene.upper_marrow[region.unit]);
  out["asymmetry"] = share(out["mirror_difference"]);
  out["asymmetry_any"] = share(out["mirror_any"]);
}

void AddMirror(const FeatureScene& scene, const Region& region, Features& out) {
  const TissueMaps& maps = scene.maps;
  const VolumeGeometry& g = maps.lesion.geometry();
  float best = 0;
  std::vector<float> signal, any;
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(g, n);
    any.push_back(0.0F);
    const int mirrored =
        static_cast<int>(std::lround(2 * scene.middle_column[static_cast<std::size_t>(v.j)] - v.i));
    for (int d = -kMirrorPixels; d <= kMirrorPixels; d += kMirrorPixels) {
      for (int e = -kMirrorPixels; e <= kMirrorPixels; e += kMirrorPixels) {
        if (!maps.lesion.Contains(mirrored + d, v.j + e, v.k)) continue;
        best = std::max(best, maps.lesion.At(mirrored + d, v.j + e, v.k));
        any.back() = std::max(any.back(), maps.relative.At(mirrored + d, v.j + e, v.k));
        if (maps.bone.At((mirrored + d) / 2, (v.j + e) / 2, v.k) > kBone) {
          signal.push_back(maps.relative.At(mirrored + d, v.j + e, v.k));
        }
      }
    }
  }
  out["net_mirror"] = static_cast<double>(best);
  out["mirror_signal"] = signal.empty() ? region.marrow : Quantile(signal, kMirrorQuantile);
  out["mirror_difference"] = out["signal_mean"] - out["mirror_signal"];
  out["mirror_any"] = out["signal_mean"] - Quantile(any, 0.5);
}

void AddPlace(const FeatureScene& scene, const Region& region, Features& out) {
  const VolumeGeometry& g = scene.maps.lesion.geometry();
  const double scale = scene.maps.scale;
  const BoneUnit& unit = UnitOf(region.unit);
  double nearest = kNoDistanceMm, sum = 0, sideways = 0;
  std::vector<float> from_plate;
  const auto physis = std::find_if(scene.skeleton.physes.begin(), scene.skeleton.physes.end(),
                                   [&](const Physis& p) { return p.unit == region.unit; });
  Vec3 centre;
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(g, n);
    const Vec3 p = PointOf(g, v);
    centre = centre + (1.0 / static_cast<double>(region.voxels.size())) * p;
    sideways +=
        std::abs(v.i - scene.middle_column[static_cast<std::size_t>(v.j)]) * g.spacing_mm().x;
    if (physis == scene.skeleton.physes.end()) continue;
    const double beyond = Dot(p - physis->point, physis->normal) / scale;
    nearest = std::min(nearest, std::abs(beyond));
    sum += beyond;
    from_plate.push_back(static_cast<float>(std::abs(beyond)));
  }
  const double count = static_cast<double>(region.voxels.size());
  out["physis_mm"] = nearest;
  out["physis_centre_mm"] = from_plate.empty() ? kNoDistanceMm : std::abs(sum) / count;
  out["physis_far_mm"] = from_plate.empty() ? kNoDistanceMm : Quantile(from_plate, kHigh);
  out["place_sideways_mm"] = sideways / count / scale;
  out["place_along"] = 0.5;
  for (const char* of_frame : {"front_mm", "unit_confidence", "share_of_unit"}) out[of_frame] = 0;
  for (const UnitFrame& frame : scene.skeleton.frames) {
    if (frame.unit != region.unit) continue;
    const Vec3 from_axis = centre - frame.centre;
    const Vec3 beside = from_axis - Dot(from_axis, frame.axis) * frame.axis;
    out["front_mm"] = -beside.y / scale;
    out["place_along"] =
        Dot(centre - frame.proximal_end, frame.axis) / std::max(kLeastLengthMm, frame.length_mm);
    out["unit_confidence"] = frame.confidence;
    out["share_of_unit"] = count * g.voxel_ml() / std::max(kLeastUnitMl, frame.volume_ml);
  }
  out["patella"] = unit.bone == "patella" ? 1 : 0;
  out["hand_foot"] = unit.hand_or_foot() ? 1 : 0;
  out["spine"] = unit.group == "spine" || unit.bone == "sacrum" ? 1 : 0;
  out["thorax"] = unit.group == "thorax" || unit.group == "shoulder girdle" ? 1 : 0;
  out["head"] = unit.group == "head" ? 1 : 0;
  out["hip"] = unit.group == "pelvis" ? 1 : 0;
  out["limb"] = unit.group == "leg" || unit.group == "arm" ? 1 : 0;
}

// Median of another contrast over the region's place on the composed grid; -1 without that series
// or where it does not cover half of the region.
double MedianOther(const FeatureScene& scene, const Region& region, const OtherContrast& other) {
  if (other.empty()) return -1;
  const GridMap map = MapNearest(scene.maps.lesion.geometry(), other.voxels.geometry());
  std::vector<float> values;
  for (std::size_t n : region.voxels) {
    const VoxelIndex v = VoxelAt(scene.maps.lesion.geometry(), n);
    const std::size_t at = other.voxels.Index(map.column[static_cast<std::size_t>(v.i)],
                                              map.row[static_cast<std::size_t>(v.j)],
                                              map.slice[static_cast<std::size_t>(v.k)]);
    if (other.imaged[at] != 0) values.push_back(other.voxels[at]);
  }
  const double covered =
      static_cast<double>(values.size()) / static_cast<double>(region.voxels.size());
  return covered < kLeastCovered ? -1 : Quantile(std::move(values), 0.5);
}

// 90 % quantile of the spinal canal and the bladder; kFluidOverMuscle with too few voxels.
double FluidSignal(const TissueMaps& maps) {
  std::vector<float> values;
  ForEachVoxel(maps.relative.geometry(), [&](int i, int j, int k) {
    const auto tissue = static_cast<TissueClass>(maps.tissue.At(i / 2, j / 2, k));
    if (tissue == TissueClass::kSpinalCanal || tissue == TissueClass::kFluid) {
      values.push_back(maps.relative.At(i, j, k));
    }
  });
  return values.size() < kLeastFluidVoxels ? kFluidOverMuscle : Quantile(std::move(values), kHigh);
}

}  // namespace

FeatureScene MakeScene(const ComposedVolume& volume, const Skeleton& skeleton) {
  FeatureScene scene{skeleton.maps,
                     skeleton,
                     volume,
                     FluidSignal(skeleton.maps),
                     NormalT1Marrow(volume, skeleton),
                     {},
                     UpperMarrow(skeleton.maps)};
  for (double column : skeleton.maps.midline_column) {
    scene.middle_column.push_back(2 * column + 0.5);
    scene.middle_column.push_back(2 * column + 0.5);
  }
  return scene;
}

std::map<std::string, double> MeasureRegion(const FeatureScene& scene, const Region& region) {
  Features out;
  const std::vector<std::size_t> shell = ShellOf(scene.maps.lesion.geometry(), region);
  AddSignals(scene.maps, region, shell, out);
  AddShape(scene.maps, region, out);
  AddTissueShares(scene.maps, region.voxels, "own_", out);
  AddTissueShares(scene.maps, shell, "near_", out);
  AddMirror(scene, region, out);
  const RegionDepth depth = MeasureDepth(scene.maps, region);
  out["in_bone"] = depth.in_bone;
  out["surface_mm"] = depth.surface_mm;
  out["joint_mm"] = depth.joint_mm;
  AddPositions(scene, region, out);
  AddPlace(scene, region, out);
  const BrightSpill spill = MeasureSpill(scene.maps, region);
  out["spill_share"] = spill.share;
  out["spill_ml"] = spill.ml;
  out["to_fluid"] =
      scene.fluid > region.marrow ? out["excess"] / (scene.fluid - region.marrow) : 0.0;
  const double t1 = MedianOther(scene, region, scene.volume.t1);
  const double normal = scene.t1_marrow[region.unit];
  out["t1_to_marrow"] = t1 >= 0 && normal > 0 ? t1 / normal : -1;
  const double adc = MedianOther(scene, region, scene.volume.adc);
  out["adc"] = adc >= 0 ? adc / 1000 : -1;
  return out;
}

std::map<std::string, double> MeasureOneVoxel(const FeatureScene& scene) {
  Region region;
  region.unit = 1;  // Any; 0 is none.
  region.voxels = {0};
  return MeasureRegion(scene, region);
}

}  // namespace osteon
