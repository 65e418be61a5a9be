// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_frames.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "pipelines/dicom/objects/key_slice.h"
#include "pipelines/model/label_boxes.h"

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
LabelBox SourceBox(const LabelBox& box, const Affine& source_from_grid,
                   const VolumeGeometry& source) {
  LabelBox result;
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
            const LabelBox& box, Masks& masks) {
  const Volume<std::uint16_t>& labels = a.lesions.labels;
  const VolumeGeometry& source = a.study.series[series].geometry;
  const Affine& patient_from_grid = a.composed.stir.geometry().patient_from_voxel;
  const Affine grid_from_source = Compose(Inverse(patient_from_grid), source.patient_from_voxel);
  const Affine source_from_grid = Compose(Inverse(source.patient_from_voxel), patient_from_grid);
  const LabelBox walk = SourceBox(box, source_from_grid, source);
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
void Scatter(const AnalysedStudy& a, int segment, std::uint16_t label, const LabelBox& box,
             Masks& masks) {
  const Affine& patient_from_grid = a.composed.stir.geometry().patient_from_voxel;
  ForEachInBox(a.lesions.labels, label, box, [&](int i, int j, int k) {
    const std::optional<std::size_t> series = SourceSeriesOf(a, i, j, k);
    if (!series) return;
    const VolumeGeometry& source = a.study.series[*series].geometry;
    const Vec3 p =
        Inverse(source.patient_from_voxel)(patient_from_grid({double(i), double(j), double(k)}));
    masks.Set(segment, *series, Clamped(Nearest(p), source));
  });
}

}  // namespace

Result<std::vector<SegFrame>> SegFrames(const AnalysedStudy& a) {
  if (Status checked = CheckSources(a); !checked) return std::move(checked).error();
  const std::set<std::size_t> used = UsedSeries(a);
  const std::vector<LabelBox> boxes = LabelBoxes(a.lesions.labels);
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
  const Volume<std::uint16_t>& labels = a.lesions.labels;
  const std::vector<LabelBox> boxes = LabelBoxes(labels);
  const std::size_t pixels = labels.Index(0, 0, 1);
  std::vector<SegFrame> frames;
  for (std::size_t n = 0; n < a.findings.lesions.size(); ++n) {
    const int label = a.findings.lesions[n].label;
    std::map<int, SegFrame> by_slice;
    ForEachInBox(
        labels, label, boxes.at(static_cast<std::size_t>(label)), [&](int i, int j, int k) {
          SegFrame& frame = by_slice[k];
          if (frame.mask.empty())
            frame = {static_cast<int>(n) + 1, 0, static_cast<std::size_t>(k),
                     std::vector<std::uint8_t>(pixels)};
          frame.mask[labels.Index(i, j, 0)] = 1;
          const std::size_t series = SourceSeriesOf(a, i, j, k).value_or(a.choice.stir.front());
          if (std::ranges::find(frame.all_series, series) == frame.all_series.end())
            frame.all_series.push_back(series);
        });
    for (auto& [slice, frame] : by_slice) {
      frame.series = frame.all_series.front();
      frames.push_back(std::move(frame));
    }
  }
  return frames;
}

}  // namespace osteon
