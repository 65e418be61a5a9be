// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/other_series.h"

#include <fmt/core.h>

#include <algorithm>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/bone_at.h"

namespace osteon {
namespace {

constexpr float kLesionFree = 0.1F, kBoneCore = 0.8F;  // Probabilities. Chosen, as for the anchors.
constexpr std::size_t kMinVoxels = 50;                 // Of marrow. Chosen: for a stable median.
// T1 over normal marrow. Chosen, on either side of 1.
constexpr double kT1Dark = 0.85, kT1Bright = 1.05;
// ADC, 10-3 mm2/s. Chosen between the published values in the header.
constexpr double kAdcLow = 0.45, kAdcRaised = 0.75, kAdcFluid = 2.3;
// Change of log-odds. Chosen: factors of 2, 1/2.7 and 1/4.
constexpr double kSupports = 0.7, kContradicts = -1.0, kIsFluid = -1.4;

void Add(OtherEvidence& out, double log_odds, const char* series, double value,
         const char* meaning) {
  out.log_odds += log_odds;
  out.reasons.push_back(fmt::format("{} = {:.2f} speaks {} a lesion: {}", series, value,
                                    log_odds > 0 ? "for" : "against", meaning));
}

double ValueOf(const std::map<std::string, double>& features, const char* name) {
  const auto found = features.find(name);
  return found == features.end() ? -1 : found->second;
}

}  // namespace

std::vector<double> NormalT1Marrow(const ComposedVolume& volume, const Skeleton& skeleton) {
  std::vector<double> out(BoneUnits().size() + 1, 0.0);
  if (volume.t1.empty()) return out;
  std::vector<std::vector<float>> values(out.size());
  const VolumeGeometry& g = volume.t1.voxels.geometry();
  const GridMap fine = MapNearest(g, skeleton.maps.lesion.geometry());
  const BoneAt bone(skeleton.maps.bone, g);
  ForEachVoxel(g, [&](int i, int j, int k) {
    const UnitId unit = skeleton.units.At(i, j, k);
    if (volume.t1.imaged.At(i, j, k) == 0) return;
    if (unit == 0 || bone(i, j, k) < kBoneCore) return;
    const float lesion = skeleton.maps.lesion.At(fine.column[static_cast<std::size_t>(i)],
                                                 fine.row[static_cast<std::size_t>(j)],
                                                 fine.slice[static_cast<std::size_t>(k)]);
    if (lesion < kLesionFree) values[unit].push_back(volume.t1.voxels.At(i, j, k));
  });
  for (std::size_t unit = 1; unit < out.size(); ++unit) {
    if (values[unit].size() < kMinVoxels) continue;
    out[unit] = static_cast<double>(UpperQuantile(values[unit], 0.5));
  }
  return out;
}

OtherEvidence WeighOtherSeries(const std::map<std::string, double>& features) {
  OtherEvidence out;
  const double t1 = ValueOf(features, "t1_to_marrow"), adc = ValueOf(features, "adc");
  if (t1 >= 0 && t1 < kT1Dark) Add(out, kSupports, "T1 over normal marrow", t1, "fat is replaced");
  if (t1 > kT1Bright) Add(out, kContradicts, "T1 over normal marrow", t1, "fat is still there");
  if (adc >= kAdcFluid) {
    Add(out, kIsFluid, "ADC", adc, "free fluid");
  } else if (adc >= kAdcRaised) {
    Add(out, kSupports, "ADC", adc, "raised as in oedema");
  } else if (adc >= 0 && adc < kAdcLow) {
    Add(out, kContradicts, "ADC", adc, "that of normal marrow");
  }
  return out;
}

}  // namespace osteon
