// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pipelines/selection/made_study.h"

#include <fmt/core.h>

#include <cmath>

namespace osteon::testing {

SeriesInfo Make(const MadeSeries& made, int number) {
  SeriesInfo info;
  info.series_instance_uid = fmt::format("1.2.3.{}", number);
  info.series_number = number;
  info.modality = "MR";
  info.description = made.description;
  info.contrast = made.contrast;
  info.contrast_reason = "as made";
  info.physics.repetition_time_ms = 4500;
  info.physics.echo_time_ms = 70;
  info.physics.inversion_time_ms = 165;
  info.slice_thickness_mm = made.slice_mm;
  info.geometry.columns = made.columns;
  info.geometry.rows = made.rows;
  info.geometry.slices = made.slices;
  info.geometry.frame_of_reference_uid = made.frame_of_reference_uid;
  info.geometry.patient_from_voxel = {{made.in_plane_mm, 0, 0},
                                      {0, 0, -made.in_plane_mm},
                                      {0, made.slice_mm, 0},
                                      {made.first_x_mm, made.first_y_mm, made.top_mm}};
  for (int k = 0; k < made.slices; ++k) {
    info.frames.push_back({info.series_instance_uid,
                           "1.2",
                           fmt::format("{}.{}", info.series_instance_uid, k),
                           1,
                           {}});
  }
  return info;
}

SeriesInfo MakeSagittal(const MadeSeries& made, int number) {
  SeriesInfo info = Make(made, number);
  VolumeGeometry& g = info.geometry;
  const double width_mm = made.columns * made.in_plane_mm;
  const double depth_mm = made.slices * made.slice_mm;
  g.columns = static_cast<int>(depth_mm / made.in_plane_mm);
  g.slices = static_cast<int>(width_mm / made.slice_mm);
  g.patient_from_voxel.step_i = {0, made.in_plane_mm, 0};
  g.patient_from_voxel.step_k = {-made.slice_mm, 0, 0};
  g.patient_from_voxel.origin.x = made.first_x_mm + (g.slices - 1) * made.slice_mm;
  info.frames.clear();
  for (int k = 0; k < g.slices; ++k) {
    info.frames.push_back({info.series_instance_uid,
                           "1.2",
                           fmt::format("{}.{}", info.series_instance_uid, k),
                           1,
                           {}});
  }
  return info;
}

Study StudyOf(const std::vector<MadeSeries>& series) {
  Study study;
  study.study_instance_uid = "1.2.3";
  int number = 1;
  for (const MadeSeries& made : series) study.series.push_back(Make(made, number++));
  return study;
}

float Pattern(Vec3 p) {
  return static_cast<float>(200 + 60 * std::sin(p.x / 11 + p.z / 37) + 50 * std::cos(p.z / 17) +
                            30 * std::sin(p.y / 15 + p.x / 23));
}

Result<ImageVolume> LoadPattern(const SeriesInfo& info, RunContext&) {
  Volume<float> voxels(info.geometry);
  const VolumeGeometry& g = info.geometry;
  const double gain = 1 + 0.5 * (info.series_number - 1);
  for (int k = 0; k < g.slices; ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        const Vec3 at = g.patient_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        voxels.At(i, j, k) = static_cast<float>(gain * Pattern(at));
      }
    }
  }
  return ImageVolume{info, std::move(voxels)};
}

}  // namespace osteon::testing
