// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/frame_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "pipelines/base/version.h"
#include "pipelines/selection/frame_physics.h"

namespace osteon {
namespace {

constexpr Tag kPlanePositionSequence{0x0020, 0x9113};
constexpr Tag kPlaneOrientationSequence{0x0020, 0x9116};
constexpr Tag kPixelMeasuresSequence{0x0028, 0x9110};
constexpr Tag kFrameContentSequence{0x0020, 0x9111};
constexpr Tag kImagePositionPatient{0x0020, 0x0032};
constexpr Tag kImageOrientationPatient{0x0020, 0x0037};
constexpr Tag kPixelSpacing{0x0028, 0x0030};
constexpr Tag kSliceThickness{0x0018, 0x0050};
constexpr Tag kSpacingBetweenSlices{0x0018, 0x0088};

// Pixel spacing, mm. Chosen: holds every MRI of a body.
constexpr double kMinPixelMm = 0.05, kMaxPixelMm = 50;
// How far direction cosines may be from perpendicular unit vectors. Chosen: above rounding in
// files.
constexpr double kCosineTolerance = 0.01;

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

int WholeNumber(const AttributeSource& a, Tag group, Tag tag) {
  const auto numbers = a.Numbers(group, tag);
  if (numbers.empty() || numbers[0] != std::floor(numbers[0]) ||
      std::abs(numbers[0]) > std::numeric_limits<int>::max()) {
    return 0;
  }
  return static_cast<int>(numbers[0]);
}

double LengthMm(const AttributeSource& a, Tag tag) {
  const auto numbers = a.Numbers(kPixelMeasuresSequence, tag);
  return !numbers.empty() && std::isfinite(numbers[0]) && numbers[0] > 0 ? numbers[0] : 0.0;
}

// Rows and Columns are unsigned short (PS3.6): up to 65,535.
std::string SizeProblem(const FrameHeader& frame) {
  for (const auto& [name, value] :
       {std::pair{"Rows (0028,0010)", frame.rows}, {"Columns (0028,0011)", frame.columns}}) {
    if (value < 1 || value > std::numeric_limits<std::uint16_t>::max())
      return std::string(name) + " is missing or not a number from 1 to 65535";
  }
  return {};
}

std::string ReadGeometry(const AttributeSource& a, FrameHeader& frame) {
  const auto position = a.Numbers(kPlanePositionSequence, kImagePositionPatient);
  const auto cosines = a.Numbers(kPlaneOrientationSequence, kImageOrientationPatient);
  const auto spacing = a.Numbers(kPixelMeasuresSequence, kPixelSpacing);
  if (position.size() != 3 || !AllFinite(position)) {
    return "Image Position (Patient) (0020,0032) is missing or not three numbers";
  }
  if (cosines.size() != 6 || !AllFinite(cosines)) {
    return "Image Orientation (Patient) (0020,0037) is missing or not six numbers";
  }
  const auto plausible = [](double mm) { return mm >= kMinPixelMm && mm <= kMaxPixelMm; };
  if (spacing.size() != 2 || !plausible(spacing[0]) || !plausible(spacing[1])) {
    return "Pixel Spacing (0028,0030) is missing or not two lengths between 0.05 and 50 mm";
  }
  const Vec3 row{cosines[0], cosines[1], cosines[2]};
  const Vec3 column{cosines[3], cosines[4], cosines[5]};
  if (std::abs(Norm(row) - 1) > kCosineTolerance || std::abs(Norm(column) - 1) > kCosineTolerance ||
      std::abs(Dot(row, column)) > kCosineTolerance) {
    return "Image Orientation (Patient) (0020,0037) is not two perpendicular unit vectors";
  }
  frame.position_mm = {position[0], position[1], position[2]};
  frame.row_direction = Unit(row);
  frame.column_direction = Unit(column);
  frame.row_spacing_mm = spacing[0];
  frame.column_spacing_mm = spacing[1];
  frame.slice_thickness_mm = LengthMm(a, kSliceThickness);
  frame.spacing_between_slices_mm = LengthMm(a, kSpacingBetweenSlices);
  return {};
}

}  // namespace

std::string ReadFrame(const AttributeSource& a, FrameHeader& frame) {
  const auto text = [&](Tag tag) { return a.Text(kNoGroup, tag).value_or(std::string()); };
  frame.series_instance_uid = text({0x0020, 0x000E});
  frame.source.series_instance_uid = frame.series_instance_uid;
  frame.frame_of_reference_uid = text({0x0020, 0x0052});
  frame.patient_position = text({0x0018, 0x5100});
  frame.series_number = WholeNumber(a, kNoGroup, {0x0020, 0x0011});
  frame.instance_number = WholeNumber(a, kNoGroup, {0x0020, 0x0013});
  frame.acquisition_number = WholeNumber(a, kNoGroup, {0x0020, 0x0012});
  frame.rows = WholeNumber(a, kNoGroup, {0x0028, 0x0010});
  frame.columns = WholeNumber(a, kNoGroup, {0x0028, 0x0011});
  frame.stack_id = a.Text(kFrameContentSequence, {0x0020, 0x9056}).value_or(std::string());
  frame.temporal_position = WholeNumber(a, kFrameContentSequence, {0x0020, 0x9128});
  frame.physics = ReadPhysics(a);
  frame.kind = KindOf(frame.physics.image_type, frame.physics.complex_component);
  const std::string size_problem = SizeProblem(frame);
  return size_problem.empty() ? ReadGeometry(a, frame) : size_problem;
}

std::string NotAnMrImage(const std::string& sop_class_uid, const std::string& modality,
                         const std::string& manufacturer) {
  constexpr std::array<std::string_view, 3> kMrClasses = {
      "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.4.4"};
  if (manufacturer == kManufacturer) return "a result of Osteon itself";
  if (std::find(kMrClasses.begin(), kMrClasses.end(), sop_class_uid) == kMrClasses.end()) {
    return "not an MR image: SOP class " +
           (sop_class_uid.empty() ? std::string("missing") : sop_class_uid) + ", modality " +
           (modality.empty() ? std::string("missing") : modality);
  }
  return {};
}

}  // namespace osteon
