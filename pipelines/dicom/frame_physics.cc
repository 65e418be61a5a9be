// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/dicom/frame_physics.h"

#include <cmath>

namespace osteon {
namespace {

// No functional group: the attribute lives in the dataset (or in what was converted from it).
const DcmTagKey kNoGroup(0xFFFF, 0xFFFF);

std::optional<double> Finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

// The scanner's private b-value, by the creator's block (x0 of the group names it). Only blocks at
// 10xx are looked at, where all three vendors put them.
std::optional<double> PrivateBValue(const FrameAttributes& a) {
  // Siemens "SIEMENS MR HEADER" (0019,xx0C); UIH writes (0065,xx09).
  if (a.Text(kNoGroup, DcmTagKey(0x0019, 0x0010)) == "SIEMENS MR HEADER") {
    return a.Number(kNoGroup, DcmTagKey(0x0019, 0x100C));
  }
  // Philips "Philips Imaging DD 001" (2001,xx03).
  if (a.Text(kNoGroup, DcmTagKey(0x2001, 0x0010)) == "Philips Imaging DD 001") {
    return a.Number(kNoGroup, DcmTagKey(0x2001, 0x1003));
  }
  // GE "GEMS_PARM_01" (0043,xx39): the first of four numbers, since DV25 with 10^9 added.
  if (a.Text(kNoGroup, DcmTagKey(0x0043, 0x0010)) == "GEMS_PARM_01") {
    const auto values = a.Numbers(kNoGroup, DcmTagKey(0x0043, 0x1039));
    if (!values.empty()) return std::fmod(values[0], 1e9);
  }
  return std::nullopt;
}

// Enhanced objects have no Scanning Sequence (0018,0020); the same words from their own attributes.
std::string ScanningSequence(const FrameAttributes& a) {
  if (auto classic = a.Text(kNoGroup, DCM_ScanningSequence)) return *classic;
  std::string words;
  const auto add = [&](const char* word) {
    words += (words.empty() ? "" : "\\") + std::string(word);
  };
  const auto pulse = a.Text(kNoGroup, DCM_EchoPulseSequence).value_or("");
  if (pulse == "SPIN" || pulse == "BOTH") add("SE");
  if (pulse == "GRADIENT" || pulse == "BOTH") add("GR");
  if (a.Text(kNoGroup, DCM_EchoPlanarPulseSequence) == "YES") add("EP");
  if (a.Text(DCM_MRModifierSequence, DCM_InversionRecovery) == "YES") add("IR");
  return words;
}

std::string ScanOptions(const FrameAttributes& a) {
  if (auto classic = a.Text(kNoGroup, DCM_ScanOptions)) return *classic;
  const auto suppression =
      a.Text(DCM_MRModifierSequence, DCM_SpectrallySelectedSuppression).value_or("");
  return suppression.find("FAT") != std::string::npos ? "FS" : "";
}

}  // namespace

Physics ReadPhysics(const FrameAttributes& a) {
  Physics p;
  p.repetition_time_ms =
      Finite(a.Number(DCM_MRTimingAndRelatedParametersSequence, DCM_RepetitionTime));
  p.echo_time_ms = Finite(a.Number(DCM_MREchoSequence, DCM_EffectiveEchoTime));
  if (!p.echo_time_ms) p.echo_time_ms = Finite(a.Number(kNoGroup, DCM_EchoTime));
  p.inversion_time_ms = Finite(a.Number(DCM_MRModifierSequence, DCM_InversionTimes));
  if (!p.inversion_time_ms) p.inversion_time_ms = Finite(a.Number(kNoGroup, DCM_InversionTime));
  p.field_strength_t = Finite(a.Number(kNoGroup, DCM_MagneticFieldStrength));
  p.b_value_s_per_mm2 = Finite(a.Number(DCM_MRDiffusionSequence, DCM_DiffusionBValue));
  if (!p.b_value_s_per_mm2) p.b_value_s_per_mm2 = Finite(PrivateBValue(a));
  p.manufacturer = a.Text(kNoGroup, DCM_Manufacturer).value_or("");
  p.scanning_sequence = ScanningSequence(a);
  p.scan_options = ScanOptions(a);
  p.image_type = a.Text(DCM_MRImageFrameTypeSequence, DCM_FrameType).value_or("");
  if (p.image_type.empty()) p.image_type = a.Text(kNoGroup, DCM_ImageType).value_or("");
  p.acquisition_contrast =
      a.Text(DCM_MRImageFrameTypeSequence, DCM_AcquisitionContrast).value_or("");
  p.contrast_agent =
      a.Has(kNoGroup, DCM_ContrastBolusAgent) || a.Has(kNoGroup, DCM_ContrastBolusAgentSequence);
  return p;
}

}  // namespace osteon
