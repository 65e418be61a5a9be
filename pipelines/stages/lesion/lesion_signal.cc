// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_signal.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipelines/model/statistics.h"
#include "pipelines/stages/detect/anchors.h"
#include "pipelines/stages/detect/other_series.h"

namespace osteon {
namespace {

// All chosen. Muscle is taken up to this far above and below the lesion: coil sensitivity changes
// little over it.
constexpr double kMuscleReachMm = 60;
constexpr std::size_t kLeastMuscleVoxels = 200;  // A median of fewer is noise.
// STIR of muscle lies around its anchor by this share of it, or by this many times its spread when
// that is wider, but by no more than the last share.
constexpr double kMuscleWindow = 0.25, kMuscleSpreads = 2, kWidestMuscleWindow = 0.5;
constexpr double kLeastCoreDepthMm = 3;  // A thinner lesion has no core.
// Core and shell begin at these shares of the largest depth. The outermost layer, which is half
// marrow, is in neither.
constexpr double kCoreFrom = 0.67, kShellFrom = 0.25;
constexpr std::size_t kLeastCoreVoxels = 4, kLeastShellVoxels = 8;
constexpr double kLeastInnerVoxels = 20;
constexpr std::size_t kMostVoxels =
    20000;                      // The time of the search grows with the square in a slice.
constexpr double kFarMm = 1e9;  // Farther than any voxel.

Measured Position(double lesion, double coil_share, const Anchors& anchors, UnitId unit) {
  if (!anchors.fluid) return Measured::NotAssessed("no fluid found in the study");
  if (!MarrowOf(anchors, unit))
    return Measured::NotAssessed("no normal marrow left in this bone unit");
  const std::optional<double> position = PositionOf(lesion, coil_share, anchors, unit);
  return position ? Measured::Of(*position)
                  : Measured::NotAssessed("fluid is not brighter than marrow");
}

// As detection measured it, from maps that are gone by now.
double CoilShareOf(const LesionMap& map, int label) {
  const auto candidate = std::ranges::find(map.candidates, label, &Candidate::label);
  return candidate == map.candidates.end() ? 1 : candidate->coil_share;
}

Measured Grade(const Measured& position, const CharacteriseOptions& options) {
  if (!position.value) return position;
  return Measured::Of(*position.value >= options.grade_two_from   ? 2
                      : *position.value >= options.grade_one_from ? 1
                                                                  : 0);
}

bool Covered(const std::vector<float>& values, const std::vector<VoxelIndex>& voxels) {
  return static_cast<double>(values.size()) >= kLeastCovered * static_cast<double>(voxels.size()) &&
         !values.empty();
}

Measured MeanAdc(const std::vector<VoxelIndex>& voxels, const OtherContrast& adc) {
  if (adc.empty()) return Measured::NotAssessed("no ADC series");
  const std::vector<float> values = ImagedValues(adc, voxels);
  if (!Covered(values, voxels))
    return Measured::NotAssessed("ADC series does not cover the lesion");
  double sum = 0;
  for (float v : values) sum += static_cast<double>(v);
  return Measured::Of(sum / static_cast<double>(values.size()));
}

// Distance of each voxel to the edge of the lesion within its slice, mm. Only in plane, since
// slices are several times as thick as pixels.
std::vector<double> DepthsInPlane(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g) {
  const Vec3 spacing = g.spacing_mm();
  std::vector<double> depths;
  depths.reserve(voxels.size());
  const VoxelBox box = BoxAround(voxels, g, 0);
  const int first_i = box.low.i - 1, first_j = box.low.j - 1;  // A margin of one.
  const auto width = static_cast<std::size_t>(box.high.i - first_i) + 2;
  const auto height = static_cast<std::size_t>(box.high.j - first_j) + 2;
  const auto at = [&](int i, int j) {
    return static_cast<std::size_t>(j - first_j) * width + static_cast<std::size_t>(i - first_i);
  };
  for (int k = box.low.k; k <= box.high.k; ++k) {
    std::vector<bool> inside(width * height);
    for (const VoxelIndex& v : voxels) {
      if (v.k == k) inside[at(v.i, v.j)] = true;
    }
    for (const VoxelIndex& v : voxels) {
      if (v.k != k) continue;
      double nearest = kFarMm;
      for (int j = first_j; j <= box.high.j + 1; ++j)
        for (int i = first_i; i <= box.high.i + 1; ++i) {
          if (inside[at(i, j)]) continue;
          nearest = std::min(nearest, std::hypot((i - v.i) * spacing.x, (j - v.j) * spacing.y));
        }
      depths.push_back(nearest);
    }
  }
  return depths;
}

// REQUIRES: voxels are in order of slices (VoxelsByLabel), as the depths of DepthsInPlane are.
Measured CentreToRim(const std::vector<VoxelIndex>& voxels, const Volume<float>& stir) {
  if (voxels.size() > kMostVoxels) return Measured::NotAssessed("lesion too large for a ring");
  const std::vector<double> depths = DepthsInPlane(voxels, stir.geometry());
  const double deepest = *std::max_element(depths.begin(), depths.end());
  if (deepest < kLeastCoreDepthMm) return Measured::NotAssessed("lesion too thin");
  std::vector<float> core, shell;
  for (std::size_t n = 0; n < voxels.size(); ++n) {
    const float value = stir.At(voxels[n].i, voxels[n].j, voxels[n].k);
    if (depths[n] > kCoreFrom * deepest)
      core.push_back(value);
    else if (depths[n] > kShellFrom * deepest)
      shell.push_back(value);
  }
  if (core.size() < kLeastCoreVoxels || shell.size() < kLeastShellVoxels)
    return Measured::NotAssessed("lesion too thin");
  const double rim = MedianOf(shell);
  if (rim <= 0) return Measured::NotAssessed("no signal at the rim");
  return Measured::Of(MedianOf(core) / rim);
}

// Whether the six neighbours have the same label.
bool IsInside(const VoxelIndex& v, const Volume<std::uint16_t>& labels) {
  const VolumeGeometry& g = labels.geometry();
  if (v.i == 0 || v.j == 0 || v.k == 0) return false;
  if (v.i + 1 == g.columns || v.j + 1 == g.rows || v.k + 1 == g.slices) return false;
  const std::uint16_t label = labels.At(v.i, v.j, v.k);
  for (int step : {-1, 1}) {
    if (labels.At(v.i + step, v.j, v.k) != label || labels.At(v.i, v.j + step, v.k) != label ||
        labels.At(v.i, v.j, v.k + step) != label)
      return false;
  }
  return true;
}

}  // namespace

Measured MuscleNearby(const std::vector<VoxelIndex>& voxels, const OtherContrast& other,
                      const ComposedVolume& volume, const Skeleton& skeleton,
                      const LesionMap& map) {
  const Anchors& anchors = map.anchors;
  if (anchors.muscle <= 0) return Measured::NotAssessed("no muscle anchor");
  const VolumeGeometry& g = volume.stir.geometry();
  const VoxelBox box = BoxAround(voxels, g, kMuscleReachMm);
  const double window = std::max(
      kMuscleWindow * anchors.muscle,
      std::min(kMuscleSpreads * anchors.muscle_spread, kWidestMuscleWindow * anchors.muscle));
  std::vector<float> values;
  for (int k = 0; k < g.slices; ++k)
    for (int j = box.low.j; j <= box.high.j; ++j)
      for (int i = 0; i < g.columns; ++i) {
        const std::size_t n = volume.stir.Index(i, j, k);
        if (skeleton.units[n] != 0 || map.labels[n] != 0) continue;
        if (std::abs(static_cast<double>(volume.stir[n]) - anchors.muscle) > window) continue;
        if (other.imaged[n] != 0) values.push_back(other.voxels[n]);
      }
  if (values.size() < kLeastMuscleVoxels)
    return Measured::NotAssessed("too little muscle beside the lesion");
  return Measured::Of(MedianOf(values));
}

Measured RatioToMuscle(const std::vector<VoxelIndex>& voxels, const OtherContrast& other,
                       const char* absent, const ComposedVolume& volume, const Skeleton& skeleton,
                       const LesionMap& map) {
  if (other.empty()) return Measured::NotAssessed(absent);
  std::vector<float> values = ImagedValues(other, voxels);
  if (!Covered(values, voxels)) return Measured::NotAssessed("series does not cover the lesion");
  Measured muscle = MuscleNearby(voxels, other, volume, skeleton, map);
  if (!muscle.value) return muscle;
  return Measured::Of(MedianOf(values) / *muscle.value);
}

Measured SignalVariation(const std::vector<VoxelIndex>& voxels, const Volume<std::uint16_t>& labels,
                         const Volume<float>& stir) {
  double sum = 0, squares = 0, n = 0;
  for (const VoxelIndex& v : voxels) {
    if (!IsInside(v, labels)) continue;
    const double value = static_cast<double>(stir.At(v.i, v.j, v.k));
    sum += value;
    squares += value * value;
    ++n;
  }
  if (n < kLeastInnerVoxels) return Measured::NotAssessed("lesion too thin");
  const double mean = sum / n;
  return Measured::Of(mean <= 0 ? 0 : std::sqrt(std::max(0.0, squares / n - mean * mean)) / mean);
}

Lesion WithSignal(Lesion lesion, const std::vector<VoxelIndex>& voxels,
                  const ComposedVolume& volume, const Skeleton& skeleton, const LesionMap& map,
                  const CharacteriseOptions& options) {
  std::vector<float> stir = ValuesAt(volume.stir, voxels);
  const double median = stir.empty() ? 0 : MedianOf(stir);
  lesion.stir_to_muscle = map.anchors.muscle > 0 ? Measured::Of(median / map.anchors.muscle)
                                                 : Measured::NotAssessed("no muscle anchor");
  lesion.stir_position = Position(median, CoilShareOf(map, lesion.label), map.anchors, lesion.unit);
  lesion.signal_grade = Grade(lesion.stir_position, options);
  lesion.t1_to_muscle = RatioToMuscle(voxels, volume.t1, "no T1 series", volume, skeleton, map);
  lesion.adc_mean_um2_per_s = MeanAdc(voxels, volume.adc);
  lesion.enhancement_ratio = RatioToMuscle(voxels, volume.t1_post_contrast,
                                           "no contrast-enhanced series", volume, skeleton, map);
  lesion.centre_to_rim = CentreToRim(voxels, volume.stir);
  return lesion;
}

}  // namespace osteon
