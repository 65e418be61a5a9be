// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/locate_skeleton.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/base/log.h"
#include "pipelines/base/on_threads.h"
#include "pipelines/inference/network.h"
#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/bone_at.h"
#include "pipelines/stages/skeleton/canonical.h"
#include "pipelines/stages/skeleton/network_maps.h"
#include "pipelines/stages/skeleton/physes.h"
#include "pipelines/stages/skeleton/unit_frames.h"
#include "pipelines/stages/skeleton/unit_map.h"

namespace osteon {
namespace {

constexpr float kBoneCut = 0.5F;  // Probability. Chosen: bone is likelier than anything else.
// How far from a bone a voxel still belongs to it, mm times scale. Chosen: lesions and their
// surroundings beyond the bone's outline.
constexpr double kReachMm = 16.0;
// The least volume of a unit, ml times scale cubed. Chosen: less is noise of the network.
constexpr double kMinUnitMl = 0.3;
// Renamed or unnamed bone gets a caveat from this volume, ml, on. Chosen: less is the edge of a
// bone; the thinnest forearm of a child of two years has about 5 ml.
constexpr double kRenamedMl = 4.0;
// Mean bone probability below which a unit is called partly imaged. Chosen.
constexpr double kUncertain = 0.65;

// The unit of the nearest coarse voxel where the composed grid shows bone.
Volume<UnitId> UnitsOn(const VolumeGeometry& grid, const TissueMaps& maps, int threads) {
  Volume<UnitId> units(grid);
  const BoneAt bone(maps.bone, grid);
  OnThreads(threads, grid.slices, [&](int k) {
    for (int j = 0; j < grid.rows; ++j) {
      for (int i = 0; i < grid.columns; ++i) {
        if (bone(i, j, k) < kBoneCut) continue;
        const VoxelIndex near = bone.Nearest(i, j, k);
        units.At(i, j, k) = maps.near_units.At(near.i, near.j, near.k);
      }
    }
  });
  return units;
}

// By unit, whether its voxels reach the edge of the field of view in plane: then it may be cut.
std::vector<bool> TouchesEdge(const Volume<UnitId>& units) {
  std::vector<bool> touches(BoneUnits().size() + 1, false);
  const VolumeGeometry& g = units.geometry();
  for (int k = 0; k < g.slices; ++k) {
    for (int i = 0; i < g.columns; ++i) {
      touches[units.At(i, 0, k)] = true;
      touches[units.At(i, g.rows - 1, k)] = true;
    }
    for (int j = 0; j < g.rows; ++j) {
      touches[units.At(0, j, k)] = true;
      touches[units.At(g.columns - 1, j, k)] = true;
    }
  }
  return touches;
}

// Adds units that end where a part of the slice was not imaged: at padding or between stations.
// Slices that are missing as a whole have their own caveats.
void AddCutInside(const Volume<UnitId>& units, const Volume<std::uint8_t>& inside,
                  std::vector<bool>& touches) {
  if (inside.empty()) return;
  const VolumeGeometry& g = units.geometry();
  ForEachVoxel(g, [&](int i, int j, int k) {
    const UnitId unit = units.At(i, j, k);
    if (unit == 0 || inside.At(i, j, k) == 0) return;
    const auto cut = [&](int a, int b) {
      return inside.Contains(a, b, k) && inside.At(a, b, k) == 0;
    };
    if (cut(i - 1, j) || cut(i + 1, j) || cut(i, j - 1) || cut(i, j + 1)) touches[unit] = true;
  });
}

// Drops units that are too small, and lists those that are missing or cut.
void JudgeCoverage(double scale, const Volume<UnitId>& units, const Volume<std::uint8_t>& inside,
                   Skeleton& skeleton) {
  const double min_ml = kMinUnitMl * scale * scale * scale;
  std::erase_if(skeleton.frames, [&](const UnitFrame& f) { return f.volume_ml < min_ml; });
  std::vector<bool> touches = TouchesEdge(units);
  AddCutInside(skeleton.units, inside, touches);
  for (const BoneUnit& unit : BoneUnits()) {
    if (unit.unnamed()) continue;
    const auto frame = std::find_if(skeleton.frames.begin(), skeleton.frames.end(),
                                    [&](const UnitFrame& f) { return f.unit == unit.id; });
    if (frame == skeleton.frames.end()) {
      skeleton.not_imaged.push_back(unit.id);
    } else if (touches[unit.id] || frame->confidence < kUncertain) {
      skeleton.partly_imaged.push_back(unit.id);
    }
  }
}

void AddCaveats(const Skeleton& skeleton, RunContext& run) {
  if (skeleton.not_imaged.empty()) return;
  std::string names;
  for (UnitId id : skeleton.not_imaged) {
    const BoneUnit& unit = UnitOf(id);
    names += (names.empty() ? "" : ", ") +
             (unit.side == Side::kNone ? "" : std::string(Name(unit.side)) + " ") + unit.name_en;
  }
  run.AddCaveat("partial_body", "Not imaged or not recognised, so not assessed: " + names + ".");
}

double MidlineAtPelvis(const UnitMap& map) {
  const VolumeGeometry& g = map.units.geometry();
  const UnitId sacrum = UnitByKey("sacrum").value_or(0);
  double rows = 0;
  int count = 0;
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (map.units.At(i, j, k) != sacrum) return;
    rows += j;
    ++count;
  });
  const int row = count > 0 ? static_cast<int>(rows / count) : g.rows / 2;
  return g
      .patient_from_voxel(
          Vec3{map.midline_column[static_cast<std::size_t>(row)], static_cast<double>(row), 0})
      .x;
}

// The networks and their memory, some 70 MiB each, are gone when this returns. Says in `inference`
// what ran them.
Result<TissueMaps> MapsOf(const Volume<float>& stir, const SkeletonOptions& options,
                          std::string& inference, RunContext& run) {
  const auto model_dir = FindModelDir(options.model_dir);
  if (!model_dir) return model_dir.error();
  const auto card = ReadNetworkCard(*model_dir, "skeleton");
  if (!card) return card.error();
  std::vector<Network> networks;
  for (int n = 0; n < std::max(1, options.threads); ++n) {
    Result<Network> network = Network::Load(*card, options.inference);
    if (!network) return std::move(network).error();
    networks.push_back(*std::move(network));
  }
  inference = networks.front().method();
  LogInfo("the network runs on " + inference);
  Result<CanonicalStir> canonical = ToCanonical(stir, options.threads);
  if (!canonical) return std::move(canonical).error();
  return RunNetwork(*std::move(canonical), networks, run);
}

}  // namespace

bool IsLocated(const Skeleton& skeleton) {
  const auto whole = [&](const UnitFrame& frame) {
    const std::vector<UnitId>& partly = skeleton.partly_imaged;
    return !UnitOf(frame.unit).unnamed() &&
           std::find(partly.begin(), partly.end(), frame.unit) == partly.end();
  };
  const auto count = std::count_if(skeleton.frames.begin(), skeleton.frames.end(), whole);
  return static_cast<std::size_t>(count) >= kLeastUnits;
}

Result<Skeleton> LocateSkeleton(const ComposedVolume& volume, const SkeletonOptions& options,
                                RunContext& run) {
  Skeleton skeleton;
  Result<TissueMaps> maps = MapsOf(volume.stir, options, skeleton.inference, run);
  if (!maps) return std::move(maps).error();

  UnitMap map = NameUnits(*maps);
  skeleton.maps = *std::move(maps);
  skeleton.maps.midline_column = map.midline_column;
  skeleton.by_place = std::move(map.by_place);
  skeleton.maps.near_units = GrowUnits(map.units, kReachMm * skeleton.maps.scale);
  skeleton.units = UnitsOn(volume.stir.geometry(), skeleton.maps, options.threads);
  skeleton.frames = MeasureUnits(map.units, skeleton.maps.bone);
  skeleton.midline_x_mm = MidlineAtPelvis(map);
  JudgeCoverage(skeleton.maps.scale, map.units, volume.inside, skeleton);
  skeleton.physes = FindPhyses(skeleton.maps, skeleton.frames);
  AddCaveats(skeleton, run);
  if (map.place.unnamed_ml >= kRenamedMl) {
    run.AddCaveat(
        "bone_unnamed",
        "Some bone lies where the bone that it looks like cannot be; it is called \"unnamed "
        "bone region\". Name it by eye.");
  }
  if (map.place.renamed_ml >= kRenamedMl) {
    run.AddCaveat(
        "bone_named_by_place",
        "Bone beside the trunk or the thighs looked like a shin or foot, bone below the knees like "
        "a forearm or hand, or a femoral head like the pelvis; it is named by its place. Check the "
        "names there.");
  }
  return skeleton;
}

}  // namespace osteon
