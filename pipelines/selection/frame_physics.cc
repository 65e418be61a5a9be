// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/frame_physics.h"

#include <algorithm>
#include <cmath>

namespace osteon {
namespace {

constexpr Tag kModifierSequence{0x0018, 0x9115};
constexpr Tag kEchoSequence{0x0018, 0x9114};
constexpr Tag kTimingSequence{0x0018, 0x9112};
constexpr Tag kDiffusionSequence{0x0018, 0x9117};
constexpr Tag kFrameTypeSequence{0x0018, 0x9226};

// Outside of these limits a time is in a wrong unit or a placeholder. Chosen: wider than any
// sequence for the body.
struct Plausible {
  double from_ms, to_ms;
};
constexpr Plausible kEchoTime{0.2, 1000};
constexpr Plausible kRepetitionTime{1, 60'000};
constexpr Plausible kInversionTime{20, 6000};

std::optional<double> Single(const std::vector<double>& values) {
  if (values.size() != 1 || !std::isfinite(values[0])) return std::nullopt;
  return values[0];
}

std::optional<double> TimeMs(const std::vector<double>& values, Plausible range) {
  const auto time = Single(values);
  return time && *time >= range.from_ms && *time <= range.to_ms ? time : std::nullopt;
}

// GE adds this to b-values since software DV25.
constexpr double kGeBOffset = 1e9;
// Private blocks that are searched. Chosen: of 10 to FF (PS3.5 7.8.1) those that are in use.
constexpr std::uint16_t kFirstBlock = 0x10, kEndBlock = 0x20;

// The private b-value, by the creator that reserves the block (PS3.5 7.8.1).
std::optional<double> PrivateBValue(const AttributeSource& a) {
  struct Place {
    std::uint16_t group;
    const char* creator;
    std::uint8_t element;
  };
  // GE: the first of four numbers.
  constexpr Place kPlaces[] = {{0x0019, "SIEMENS MR HEADER", 0x0C},
                               {0x2001, "Philips Imaging DD 001", 0x03},
                               {0x0043, "GEMS_PARM_01", 0x39},
                               {0x0065, "Image Private Header", 0x09}};
  for (const Place& place : kPlaces) {
    for (std::uint16_t block = kFirstBlock; block < kEndBlock; ++block) {
      if (a.Text(kNoGroup, {place.group, block}) != place.creator) continue;
      const auto element = static_cast<std::uint16_t>((block << 8U) | place.element);
      const auto values = a.Numbers(kNoGroup, {place.group, element});
      if (!values.empty() && std::isfinite(values[0])) return std::fmod(values[0], kGeBOffset);
    }
  }
  return std::nullopt;
}

// Scanning Sequence (0018,0020); for enhanced objects, which lack it, the same terms from their own
// attributes.
std::string ScanningSequence(const AttributeSource& a) {
  if (auto classic = a.Text(kNoGroup, {0x0018, 0x0020})) return *classic;
  std::string words;
  const auto add = [&](const char* word) {
    words += (words.empty() ? "" : "\\") + std::string(word);
  };
  const auto pulse = a.Text(kNoGroup, {0x0018, 0x9008}).value_or("");
  if (pulse == "SPIN" || pulse == "BOTH") add("SE");
  if (pulse == "GRADIENT" || pulse == "BOTH") add("GR");
  if (a.Text(kNoGroup, {0x0018, 0x9018}) == "YES") add("EP");
  if (a.Text(kModifierSequence, {0x0018, 0x9009}) == "YES") add("IR");
  return words;
}

std::string ScanOptions(const AttributeSource& a) {
  if (auto classic = a.Text(kNoGroup, {0x0018, 0x0022})) return *classic;
  const auto suppression = a.Text(kModifierSequence, {0x0018, 0x9025}).value_or("");
  return suppression.find("FAT") != std::string::npos ? "FS" : "";
}

// Whether a contrast agent is stated. De-identifiers and forms fill in a word for none.
bool NamesAnAgent(const AttributeSource& a) {
  if (a.Has(kNoGroup, {0x0018, 0x0012})) return true;
  std::string agent = a.Text(kNoGroup, {0x0018, 0x0010}).value_or("");
  std::transform(agent.begin(), agent.end(), agent.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr const char* kNone[] = {"",    "no", "none", "nein", "ohne",
                                   "nil", "0",  "-",    "n",    "without"};
  return std::find(std::begin(kNone), std::end(kNone), agent) == std::end(kNone);
}

// Drops a TI or TE that is not below TR: one sequence cannot have both.
void DropContradictions(Physics& p) {
  const double tr_ms = p.repetition_time_ms.value_or(0);
  if (tr_ms > 0 && p.inversion_time_ms.value_or(0) >= tr_ms) p.inversion_time_ms.reset();
  if (tr_ms > 0 && p.echo_time_ms.value_or(0) >= tr_ms) p.echo_time_ms.reset();
}

}  // namespace

Physics ReadPhysics(const AttributeSource& a) {
  Physics p;
  p.repetition_time_ms = TimeMs(a.Numbers(kTimingSequence, {0x0018, 0x0080}), kRepetitionTime);
  p.echo_time_ms = TimeMs(a.Numbers(kEchoSequence, {0x0018, 0x9082}), kEchoTime);
  if (!p.echo_time_ms) p.echo_time_ms = TimeMs(a.Numbers(kNoGroup, {0x0018, 0x0081}), kEchoTime);
  p.inversion_time_ms = TimeMs(a.Numbers(kModifierSequence, {0x0018, 0x9079}), kInversionTime);
  if (!p.inversion_time_ms) {
    p.inversion_time_ms = TimeMs(a.Numbers(kNoGroup, {0x0018, 0x0082}), kInversionTime);
  }
  DropContradictions(p);
  p.field_strength_t = Single(a.Numbers(kNoGroup, {0x0018, 0x0087}));
  p.b_value_s_per_mm2 = Single(a.Numbers(kDiffusionSequence, {0x0018, 0x9087}));
  if (!p.b_value_s_per_mm2) p.b_value_s_per_mm2 = PrivateBValue(a);
  p.manufacturer = a.Text(kNoGroup, {0x0008, 0x0070}).value_or("");
  p.scanning_sequence = ScanningSequence(a);
  p.sequence_name = a.Text(kNoGroup, {0x0018, 0x0024}).value_or("");
  if (p.sequence_name.empty()) p.sequence_name = a.Text(kNoGroup, {0x0018, 0x9005}).value_or("");
  p.protocol_name = a.Text(kNoGroup, {0x0018, 0x1030}).value_or("");
  p.scan_options = ScanOptions(a);
  p.image_type = a.Text(kFrameTypeSequence, {0x0008, 0x9007}).value_or("");
  if (p.image_type.empty()) p.image_type = a.Text(kNoGroup, {0x0008, 0x0008}).value_or("");
  p.complex_component = a.Text(kFrameTypeSequence, {0x0008, 0x9208}).value_or("");
  p.acquisition_contrast = a.Text(kFrameTypeSequence, {0x0008, 0x9209}).value_or("");
  p.contrast_agent = NamesAnAgent(a);
  return p;
}

}  // namespace osteon
