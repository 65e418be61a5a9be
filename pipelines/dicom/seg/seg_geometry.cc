// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/seg/seg_geometry.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipelines/dicom/dataset/attributes.h"

namespace osteon {
namespace {

// Direction cosines and spacing are checked as in an image: finite, unit length and orthogonal
// within 1 %.
bool IsSquareBasis(Vec3 row, Vec3 column) {
  return std::abs(Norm(row) - 1) < 0.01 && std::abs(Norm(column) - 1) < 0.01 &&
         std::abs(Dot(row, column)) < 0.01;
}

bool IsLength(double mm) { return mm > 0 && mm < 1000; }  // False for NaN.

std::optional<Vec3> ToVec3(const std::vector<double>& v, std::size_t first) {
  if (v.size() < first + 3) return std::nullopt;
  const Vec3 out{v[first], v[first + 1], v[first + 2]};
  const bool sane = std::isfinite(Norm(out)) && Norm(out) < 1e6;
  return sane ? std::optional(out) : std::nullopt;
}

// The plane of one frame. When the file does not state the slice's extent, step_k has length 1 and
// `has_extent` is false.
struct PlaneRead {
  Affine patient_from_voxel;
  bool has_extent = false;
};

Result<PlaneRead> ReadPlane(const FrameAttributes& frame, const std::string& what) {
  const auto position =
      ToVec3(frame.Numbers(DCM_PlanePositionSequence, DCM_ImagePositionPatient), 0);
  if (!position) {
    return frame.Has(DCM_PlanePositionSlideSequence, DCM_XOffsetInSlideCoordinateSystem)
               ? Unsupported(what + ": has slide coordinates, not patient coordinates")
               : InvalidInput(what + ": Image Position (Patient) (0020,0032) is missing or absurd");
  }
  const auto cosines = frame.Numbers(DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient);
  const auto row = ToVec3(cosines, 0), column = ToVec3(cosines, 3);
  if (!row || !column || !IsSquareBasis(*row, *column)) {
    return InvalidInput(what + ": Image Orientation (Patient) (0020,0037) is missing or absurd");
  }
  const auto spacing = frame.Numbers(DCM_PixelMeasuresSequence, DCM_PixelSpacing);
  if (spacing.size() != 2 || !IsLength(spacing[0]) || !IsLength(spacing[1])) {
    return InvalidInput(what + ": Pixel Spacing (0028,0030) is missing or absurd");
  }
  PlaneRead plane;
  double extent_mm = 1;
  for (const DcmTagKey& tag : {DCM_SpacingBetweenSlices, DCM_SliceThickness}) {
    const auto value = frame.Number(DCM_PixelMeasuresSequence, tag);
    if (plane.has_extent || !value || !IsLength(std::abs(*value))) continue;
    extent_mm = std::abs(*value);
    plane.has_extent = true;
  }
  plane.patient_from_voxel = {spacing[1] * Unit(*row), spacing[0] * Unit(*column),
                              extent_mm * Unit(Cross(*row, *column)), *position};
  return plane;
}

// The smallest distance between two planes along the normal of the first; 0 when all are at the
// same position.
double SmallestPlaneDistanceMm(const std::vector<PlaneRead>& planes) {
  std::vector<double> offsets;
  offsets.reserve(planes.size());
  const Vec3 normal = Unit(planes.front().patient_from_voxel.step_k);
  for (const PlaneRead& plane : planes) {
    offsets.push_back(Dot(plane.patient_from_voxel.origin, normal));
  }
  std::sort(offsets.begin(), offsets.end());
  double smallest = 0;
  for (std::size_t n = 1; n < offsets.size(); ++n) {
    const double distance = offsets[n] - offsets[n - 1];
    if (distance > 0.01 && (smallest == 0 || distance < smallest)) smallest = distance;
  }
  return smallest;
}

Status CompleteExtents(std::vector<PlaneRead>& planes, const std::string& name) {
  const auto lacking = [](const PlaneRead& plane) { return !plane.has_extent; };
  if (std::none_of(planes.begin(), planes.end(), lacking)) return {};
  const double distance_mm = SmallestPlaneDistanceMm(planes);
  if (!IsLength(distance_mm)) {
    return InvalidInput(name + ": Slice Thickness (0018,0050) and Spacing Between Slices " +
                        "(0018,0088) are missing, and the planes do not determine them");
  }
  for (PlaneRead& plane : planes) {
    if (!plane.has_extent) {
      plane.patient_from_voxel.step_k = distance_mm * plane.patient_from_voxel.step_k;
    }
  }
  return {};
}

}  // namespace

Result<SegFramePlan> PlanSegFrames(DcmItem& dataset, int frames, const std::string& name) {
  SegFramePlan plan;
  std::vector<PlaneRead> planes;
  for (int n = 0; n < frames; ++n) {
    const FrameAttributes attributes(dataset, static_cast<unsigned long>(n));
    const std::string what = fmt::format("{}: frame {}", name, n + 1);
    auto plane = ReadPlane(attributes, what);
    if (!plane) return std::move(plane).error();
    const auto number =
        attributes.Number(DCM_SegmentIdentificationSequence, DCM_ReferencedSegmentNumber);
    if (!number || !(*number >= 1 && *number <= 65535)) {
      return InvalidInput(what + ": Referenced Segment Number (0062,000B) is missing or absurd");
    }
    planes.push_back(*plane);
    plan.segment_numbers.push_back(static_cast<int>(*number));
  }
  if (Status extents = CompleteExtents(planes, name); !extents) {
    return std::move(extents).error();
  }
  for (const PlaneRead& plane : planes) {
    plan.patient_from_voxel.push_back(plane.patient_from_voxel);
  }
  return plan;
}

}  // namespace osteon
