// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/series/station_merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipelines/imaging/overlap.h"
#include "pipelines/imaging/resample.h"

namespace osteon {
namespace {

// Weight of an interpolated slice, of a weight from 1 for an imaged one: it shows only where
// nothing else is, and with up to 10^5 rows stays under the 1 from which a voxel counts as imaged.
// Chosen.
constexpr float kInterpolatedWeight = 1e-5F;

GridBox Intersection(const GridBox& a, const GridBox& b) {
  GridBox both;
  for (int axis = 0; axis < 3; ++axis) {
    both.first[axis] = std::max(a.first[axis], b.first[axis]);
    both.end[axis] = std::max(both.first[axis], std::min(a.end[axis], b.end[axis]));
  }
  return both;
}

Volume<float> Cut(const StationPatch& patch, const VolumeGeometry& grid, const GridBox& box) {
  Volume<float> cut(SubGrid(grid, box));
  for (int k = box.first[2]; k < box.end[2]; ++k) {
    for (int j = box.first[1]; j < box.end[1]; ++j) {
      const float* from = &patch.voxels.At(box.first[0] - patch.box.first[0],
                                           j - patch.box.first[1], k - patch.box.first[2]);
      std::copy_n(from, box.end[0] - box.first[0], &cut.At(0, j - box.first[1], k - box.first[2]));
    }
  }
  return cut;
}

std::optional<std::pair<Volume<float>, Volume<float>>> OverlapOf(const StationPatch& a,
                                                                 const StationPatch& b,
                                                                 const VolumeGeometry& grid) {
  const GridBox both = Intersection(a.box, b.box);
  const VolumeGeometry sub = SubGrid(grid, both);
  if (sub.VoxelCount() == 0) return std::nullopt;
  return std::pair(Cut(a, grid, both), Cut(b, grid, both));
}

// Logarithm of the mean of the voxels above the mean.
double LogBrightness(const Volume<float>& v) {
  double sum = 0;
  double count = 0;
  for (const float x : v.voxels()) {
    if (!(x > 0)) continue;
    sum += x;
    count += 1;
  }
  const double mean = count > 0 ? sum / count : 0;
  double bright_sum = 0;
  double bright = 0;
  for (const float x : v.voxels()) {
    if (!(x > mean)) continue;
    bright_sum += x;
    bright += 1;
  }
  return bright > 0 ? std::log(bright_sum / bright) : 0;
}

std::string StationName(std::size_t n) { return fmt::format("station {}", n + 1); }

// 0 outside the patch, else the distance in rows, from 1, to the nearer of its two ends.
int RowWeight(const GridBox& box, int j) {
  if (j < box.first[1] || j >= box.end[1]) return 0;
  return std::min(j - box.first[1] + 1, box.end[1] - j);
}

bool ImagedAt(const StationPatch& patch, int k) {
  return k >= patch.box.first[2] && k < patch.box.end[2] &&
         patch.imaged[static_cast<std::size_t>(k - patch.box.first[2])] != 0;
}

// For each row of slice k the patch with the largest weight that has a frame there; -1 for none.
std::vector<int> OwnersOfRows(const std::vector<StationPatch>& patches, int rows, int k) {
  std::vector<int> owners(static_cast<std::size_t>(rows), -1);
  for (int j = 0; j < rows; ++j) {
    int heaviest = 0;
    for (std::size_t p = 0; p < patches.size(); ++p) {
      const StationPatch& patch = patches[p];
      if (!ImagedAt(patch, k)) continue;
      if (patch.frames[static_cast<std::size_t>(k - patch.box.first[2])] < 0) continue;
      const int weight = RowWeight(patch.box, j);
      if (weight <= heaviest) continue;
      heaviest = weight;
      owners[static_cast<std::size_t>(j)] = static_cast<int>(p);
    }
  }
  return owners;
}

std::vector<ComposedVolume::RowRange> SourcesOfSlice(const std::vector<StationPatch>& patches,
                                                     int rows, int k) {
  const std::vector<int> owners = OwnersOfRows(patches, rows, k);
  std::vector<ComposedVolume::RowRange> ranges;
  for (int j = 0; j < rows;) {
    const int owner = owners[static_cast<std::size_t>(j)];
    int end = j;
    while (end < rows && owners[static_cast<std::size_t>(end)] == owner) ++end;
    if (owner >= 0) {
      const StationPatch& patch = patches[static_cast<std::size_t>(owner)];
      const int frame = patch.frames[static_cast<std::size_t>(k - patch.box.first[2])];
      ranges.push_back({j, end, patch.series, static_cast<std::size_t>(frame)});
    }
    j = end;
  }
  return ranges;
}

// Adds the patch's rows of slice k, weighted, to sums and weights of the slice.
void AddSlice(const StationPatch& patch, int k, int columns, std::vector<float>& sums,
              std::vector<float>& weights) {
  if (k < patch.box.first[2] || k >= patch.box.end[2]) return;
  const float share = ImagedAt(patch, k) ? 1.0F : kInterpolatedWeight;
  for (int j = patch.box.first[1]; j < patch.box.end[1]; ++j) {
    const float weight = share * static_cast<float>(RowWeight(patch.box, j));
    const float* from = &patch.voxels.At(0, j - patch.box.first[1], k - patch.box.first[2]);
    const std::size_t to = static_cast<std::size_t>(j) * static_cast<std::size_t>(columns) +
                           static_cast<std::size_t>(patch.box.first[0]);
    for (int i = 0; i < patch.box.end[0] - patch.box.first[0]; ++i) {
      if (std::isnan(from[i])) continue;
      sums[to + static_cast<std::size_t>(i)] += weight * from[i];
      weights[to + static_cast<std::size_t>(i)] += weight;
    }
  }
}

// A single patch that fills the grid keeps its voxels.
Merged MergeOne(StationPatch patch, const VolumeGeometry& grid) {
  Merged merged;
  merged.inside = Volume<std::uint8_t>(grid);
  for (int k = 0; k < grid.slices; ++k) {
    const bool imaged = ImagedAt(patch, k);
    const auto voxels = patch.voxels.Slice(k);
    const auto inside = merged.inside.Slice(k);
    for (std::size_t n = 0; n < voxels.size(); ++n) {
      const bool has_voxel = !std::isnan(voxels[n]);
      inside[n] = imaged && has_voxel ? 1 : 0;
      if (!has_voxel) voxels[n] = 0;
    }
  }
  for (int k = 0; k < grid.slices; ++k) {
    merged.sources.push_back(SourcesOfSlice({}, 0, k));
    if (!ImagedAt(patch, k) || patch.frames[static_cast<std::size_t>(k)] < 0) continue;
    merged.sources.back().push_back(
        {0, grid.rows, patch.series,
         static_cast<std::size_t>(patch.frames[static_cast<std::size_t>(k)])});
  }
  merged.voxels = std::move(patch.voxels);
  return merged;
}

}  // namespace

void MatchGains(std::vector<StationPatch>& patches, const VolumeGeometry& grid, RunContext& run) {
  std::vector<double> log_gains(patches.size(), 0);
  double mean = 0;
  for (std::size_t n = 1; n < patches.size(); ++n) {
    std::optional<double> log_ratio;
    if (const auto both = OverlapOf(patches[n - 1], patches[n], grid)) {
      log_ratio = MedianLogRatio(both->first, both->second);
    }
    if (!log_ratio) {
      run.AddCaveat("station_gap",
                    StationName(n - 1) + " and " + StationName(n) +
                        " do not overlap: their brightness was matched by the "
                        "whole station, and what lies between was not imaged",
                    {std::to_string(n), std::to_string(n + 1)});
      log_ratio = LogBrightness(patches[n].voxels) - LogBrightness(patches[n - 1].voxels);
    }
    log_gains[n] = log_gains[n - 1] - *log_ratio;
    mean += log_gains[n] / static_cast<double>(patches.size());
  }
  for (std::size_t n = 0; n < patches.size(); ++n) {
    const auto gain = static_cast<float>(std::exp(log_gains[n] - mean));
    for (float& v : patches[n].voxels.voxels()) v *= gain;
  }
}

void CheckOverlaps(const std::vector<StationPatch>& patches, const VolumeGeometry& grid,
                   const MergeOptions& options, RunContext& run) {
  for (std::size_t n = 1; n < patches.size(); ++n) {
    const auto both = OverlapOf(patches[n - 1], patches[n], grid);
    if (!both) continue;
    const Displacement d =
        FindDisplacement(both->first, both->second, options.displacement_reach_mm);
    const double moved_mm = std::hypot(d.along_i_mm, d.along_j_mm);
    if (moved_mm <= options.max_displacement_mm ||
        d.correlation < d.correlation_unmoved + options.displacement_gain) {
      continue;
    }
    run.AddCaveat(
        "station_mismatch",
        fmt::format("{} and {} disagree by {:.0f} mm where they overlap (the patient moved between "
                    "them): places near that seam are uncertain",
                    StationName(n - 1), StationName(n), moved_mm),
        {std::to_string(n), std::to_string(n + 1), std::to_string(std::lround(moved_mm))});
  }
}

Merged Merge(std::vector<StationPatch> patches, const VolumeGeometry& grid) {
  if (patches.size() == 1 && patches[0].voxels.size() == grid.VoxelCount()) {
    return MergeOne(std::move(patches[0]), grid);
  }
  Merged merged{Volume<float>(grid), Volume<std::uint8_t>(grid), {}};
  const auto slice_size =
      static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows);
  std::vector<float> sums(slice_size);
  std::vector<float> weights(slice_size);
  for (int k = 0; k < grid.slices; ++k) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    std::fill(weights.begin(), weights.end(), 0.0F);
    for (const StationPatch& patch : patches) {
      AddSlice(patch, k, grid.columns, sums, weights);
    }
    const auto voxels = merged.voxels.Slice(k);
    const auto inside = merged.inside.Slice(k);
    for (std::size_t n = 0; n < slice_size; ++n) {
      if (weights[n] <= 0) continue;
      voxels[n] = sums[n] / weights[n];
      inside[n] = weights[n] >= 1 ? 1 : 0;
    }
    merged.sources.push_back(SourcesOfSlice(patches, grid.rows, k));
  }
  return merged;
}

}  // namespace osteon
