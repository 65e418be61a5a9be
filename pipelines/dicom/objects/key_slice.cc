// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/objects/key_slice.h"

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

int RoundedWithin(double v, int count) {
  return std::clamp(static_cast<int>(std::lround(v)), 0, count - 1);
}

bool Holds(const VolumeGeometry& g, Vec3 point) {
  const Vec3 p = Inverse(g.patient_from_voxel)(point);
  return p.x >= -0.5 && p.y >= -0.5 && p.z >= -0.5 && p.x < g.columns - 0.5 && p.y < g.rows - 0.5 &&
         p.z < g.slices - 0.5;
}

std::optional<std::size_t> SeriesAt(const AnalysedStudy& analysed, Vec3 point) {
  const VolumeGeometry& g = analysed.composed.stir.geometry();
  if (g.VoxelCount() == 0 || analysed.composed.sources.empty()) return std::nullopt;
  const Vec3 p = Inverse(g.patient_from_voxel)(point);
  return SourceSeriesOf(analysed, RoundedWithin(p.x, g.columns), RoundedWithin(p.y, g.rows),
                        RoundedWithin(p.z, g.slices));
}

}  // namespace

std::optional<std::size_t> SourceSeriesOf(const AnalysedStudy& analysed, int i, int j, int k) {
  const auto slice = static_cast<std::size_t>(k);
  if (slice < analysed.composed.sources.size()) {
    for (const ComposedVolume::RowRange& range : analysed.composed.sources[slice]) {
      if (j >= range.first_row && j < range.end_row) return range.series;
    }
  }
  const Vec3 point = analysed.composed.stir.geometry().patient_from_voxel(
      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
  for (std::size_t series : analysed.choice.stir) {
    if (series < analysed.study.series.size() &&
        Holds(analysed.study.series[series].geometry, point)) {
      return series;
    }
  }
  return std::nullopt;
}

std::optional<KeySlice> KeySliceOf(const AnalysedStudy& analysed, const Lesion& lesion) {
  const std::optional<std::size_t> series = SeriesAt(analysed, lesion.centroid_mm);
  if (!series || *series >= analysed.study.series.size()) return std::nullopt;
  const SeriesInfo& info = analysed.study.series[*series];
  const Vec3 p = Inverse(info.geometry.patient_from_voxel)(lesion.centroid_mm);
  std::optional<KeySlice> nearest;
  for (std::size_t n = 0; n < info.frames.size(); ++n) {
    if (info.frames[n].missing()) continue;
    if (!nearest || std::abs(p.z - static_cast<double>(n)) <
                        std::abs(p.z - static_cast<double>(nearest->frame))) {
      nearest = KeySlice{*series, n};
    }
  }
  return nearest;
}

std::array<double, 2> ImageCoordinates(const SeriesInfo& series, Vec3 point) {
  const Vec3 p = Inverse(series.geometry.patient_from_voxel)(point);
  return {std::clamp(p.x + 0.5, 0.0, static_cast<double>(series.geometry.columns)),
          std::clamp(p.y + 0.5, 0.0, static_cast<double>(series.geometry.rows))};
}

}  // namespace osteon
