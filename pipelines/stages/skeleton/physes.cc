// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/physes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// Probability of bone. Chosen: leaves out the rim, which is half cortex.
constexpr float kCoreBone = 0.7F;
// Voxels of a cross-section. Chosen: the median of fewer is noise.
constexpr int kMinBinVoxels = 12;
// The surroundings of a plate, in bins of one fine pixel (2 mm times scale) from it. Chosen: the
// plate is 2 to 4 mm wide.
constexpr int kAwayBins = 4, kFarBins = 7;
// Signal of the plate over its surroundings. Chosen after simulated children: physis 2.5 to 4 times
// muscle, metaphysis under 1.5 times.
constexpr float kPlateOverNeighbours = 1.5F;

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

// Median relative signal of each cross-section of the unit along its axis; -1 where there are too
// few voxels.
std::vector<float> Profile(const TissueMaps& maps, const GridMap& coarse, const UnitFrame& frame,
                           double bin_mm) {
  const VolumeGeometry& g = maps.relative.geometry();
  const auto bins = static_cast<std::size_t>(std::max(1.0, std::ceil(frame.length_mm / bin_mm)));
  std::vector<std::vector<float>> values(bins);
  ForEachVoxel(g, [&](int i, int j, int k) {
    const int a = coarse.column[static_cast<std::size_t>(i)],
              b = coarse.row[static_cast<std::size_t>(j)],
              c = coarse.slice[static_cast<std::size_t>(k)];
    if (maps.near_units.At(a, b, c) != frame.unit || maps.bone.At(a, b, c) < kCoreBone) return;
    const Vec3 p = PointOf(g, {i, j, k});
    const double along = Dot(p - frame.proximal_end, frame.axis) / bin_mm;
    if (along < 0 || along >= static_cast<double>(bins)) return;
    values[static_cast<std::size_t>(along)].push_back(maps.relative.At(i, j, k));
  });
  std::vector<float> out;
  out.reserve(values.size());
  for (auto& v : values) out.push_back(v.size() < kMinBinVoxels ? -1.0F : UpperQuantile(v, 0.5));
  return out;
}

// The bin with the largest ratio to the brightest bin 4 to 7 bins away on either side; none below
// kPlateOverNeighbours.
std::optional<std::size_t> PlateBin(const std::vector<float>& profile) {
  std::optional<std::size_t> best;
  float best_ratio = kPlateOverNeighbours;
  const int n = static_cast<int>(profile.size());
  for (int b = kAwayBins; b + kAwayBins < n; ++b) {
    float around = 0;
    for (int d = kAwayBins; d <= kFarBins; ++d) {
      for (const int at : {b - d, b + d}) {
        if (at >= 0 && at < n) around = std::max(around, profile[static_cast<std::size_t>(at)]);
      }
    }
    const float here = profile[static_cast<std::size_t>(b)];
    if (around <= 0 || here <= 0 || here / around < best_ratio) continue;
    best_ratio = here / around;
    best = static_cast<std::size_t>(b);
  }
  return best;
}

}  // namespace

std::vector<Physis> FindPhyses(const TissueMaps& maps, const std::vector<UnitFrame>& frames) {
  std::vector<Physis> physes;
  const GridMap coarse = MapNearest(maps.relative.geometry(), maps.bone.geometry());
  const double bin_mm = maps.relative.geometry().spacing_mm().y;
  for (const UnitFrame& frame : frames) {
    const PlateSite* site = SiteOf(UnitOf(frame.unit));
    if (site == nullptr) continue;
    const auto bin = PlateBin(Profile(maps, coarse, frame, bin_mm));
    if (!bin) continue;
    const double along_mm = (static_cast<double>(*bin) + 0.5) * bin_mm;
    physes.push_back({frame.unit, frame.proximal_end + along_mm * frame.axis,
                      site->epiphysis_distal ? frame.axis : -1.0 * frame.axis});
  }
  return physes;
}

}  // namespace osteon
