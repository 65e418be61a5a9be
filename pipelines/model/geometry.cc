// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/geometry.h"

#include <algorithm>
#include <cmath>

#include "pipelines/base/result.h"

namespace osteon {
namespace {

std::array<Vec3, 8> Corners(const VolumeGeometry& g) {
  std::array<Vec3, 8> corners;
  for (unsigned c = 0; c < 8; ++c) {
    const Vec3 voxel{(c & 1U) != 0 ? g.columns - 1.0 : 0.0, (c & 2U) != 0 ? g.rows - 1.0 : 0.0,
                     (c & 4U) != 0 ? g.slices - 1.0 : 0.0};
    corners[c] = g.patient_from_voxel(voxel);
  }
  return corners;
}

}  // namespace

double Norm(Vec3 v) { return std::sqrt(Dot(v, v)); }

Vec3 Unit(Vec3 v) { return (1.0 / Norm(v)) * v; }

double Determinant(const Affine& a) { return Dot(a.step_i, Cross(a.step_j, a.step_k)); }

Affine Inverse(const Affine& a) {
  const double det = Determinant(a);
  Check(det != 0, "Inverse of a flat Affine");
  // Rows of the inverse are the cross products of the columns over the determinant.
  const Vec3 r0 = (1 / det) * Cross(a.step_j, a.step_k);
  const Vec3 r1 = (1 / det) * Cross(a.step_k, a.step_i);
  const Vec3 r2 = (1 / det) * Cross(a.step_i, a.step_j);
  Affine inverse;
  inverse.step_i = {r0.x, r1.x, r2.x};
  inverse.step_j = {r0.y, r1.y, r2.y};
  inverse.step_k = {r0.z, r1.z, r2.z};
  inverse.origin = {-Dot(r0, a.origin), -Dot(r1, a.origin), -Dot(r2, a.origin)};
  return inverse;
}

Vec3 VolumeGeometry::spacing_mm() const {
  return {Norm(patient_from_voxel.step_i), Norm(patient_from_voxel.step_j),
          Norm(patient_from_voxel.step_k)};
}

double VolumeGeometry::voxel_ml() const {
  return std::abs(Determinant(patient_from_voxel)) / 1000.0;
}

bool SameGrid(const VolumeGeometry& a, const VolumeGeometry& b, double tolerance_mm) {
  if (a.columns != b.columns || a.rows != b.rows || a.slices != b.slices ||
      a.frame_of_reference_uid != b.frame_of_reference_uid) {
    return false;
  }
  const auto corners_a = Corners(a);
  const auto corners_b = Corners(b);
  for (std::size_t c = 0; c < corners_a.size(); ++c) {
    if (Norm(corners_a[c] - corners_b[c]) > tolerance_mm) return false;
  }
  return true;
}

Plane PlaneOf(const VolumeGeometry& g) {
  constexpr double kCos30 = 0.866;  // Chosen: oblique beyond 30 degrees.
  const Vec3 n = Unit(Cross(g.patient_from_voxel.step_i, g.patient_from_voxel.step_j));
  if (std::abs(n.y) > kCos30) return Plane::kCoronal;
  if (std::abs(n.x) > kCos30) return Plane::kSagittal;
  if (std::abs(n.z) > kCos30) return Plane::kAxial;
  return Plane::kOblique;
}

PatientBox BoundingBox(const VolumeGeometry& g) {
  const auto corners = Corners(g);
  PatientBox box{corners[0], corners[0]};
  for (const Vec3& c : corners) {
    box.low = {std::min(box.low.x, c.x), std::min(box.low.y, c.y), std::min(box.low.z, c.z)};
    box.high = {std::max(box.high.x, c.x), std::max(box.high.y, c.y), std::max(box.high.z, c.z)};
  }
  return box;
}

}  // namespace osteon
