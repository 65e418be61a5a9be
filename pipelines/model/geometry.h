// SPDX-License-Identifier: GPL-3.0-or-later
// Where voxels are in the patient. Patient frame: DICOM LPS, millimetres (x to the patient's left,
// y to the back, z to the head; PS3.3 C.7.6.2.1.1). Voxel indices are (i, j, k) = (column, row,
// slice), integers at voxel centres.
#pragma once

#include <array>
#include <string>

namespace osteon {

struct Vec3 {
  double x = 0, y = 0, z = 0;
  friend bool operator==(const Vec3&, const Vec3&) = default;
};

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(double s, Vec3 v) { return {s * v.x, s * v.y, s * v.z}; }
inline double Dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 Cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
double Norm(Vec3 v);
// REQUIRES: v is not zero.
Vec3 Unit(Vec3 v);

// y = linear * x + origin; the columns of `linear` are the steps (mm) of one voxel along i, j and
// k.
struct Affine {
  Vec3 step_i{1, 0, 0}, step_j{0, 1, 0}, step_k{0, 0, 1};
  Vec3 origin;
  friend bool operator==(const Affine&, const Affine&) = default;

  Vec3 operator()(Vec3 p) const { return origin + p.x * step_i + p.y * step_j + p.z * step_k; }
};

// REQUIRES: the steps are not in one plane (a VolumeGeometry from the reader never is).
Affine Inverse(const Affine& a);
double Determinant(const Affine& a);

enum class Plane { kCoronal, kSagittal, kAxial, kOblique };

struct VolumeGeometry {
  int columns = 0, rows = 0, slices = 0;
  Affine patient_from_voxel;
  std::string frame_of_reference_uid;

  std::size_t VoxelCount() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) *
           static_cast<std::size_t>(slices);
  }
  // Distance of neighbouring voxel centres along i, j, k.
  Vec3 spacing_mm() const;
  double voxel_ml() const;
};

// Same grid: sizes equal, frames of reference equal, and every corner within `tolerance_mm`.
bool SameGrid(const VolumeGeometry& a, const VolumeGeometry& b, double tolerance_mm = 0.01);

// By the slice normal; a tilt of up to 30 degrees still counts (chosen: coronal whole-body stacks
// follow the back).
Plane PlaneOf(const VolumeGeometry& g);

// The box of all voxel centres in the patient.
struct PatientBox {
  Vec3 low, high;
};
PatientBox BoundingBox(const VolumeGeometry& g);

}  // namespace osteon
