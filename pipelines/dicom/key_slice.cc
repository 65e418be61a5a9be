// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/key_slice.h"

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

int RoundedWithin(double v, int count) {
  return std::clamp(static_cast<int>(std::lround(v)), 0, count - 1);
}

std::optional<std::size_t> SeriesAt(const ComposedVolume& composed, Vec3 point) {
  const VolumeGeometry& g = composed.stir.geometry();
  if (g.VoxelCount() == 0 || composed.sources.empty()) return std::nullopt;
  const Vec3 p = Inverse(g.patient_from_voxel)(point);
  const auto k = static_cast<std::size_t>(RoundedWithin(p.z, g.slices));
  const int row = RoundedWithin(p.y, g.rows);
  if (k >= composed.sources.size()) return std::nullopt;
  for (const ComposedVolume::RowRange& range : composed.sources[k]) {
    if (row >= range.first_row && row < range.end_row) return range.series;
  }
  return std::nullopt;
}

}  // namespace

std::optional<KeySlice> KeySliceOf(const AnalysedStudy& analysed, const Lesion& lesion) {
  const std::optional<std::size_t> series = SeriesAt(analysed.composed, lesion.centroid_mm);
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
