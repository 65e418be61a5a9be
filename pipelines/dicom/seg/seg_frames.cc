// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_frames.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

VoxelIndex Nearest(Vec3 p) {
  return {static_cast<int>(std::lround(p.x)), static_cast<int>(std::lround(p.y)),
          static_cast<int>(std::lround(p.z))};
}

Affine Compose(const Affine& outer, const Affine& inner) {
  const Vec3 origin = outer(inner.origin);
  return {outer(inner.origin + inner.step_i) - origin, outer(inner.origin + inner.step_j) - origin,
          outer(inner.origin + inner.step_k) - origin, origin};
}

// Bounding boxes of the lesions in voxels, so that only these are searched.
struct Box {
  VoxelIndex low{1 << 30, 1 << 30, 1 << 30}, high{-1, -1, -1};
  bool empty() const { return high.i < 0; }
  void Add(int i, int j, int k) {
    low = {std::min(low.i, i), std::min(low.j, j), std::min(low.k, k)};
    high = {std::max(high.i, i), std::max(high.j, j), std::max(high.k, k)};
  }
};

// Indexed by label.
std::vector<Box> LabelBoxes(const Volume<std::uint16_t>& labels) {
  std::vector<Box> boxes;
  const VolumeGeometry& g = labels.geometry();
  ForEachVoxel(g, [&](int i, int j, int k) {
    const std::size_t label = labels.At(i, j, k);
    if (label == 0) return;
    if (label >= boxes.size()) boxes.resize(label + 1);
    boxes[label].Add(i, j, k);
  });
  return boxes;
}

// All series from which voxels of the composed grid may have come.
std::set<std::size_t> UsedSeries(const AnalysedStudy& a) {
  std::set<std::size_t> used(a.choice.stir.begin(), a.choice.stir.end());
  for (const auto& ranges : a.composed.sources) {
    for (const ComposedVolume::RowRange& range : ranges) used.insert(range.series);
  }
  return used;
}

Status CheckSources(const AnalysedStudy& a) {
  const VolumeGeometry& grid = a.composed.stir.geometry();
  if (a.lesions.labels.geometry().VoxelCount() != grid.VoxelCount()) {
    return InvalidInput("lesion labels are not on the grid of the composed volume");
  }
  if (a.composed.sources.size() != static_cast<std::size_t>(grid.slices)) {
    return InvalidInput(fmt::format("composed volume: source list has {} slices, grid has {}",
                                    a.composed.sources.size(), grid.slices));
  }
  for (std::size_t series : UsedSeries(a)) {
    if (series >= a.study.series.size()) {
      return InvalidInput(
          fmt::format("composed volume: source series {} is not in the study", series));
    }
  }
  return {};
}

// Collects mask pixels by frame.
class Masks {
 public:
  explicit Masks(const Study& study) : study_(study) {}

  void Set(int segment, std::size_t series, VoxelIndex p) {
    const SeriesInfo& info = study_.series[series];
    const auto slice = static_cast<std::size_t>(p.k);
    if (info.frames[slice].missing()) return;
    auto& mask = masks_[{segment, series, slice}];
    if (mask.empty()) {
      mask.resize(static_cast<std::size_t>(info.geometry.columns) *
                  static_cast<std::size_t>(info.geometry.rows));
    }
    mask[static_cast<std::size_t>(p.j) * static_cast<std::size_t>(info.geometry.columns) +
         static_cast<std::size_t>(p.i)] = 1;
  }
  bool Has(int segment) const {
    const auto at = masks_.lower_bound({segment, 0, 0});
    return at != masks_.end() && std::get<0>(at->first) == segment;
  }
  std::vector<SegFrame> Take() && {
    std::vector<SegFrame> frames;
    for (auto& [key, mask] : masks_) {
      frames.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), std::move(mask)});
    }
    return frames;
  }

 private:
  const Study& study_;
  std::map<std::tuple<int, std::size_t, std::size_t>, std::vector<std::uint8_t>> masks_;
};

VoxelIndex Clamped(VoxelIndex p, const VolumeGeometry& g) {
  return {std::clamp(p.i, 0, g.columns - 1), std::clamp(p.j, 0, g.rows - 1),
          std::clamp(p.k, 0, g.slices - 1)};
}

// The box of source voxels that may lie in `box` of the composed grid, one voxel wider.
Box SourceBox(const Box& box, const Affine& source_from_grid, const VolumeGeometry& source) {
  Box result;
  for (int corner = 0; corner < 8; ++corner) {
    const Vec3 p = source_from_grid({(corner & 1 ? box.high.i + 0.5 : box.low.i - 0.5),
                                     (corner & 2 ? box.high.j + 0.5 : box.low.j - 0.5),
                                     (corner & 4 ? box.high.k + 0.5 : box.low.k - 0.5)});
    result.Add(static_cast<int>(std::floor(p.x)), static_cast<int>(std::floor(p.y)),
               static_cast<int>(std::floor(p.z)));
    result.Add(static_cast<int>(std::ceil(p.x)), static_cast<int>(std::ceil(p.y)),
               static_cast<int>(std::ceil(p.z)));
  }
  result.low = Clamped(result.low, source);
  result.high = Clamped(result.high, source);
  return result;
}

// From source to grid: looks up each source pixel in the grid.
void Gather(const AnalysedStudy& a, std::size_t series, int segment, std::uint16_t label,
            const Box& box, Masks& masks) {
  const Volume<std::uint16_t>& labels = a.lesions.labels;
  const VolumeGeometry& source = a.study.series[series].geometry;
  const Affine& patient_from_grid = a.composed.stir.geometry().patient_from_voxel;
  const Affine grid_from_source = Compose(Inverse(patient_from_grid), source.patient_from_voxel);
  const Affine source_from_grid = Compose(Inverse(source.patient_from_voxel), patient_from_grid);
  const Box walk = SourceBox(box, source_from_grid, source);
  for (int k = walk.low.k; k <= walk.high.k; ++k) {
    for (int j = walk.low.j; j <= walk.high.j; ++j) {
      for (int i = walk.low.i; i <= walk.high.i; ++i) {
        const VoxelIndex p = Nearest(grid_from_source({double(i), double(j), double(k)}));
        if (!labels.Contains(p.i, p.j, p.k) || labels.At(p.i, p.j, p.k) != label) continue;
        if (SourceSeriesOf(a, p.i, p.j, p.k) != series) continue;
        masks.Set(segment, series, {i, j, k});
      }
    }
  }
}

// From grid to source, for a lesion thinner than the source's spacing.
void Scatter(const AnalysedStudy& a, int segment, std::uint16_t label, const Box& box,
             Masks& masks) {
  const Affine& patient_from_grid = a.composed.stir.geometry().patient_from_voxel;
  for (int k = box.low.k; k <= box.high.k; ++k) {
    for (int j = box.low.j; j <= box.high.j; ++j) {
      for (int i = box.low.i; i <= box.high.i; ++i) {
        if (a.lesions.labels.At(i, j, k) != label) continue;
        const std::optional<std::size_t> series = SourceSeriesOf(a, i, j, k);
        if (!series) continue;
        const VolumeGeometry& source = a.study.series[*series].geometry;
        const Vec3 p = Inverse(source.patient_from_voxel)(
            patient_from_grid({double(i), double(j), double(k)}));
        masks.Set(segment, *series, Clamped(Nearest(p), source));
      }
    }
  }
}

}  // namespace

Result<std::vector<SegFrame>> SegFrames(const AnalysedStudy& a) {
  if (Status checked = CheckSources(a); !checked) return std::move(checked).error();
  const std::set<std::size_t> used = UsedSeries(a);
  const std::vector<Box> boxes = LabelBoxes(a.lesions.labels);
  Masks masks(a.study);
  for (std::size_t n = 0; n < a.findings.lesions.size(); ++n) {
    const Lesion& lesion = a.findings.lesions[n];
    const auto label = static_cast<std::size_t>(lesion.label);
    if (lesion.label <= 0 || label >= boxes.size() || boxes[label].empty()) {
      return InvalidInput(
          fmt::format("lesion {}: no voxel has its label {}", lesion.number, lesion.label));
    }
    const int segment = static_cast<int>(n) + 1;
    const auto value = static_cast<std::uint16_t>(label);
    for (std::size_t series : used) Gather(a, series, segment, value, boxes[label], masks);
    if (!masks.Has(segment)) Scatter(a, segment, value, boxes[label], masks);
    if (!masks.Has(segment)) {
      return InvalidInput(
          fmt::format("lesion {}: none of its voxels lies in a source slice", lesion.number));
    }
  }
  return std::move(masks).Take();
}

std::vector<SegFrame> ComposedSegFrames(const AnalysedStudy& a) {
  const VolumeGeometry& g = a.composed.stir.geometry();
  std::vector<SegFrame> frames;
  for (std::size_t n = 0; n < a.findings.lesions.size(); ++n) {
    for (int k = 0; k < g.slices; ++k) {
      SegFrame frame{static_cast<int>(n) + 1, 0, static_cast<std::size_t>(k), {}};
      for (int j = 0; j < g.rows; ++j) {
        for (int i = 0; i < g.columns; ++i) {
          const bool inside = a.lesions.labels.At(i, j, k) == a.findings.lesions[n].label;
          frame.mask.push_back(inside ? 1 : 0);
          if (!inside) continue;
          const std::size_t series = SourceSeriesOf(a, i, j, k).value_or(a.choice.stir.front());
          if (std::ranges::find(frame.all_series, series) == frame.all_series.end())
            frame.all_series.push_back(series);
        }
      }
      if (frame.all_series.empty()) continue;
      frame.series = frame.all_series.front();
      frames.push_back(std::move(frame));
    }
  }
  return frames;
}

}  // namespace osteon
