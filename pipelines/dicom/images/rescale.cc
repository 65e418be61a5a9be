// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/images/rescale.h"

#include <cmath>
#include <string>

#include "pipelines/dicom/images/adc_unit.h"

namespace osteon {
namespace {

const DcmTagKey kNoGroup(0xFFFF, 0xFFFF);

// Up to 1e9: the square of the largest voxel (32 bits) is then still a float.
constexpr double kMost = 1e9;

Result<double> ReadScale(const FrameAttributes& attributes, const DcmTagKey& tag, const char* name,
                         double when_absent) {
  const auto text = attributes.Text(DCM_PixelValueTransformationSequence, tag);
  if (!text) return when_absent;
  const auto value = attributes.Number(DCM_PixelValueTransformationSequence, tag);
  if (value && std::abs(*value) <= kMost) return *value;  // False for NaN.
  return InvalidInput(std::string(name) + " is not a number up to 1e9; send the file again");
}

std::string TextOf(const FrameAttributes& attributes, const DcmTagKey& group,
                   const DcmTagKey& tag) {
  return attributes.Text(group, tag).value_or("");
}

// Reads the values after the first two of Image Type or Frame Type (0008,9007).
bool IsMap(const FrameAttributes& attributes) {
  std::string type = TextOf(attributes, DCM_MRImageFrameTypeSequence, DCM_FrameType);
  if (type.empty()) type = TextOf(attributes, kNoGroup, DCM_ImageType);
  for (std::size_t value = 0, at = 0; at <= type.size(); ++value) {
    const std::size_t end = std::min(type.find('\\', at), type.size());
    const std::string word = type.substr(at, end - at);
    at = end + 1;
    if (value < 2) continue;
    for (const char* map : {"P", "PHASE", "FA", "FF", "R2", "R2_STAR", "VELOCITY"}) {
      if (word == map) return true;
    }
    for (const char* part : {"ADC", "MAP", "ANISO", "FRACTION"}) {
      if (word.find(part) != std::string::npos) return true;
    }
  }
  return false;
}

// Philips writes "normalized", others "US" (unspecified).
bool HasUnit(const std::string& rescale_type) {
  return !rescale_type.empty() && rescale_type != "normalized" && rescale_type != "US";
}

// From the first Real World Value Mapping whose unit is a diffusivity.
std::optional<Rescale> RealWorldDiffusivity(const FrameAttributes& attributes) {
  for (DcmItem* mapping : attributes.Items(DCM_RealWorldValueMappingSequence)) {
    DcmItem* units = FirstItem(*mapping, DCM_MeasurementUnitsCodeSequence);
    const auto slope = ReadNumber(*mapping, DCM_RealWorldValueSlope);
    const auto intercept = ReadNumber(*mapping, DCM_RealWorldValueIntercept);
    if (units == nullptr || !slope || !intercept) continue;
    if (!(*slope != 0 && std::abs(*slope) <= kMost && std::abs(*intercept) <= kMost)) continue;
    for (const DcmTagKey& tag : {DCM_CodeValue, DCM_CodeMeaning}) {
      const auto unit = DiffusivityUnit(ReadText(*units, tag).value_or(""));
      if (unit) return Rescale{*slope, *intercept, unit};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Rescale> ReadRescale(const FrameAttributes& attributes, ValueKind kind) {
  if (kind == ValueKind::kAdc) {
    if (const auto mapped = RealWorldDiffusivity(attributes)) return *mapped;
  }
  const auto slope = ReadScale(attributes, DCM_RescaleSlope, "Rescale Slope (0028,1053)", 1);
  if (!slope) return slope.error();
  const auto intercept =
      ReadScale(attributes, DCM_RescaleIntercept, "Rescale Intercept (0028,1052)", 0);
  if (!intercept) return intercept.error();
  Rescale rescale{*slope == 0 ? 1 : *slope, *intercept, std::nullopt};
  const std::string type =
      TextOf(attributes, DCM_PixelValueTransformationSequence, DCM_RescaleType);
  if (kind == ValueKind::kAdc) {
    rescale.um2_per_s = DiffusivityUnit(type);
    return rescale;
  }
  if (IsMap(attributes) || HasUnit(type)) return rescale;
  const auto scale = attributes.PrivateNumber(0x2005, "Philips MR Imaging DD 001", 0x0E);
  if (!scale || !(*scale >= 1e-9 && *scale <= 1e9)) return rescale;
  return Rescale{1 / *scale, rescale.intercept / (rescale.slope * *scale), std::nullopt};
}

}  // namespace osteon
