// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/series/body_grid.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pipelines/base/result.h"

namespace osteon {
namespace {

// Directions of +i, +j, +k: to the patient's left, to the feet, to the back.
constexpr std::array<Vec3, 3> kCanonical = {{{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};

// How far, in slices of the grid, a slice of a station may drift over its own extent, and the last
// slice over the whole stack, and still be one slice of the grid. Chosen: far below the half slice
// that a station is moved by at most, far above rounding in files.
constexpr double kParallelToleranceSlices = 0.1;

// Outside of every patient coordinate, mm.
constexpr double kFarMm = 1e9;

std::array<Vec3, 3> StepsAlongOwnAxes(const VolumeGeometry& g) {
  const Affine& a = g.patient_from_voxel;
  std::array<Vec3, 3> own = {a.step_i, a.step_j, a.step_k};
  std::array<Vec3, 3> steps;
  std::array<bool, 3> used{};
  for (std::size_t c = 0; c < 3; ++c) {
    std::size_t best = 3;
    double best_cosine = -1;
    for (std::size_t s = 0; s < 3; ++s) {
      const double cosine = std::abs(Dot(Unit(own[s]), kCanonical[c]));
      if (used[s] || cosine <= best_cosine) continue;
      best = s;
      best_cosine = cosine;
    }
    used[best] = true;
    steps[c] = (Dot(own[best], kCanonical[c]) < 0 ? -1.0 : 1.0) * own[best];
  }
  return steps;
}

std::array<Vec3, 3> StepsAlongPatient(const VolumeGeometry& g, const BodyGridOptions& options) {
  const Vec3 spacing = g.spacing_mm();
  const double finest_mm = std::min({spacing.x, spacing.y, spacing.z});
  const double in_plane_mm =
      std::clamp(finest_mm, options.min_in_plane_mm, options.max_in_plane_mm);
  return {in_plane_mm * kCanonical[0], in_plane_mm * kCanonical[1],
          options.slice_spacing_mm * kCanonical[2]};
}

std::array<Vec3, 8> CornersInGrid(const Affine& grid_from_patient, const VolumeGeometry& g) {
  std::array<Vec3, 8> corners;
  for (unsigned c = 0; c < 8; ++c) {
    const Vec3 voxel{(c & 1U) != 0 ? g.columns - 1.0 : 0.0, (c & 2U) != 0 ? g.rows - 1.0 : 0.0,
                     (c & 4U) != 0 ? g.slices - 1.0 : 0.0};
    corners[c] = grid_from_patient(g.patient_from_voxel(voxel));
  }
  return corners;
}

struct Range {
  Vec3 low{kFarMm, kFarMm, kFarMm}, high{-kFarMm, -kFarMm, -kFarMm};
};

void Extend(Range& range, const Affine& grid_from_patient, const VolumeGeometry& g) {
  for (const Vec3& c : CornersInGrid(grid_from_patient, g)) {
    range.low = {std::min(range.low.x, c.x), std::min(range.low.y, c.y),
                 std::min(range.low.z, c.z)};
    range.high = {std::max(range.high.x, c.x), std::max(range.high.y, c.y),
                  std::max(range.high.z, c.z)};
  }
}

// First and last lattice index within the range, rounded to the nearest: files round positions.
int FirstIndex(double low) { return static_cast<int>(std::ceil(low - 0.5)); }
int LastIndex(double high) { return static_cast<int>(std::floor(high + 0.5)); }

}  // namespace

int SlabFactor(const VolumeGeometry& station, const BodyGridOptions& options) {
  const double spacing_mm = station.spacing_mm().z;
  if (PlaneOf(station) != Plane::kCoronal || spacing_mm >= options.thin_slice_mm) return 1;
  return std::max(1, static_cast<int>(std::lround(options.slab_spacing_mm / spacing_mm)));
}

VolumeGeometry BodyGrid(const std::vector<VolumeGeometry>& stations,
                        const BodyGridOptions& options) {
  Check(!stations.empty(), "BodyGrid of no station");
  const VolumeGeometry& reference = stations.front();
  const auto steps = PlaneOf(reference) == Plane::kCoronal ? StepsAlongOwnAxes(reference)
                                                           : StepsAlongPatient(reference, options);
  // The lattice goes through a voxel of the reference, so that its voxels are voxels of the grid.
  const Affine lattice{steps[0], steps[1], steps[2], reference.patient_from_voxel.origin};
  const Affine lattice_from_patient = Inverse(lattice);
  Range range;
  for (const VolumeGeometry& s : stations) Extend(range, lattice_from_patient, s);
  const Vec3 first{static_cast<double>(FirstIndex(range.low.x)),
                   static_cast<double>(FirstIndex(range.low.y)),
                   static_cast<double>(FirstIndex(range.low.z))};
  VolumeGeometry grid;
  grid.columns = LastIndex(range.high.x) - static_cast<int>(first.x) + 1;
  grid.rows = LastIndex(range.high.y) - static_cast<int>(first.y) + 1;
  grid.slices = LastIndex(range.high.z) - static_cast<int>(first.z) + 1;
  grid.patient_from_voxel = lattice;
  grid.patient_from_voxel.origin = lattice(first);
  grid.frame_of_reference_uid = reference.frame_of_reference_uid;
  return grid;
}

GridBox BoxOf(const VolumeGeometry& grid, const VolumeGeometry& station) {
  Range range;
  Extend(range, Inverse(grid.patient_from_voxel), station);
  const auto clip = [](int index, int size) { return std::clamp(index, 0, size); };
  GridBox box;
  box.first[0] = clip(FirstIndex(range.low.x), grid.columns);
  box.first[1] = clip(FirstIndex(range.low.y), grid.rows);
  box.first[2] = clip(FirstIndex(range.low.z), grid.slices);
  box.end[0] = std::max(box.first[0], clip(LastIndex(range.high.x) + 1, grid.columns));
  box.end[1] = std::max(box.first[1], clip(LastIndex(range.high.y) + 1, grid.rows));
  box.end[2] = std::max(box.first[2], clip(LastIndex(range.high.z) + 1, grid.slices));
  return box;
}

VolumeGeometry SubGrid(const VolumeGeometry& grid, const GridBox& box) {
  VolumeGeometry sub = grid;
  sub.columns = box.end[0] - box.first[0];
  sub.rows = box.end[1] - box.first[1];
  sub.slices = box.end[2] - box.first[2];
  sub.patient_from_voxel.origin =
      grid.patient_from_voxel({static_cast<double>(box.first[0]), static_cast<double>(box.first[1]),
                               static_cast<double>(box.first[2])});
  return sub;
}

Snapped SnapSlices(const VolumeGeometry& grid, const VolumeGeometry& station) {
  const Affine grid_from_patient = Inverse(grid.patient_from_voxel);
  Affine steps_only = grid_from_patient;
  steps_only.origin = {};
  const Vec3 step_k = steps_only(station.patient_from_voxel.step_k);
  // Each slice of the station must be one slice of the grid, over the whole stack.
  const double tolerance = kParallelToleranceSlices / std::max(1, station.slices);
  const bool parallel = std::abs(std::abs(step_k.z) - 1) < tolerance &&
                        std::abs(step_k.x) < tolerance && std::abs(step_k.y) < tolerance;
  const bool flat =
      std::abs(steps_only(station.patient_from_voxel.step_i).z) * std::max(1, station.columns) <
          kParallelToleranceSlices &&
      std::abs(steps_only(station.patient_from_voxel.step_j).z) * std::max(1, station.rows) <
          kParallelToleranceSlices;
  if (!parallel || !flat) return {station, 0};
  const double offset = grid_from_patient(station.patient_from_voxel.origin).z;
  const double move = std::round(offset) - offset;
  Snapped snapped{station, std::abs(move) * Norm(grid.patient_from_voxel.step_k)};
  snapped.geometry.patient_from_voxel.origin =
      station.patient_from_voxel.origin + move * grid.patient_from_voxel.step_k;
  return snapped;
}

}  // namespace osteon
