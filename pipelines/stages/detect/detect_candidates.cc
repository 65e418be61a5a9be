// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/detect_candidates.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "pipelines/imaging/grid_map.h"
#include "pipelines/imaging/labelling.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// Part of the classifier (README.md); all chosen. Evidence is the network's, 0..1.
constexpr float kEvidence = 0.25F;     // From which voxels make a candidate's first outline.
constexpr float kAnyEvidence = 0.08F;  // From which the boundary may move out over a voxel.
constexpr float kFirmEvidence = 0.6F;  // From which a voxel amid bright ones stays in, however dim.
constexpr double kBoundaryShare = 0.5;   // Of the core's excess over marrow: half, as at an edge.
constexpr int kGrowSteps = 3;            // Fine pixels by which the boundary moves out at most.
constexpr std::size_t kCoreDivisor = 6;  // The core: the median of the brightest third.
constexpr float kLesionFree = 0.1F;      // Evidence below which marrow is normal.
constexpr float kBoneCore = 0.75F;       // Probability of bone, without the rim.
constexpr std::size_t kMinMarrowVoxels = 30;  // Of a median. Chosen.
constexpr double kMarrowOfNone = 0.5;         // Relative signal of marrow where no bone has any.
constexpr double kUpperQuantile = 0.9;        // Of marrow; chosen.
// A second bone gets its own region from this share of a component and this many voxels on. Chosen.
constexpr double kOwnShare = 0.25;
constexpr std::size_t kMinVoxels = 3, kMinOwnVoxels = 4 * kMinVoxels;

// Bone and side of a unit as a small number. Parts of one bone have the same, and so have the bones
// of one hip or lower leg.
std::uint8_t GroupOf(UnitId id) {
  static const std::vector<std::uint8_t> groups = [] {
    std::map<std::string, std::uint8_t> numbers;
    std::vector<std::uint8_t> out(BoneUnits().size() + 1, 0);
    for (const BoneUnit& unit : BoneUnits()) {
      const bool hip = unit.bone == "ilium" || unit.bone == "ischium" || unit.bone == "pubis";
      const bool shank = unit.bone == "tibia" || unit.bone == "fibula";
      const std::string name = (hip     ? "hip"
                                : shank ? "shank"
                                        : unit.bone) +
                               std::string(Name(unit.side));
      const auto next = static_cast<std::uint8_t>(numbers.size() + 1);
      out[unit.id] = numbers.emplace(name, next).first->second;
    }
    return out;
  }();
  return groups[id];
}

// Unit and bone probability of the coarse grid, at voxels of the fine grid.
class UnitLookup {
 public:
  explicit UnitLookup(const TissueMaps& maps)
      : maps_(maps), map_(MapNearest(maps.lesion.geometry(), maps.near_units.geometry())) {}
  UnitId operator()(int i, int j, int k) const {
    return maps_.near_units.At(map_.column[static_cast<std::size_t>(i)],
                               map_.row[static_cast<std::size_t>(j)],
                               map_.slice[static_cast<std::size_t>(k)]);
  }
  float Bone(int i, int j, int k) const {
    return maps_.bone.At(map_.column[static_cast<std::size_t>(i)],
                         map_.row[static_cast<std::size_t>(j)],
                         map_.slice[static_cast<std::size_t>(k)]);
  }

 private:
  const TissueMaps& maps_;
  GridMap map_;
};

Volume<UnitId> FineUnits(const TissueMaps& maps) {
  Volume<UnitId> units(maps.lesion.geometry());
  const UnitLookup unit_at(maps);
  ForEachVoxel(units.geometry(), [&](int i, int j, int k) {
    if (const UnitId unit = unit_at(i, j, k); unit != 0) units.At(i, j, k) = unit;
  });
  return units;
}

// Lists of voxels by component of the evidence mask, whatever the bone.
std::vector<std::vector<std::size_t>> EvidenceComponents(const TissueMaps& maps,
                                                         const Volume<UnitId>& units, float seed) {
  Volume<std::uint8_t> mask(maps.lesion.geometry());
  for (std::size_t n = 0; n < mask.size(); ++n)
    if (maps.lesion[n] >= kEvidence && units[n] != 0) mask[n] = 1;
  const Components parts = LabelComponents(mask);
  std::vector<std::vector<std::size_t>> lists(parts.sizes.size());
  std::vector<float> best(parts.sizes.size(), 0.0F);
  for (std::size_t n = 0; n < mask.size(); ++n) {
    if (parts.labels[n] == 0) continue;
    const auto label = static_cast<std::size_t>(parts.labels[n]) - 1;
    lists[label].push_back(n);
    best[label] = std::max(best[label], maps.lesion[n]);
  }
  std::vector<std::vector<std::size_t>> kept;
  for (std::size_t n = 0; n < lists.size(); ++n) {
    if (best[n] >= seed && lists[n].size() >= kMinVoxels) kept.push_back(std::move(lists[n]));
  }
  return kept;
}

UnitId MostFrequentUnit(const std::vector<std::size_t>& voxels, const Volume<UnitId>& units) {
  std::map<UnitId, int> counts;
  for (std::size_t n : voxels) ++counts[units[n]];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// One list for each bone with kOwnShare or more; the other voxels go with the largest.
std::vector<std::vector<std::size_t>> SplitByBone(const std::vector<std::size_t>& voxels,
                                                  const Volume<UnitId>& units) {
  std::map<std::uint8_t, std::vector<std::size_t>> by_group;
  for (std::size_t n : voxels) by_group[GroupOf(units[n])].push_back(n);
  const auto largest = std::max_element(
      by_group.begin(), by_group.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  std::vector<std::vector<std::size_t>> out;
  std::vector<std::size_t> main = largest->second;
  for (const auto& [group, list] : by_group) {
    if (group == largest->first) continue;
    if (static_cast<double>(list.size()) >= kOwnShare * static_cast<double>(voxels.size()) &&
        list.size() >= kMinOwnVoxels) {
      out.push_back(list);
    } else {
      main.insert(main.end(), list.begin(), list.end());
    }
  }
  std::sort(main.begin(), main.end());
  out.insert(out.begin(), std::move(main));
  return out;
}

double CoreSignal(const std::vector<std::size_t>& voxels, const Volume<float>& relative) {
  std::vector<float> values;
  values.reserve(voxels.size());
  for (std::size_t n : voxels) values.push_back(relative[n]);
  std::sort(values.begin(), values.end());
  return static_cast<double>(values[values.size() - 1 - values.size() / kCoreDivisor]);
}

// First and last place along each line of a slice.
class Ends {
 public:
  void Add(int slice, int line, int at) {
    const auto [found, is_new] = ends_.try_emplace({slice, line}, at, at);
    if (!is_new)
      found->second = {std::min(found->second.first, at), std::max(found->second.second, at)};
  }
  bool Between(int slice, int line, int at) const {
    const auto found = ends_.find({slice, line});
    return found != ends_.end() && found->second.first < at && at < found->second.second;
  }

 private:
  std::map<std::pair<int, int>, std::pair<int, int>> ends_;
};

// The voxels from `cut` on, and what lies between them in its row and in its column where the
// network is firm: a lesion's own middle may be darker than its edge. Outside of them firm evidence
// is not enough: networks are firm for a few pixels beyond a mild lesion, which made the lesions of
// 48 simulated studies of two bodies 12 and 20 % too large in the median, 4 and 3 % too small now.
std::vector<std::size_t> BrightPart(const TissueMaps& maps, const std::vector<std::size_t>& voxels,
                                    float cut) {
  Ends in_row, in_column;
  for (std::size_t n : voxels) {
    if (maps.relative[n] < cut) continue;
    const VoxelIndex v = VoxelAt(maps.lesion.geometry(), n);
    in_row.Add(v.k, v.j, v.i);
    in_column.Add(v.k, v.i, v.j);
  }
  std::vector<std::size_t> kept;
  for (std::size_t n : voxels) {
    const VoxelIndex v = VoxelAt(maps.lesion.geometry(), n);
    if (maps.relative[n] >= cut ||
        (maps.lesion[n] >= kFirmEvidence && in_row.Between(v.k, v.j, v.i) &&
         in_column.Between(v.k, v.i, v.j)))
      kept.push_back(n);
  }
  return kept;
}

// Moves a region's boundary to half excess: drops what is dimmer, then adds bright neighbours with
// some evidence.
void MoveBoundary(const TissueMaps& maps, const Volume<UnitId>& units, Volume<std::uint8_t>& taken,
                  Region& region) {
  const VolumeGeometry& g = maps.lesion.geometry();
  const auto cut =
      static_cast<float>(region.marrow + kBoundaryShare * (region.core - region.marrow));
  const std::uint8_t group = GroupOf(region.unit);
  std::vector<std::size_t> kept = BrightPart(maps, region.voxels, cut);
  for (std::size_t n : kept) taken[n] = 1;
  const auto columns = static_cast<std::size_t>(g.columns), rows = static_cast<std::size_t>(g.rows);
  std::vector<std::size_t> front = kept;
  for (int step = 0; step < kGrowSteps; ++step) {
    std::vector<std::size_t> next;
    for (std::size_t n : front) {
      const std::size_t i = n % columns, j = n / columns % rows;
      const auto take = [&](bool there, std::size_t m) {
        if (!there || taken[m] != 0 || maps.relative[m] < cut || maps.lesion[m] < kAnyEvidence ||
            GroupOf(units[m]) != group) {
          return;
        }
        taken[m] = 1;
        next.push_back(m);
      };
      take(i > 0, n - 1);
      take(i + 1 < columns, n + 1);
      take(j > 0, n - columns);
      take(j + 1 < rows, n + columns);
    }
    kept.insert(kept.end(), next.begin(), next.end());
    front = std::move(next);
  }
  std::sort(kept.begin(), kept.end());
  region.voxels = std::move(kept);
}

// Quantile of the signal of lesion-free bone core by unit; that of all bones for a unit with too
// little of it.
std::vector<double> MarrowQuantile(const TissueMaps& maps, double share) {
  std::vector<std::vector<float>> values(BoneUnits().size() + 1);
  const UnitLookup unit_at(maps);
  ForEachVoxel(maps.lesion.geometry(), [&](int i, int j, int k) {
    if (unit_at.Bone(i, j, k) < kBoneCore || maps.lesion.At(i, j, k) >= kLesionFree) return;
    const float v = maps.relative.At(i, j, k);
    values[unit_at(i, j, k)].push_back(v);
    values[0].push_back(v);
  });
  const double all =
      values[0].empty() ? kMarrowOfNone : static_cast<double>(UpperQuantile(values[0], share));
  std::vector<double> out(values.size(), all);
  for (std::size_t n = 1; n < values.size(); ++n) {
    if (values[n].size() >= kMinMarrowVoxels)
      out[n] = static_cast<double>(UpperQuantile(values[n], share));
  }
  return out;
}

}  // namespace

std::vector<double> NormalMarrow(const TissueMaps& maps) { return MarrowQuantile(maps, 0.5); }
std::vector<double> UpperMarrow(const TissueMaps& maps) {
  return MarrowQuantile(maps, kUpperQuantile);
}

std::vector<Region> FindRegions(const TissueMaps& maps, float seed) {
  const Volume<UnitId> units = FineUnits(maps);
  const std::vector<double> marrow = NormalMarrow(maps);
  Volume<std::uint8_t> taken(maps.lesion.geometry());
  std::vector<Region> regions;
  for (const auto& component : EvidenceComponents(maps, units, seed)) {
    for (auto& voxels : SplitByBone(component, units)) {
      Region region;
      region.unit = MostFrequentUnit(voxels, units);
      region.voxels = std::move(voxels);
      region.marrow = marrow[region.unit];
      region.core = CoreSignal(region.voxels, maps.relative);
      MoveBoundary(maps, units, taken, region);
      if (region.voxels.size() >= kMinVoxels) regions.push_back(std::move(region));
    }
  }
  return regions;
}

}  // namespace osteon
