// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/frame_kind.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace osteon {
namespace {

struct Term {
  std::string_view text;
  FrameKind kind;
};

// Terms with a meaning anywhere from the third value of Image Type on.
constexpr std::array kTerms = {
    Term{"W", FrameKind::kWater},
    Term{"WATER", FrameKind::kWater},
    Term{"F", FrameKind::kFat},
    Term{"FAT", FrameKind::kFat},
    Term{"IP", FrameKind::kInPhase},
    Term{"IN", FrameKind::kInPhase},
    Term{"INPHASE", FrameKind::kInPhase},
    Term{"IN PHASE", FrameKind::kInPhase},
    Term{"OP", FrameKind::kOpposedPhase},
    Term{"OPP", FrameKind::kOpposedPhase},
    Term{"OUT", FrameKind::kOpposedPhase},
    Term{"OPP PHASE", FrameKind::kOpposedPhase},
    Term{"OPPOSED PHASE", FrameKind::kOpposedPhase},
    Term{"OUTPHASE", FrameKind::kOpposedPhase},
    Term{"OUT PHASE", FrameKind::kOpposedPhase},
    Term{"OUT OF PHASE", FrameKind::kOpposedPhase},
    Term{"PHASE", FrameKind::kPhase},
    Term{"PHASE MAP", FrameKind::kPhase},
    Term{"PHASE SUBTRACT", FrameKind::kPhase},
    Term{"VELOCITY MAP", FrameKind::kPhase},
    Term{"VELOCITY", FrameKind::kPhase},
    Term{"REAL", FrameKind::kPhase},
    Term{"IMAGINARY", FrameKind::kPhase},
    Term{"FF", FrameKind::kMap},
    Term{"FAT FRACTION", FrameKind::kMap},
    Term{"FATFRACTION", FrameKind::kMap},
    Term{"WF", FrameKind::kMap},
    Term{"WATER FRACTION", FrameKind::kMap},
    Term{"R2 STAR", FrameKind::kMap},
    Term{"R2*", FrameKind::kMap},
    Term{"R2STAR", FrameKind::kMap},
    Term{"T2 STAR", FrameKind::kMap},
    Term{"T2*", FrameKind::kMap},
    Term{"T2STAR", FrameKind::kMap},
    Term{"T1 MAP", FrameKind::kMap},
    Term{"T2 MAP", FrameKind::kMap},
    Term{"T2 STAR MAP", FrameKind::kMap},
    Term{"R1 MAP", FrameKind::kMap},
    Term{"R2 MAP", FrameKind::kMap},
    Term{"DENSITY MAP", FrameKind::kMap},
    Term{"PROTON DENSITY MAP", FrameKind::kMap},
    Term{"FIELD MAP", FrameKind::kMap},
    Term{"B0 MAP", FrameKind::kMap},
    Term{"B1 MAP", FrameKind::kMap},
    Term{"B0", FrameKind::kMap},
    Term{"FA", FrameKind::kMap},
    Term{"FRACTIONAL ANISOTROPY", FrameKind::kMap},
    Term{"ADC", FrameKind::kAdc},
    Term{"DIFFUSION MAP", FrameKind::kAdc},
    Term{"EADC", FrameKind::kExponentialAdc},
    Term{"EXPONENTIAL", FrameKind::kExponentialAdc},
    Term{"EXPONENTIAL ADC", FrameKind::kExponentialAdc},
    Term{"TRACE", FrameKind::kTrace},
    Term{"TRACEW", FrameKind::kTrace},
    Term{"MIP", FrameKind::kProjection},
    Term{"MAX IP", FrameKind::kProjection},
    Term{"MINIP", FrameKind::kProjection},
    Term{"MNIP", FrameKind::kProjection},
    Term{"PROJECTION", FrameKind::kProjection},
    Term{"PROJECTION IMAGE", FrameKind::kProjection},
    Term{"SUB", FrameKind::kSubtraction},
    Term{"SUBTRACTION", FrameKind::kSubtraction},
    Term{"MODULUS SUBTRACT", FrameKind::kSubtraction},
};

// Letters that mean a part of the complex signal only where vendors put it: third or fourth value
// (Siemens "ORIGINAL\PRIMARY\P\ND", Philips "ORIGINAL\PRIMARY\R_SE\R\SE").
constexpr std::array<std::string_view, 3> kComplexLetters = {"P", "R", "I"};
constexpr std::array<std::string_view, 3> kComplexPrefixes = {"P ", "R ", "I "};

// Of several terms in one Image Type ("DERIVED\PRIMARY\DIXON\FAT FRACTION") the one with the larger
// weight, the more specific one, counts.
int Weight(FrameKind kind) {
  switch (kind) {
    case FrameKind::kSignal:
      return 0;
    case FrameKind::kTrace:
      return 1;
    case FrameKind::kWater:
    case FrameKind::kFat:
    case FrameKind::kInPhase:
    case FrameKind::kOpposedPhase:
      return 2;
    case FrameKind::kPhase:
    case FrameKind::kMap:
    case FrameKind::kAdc:
    case FrameKind::kExponentialAdc:
    case FrameKind::kProjection:
    case FrameKind::kSubtraction:
      return 3;
  }
  return 0;
}

// Upper case, '_' and '-' as blanks, no blanks at the ends.
std::string Normalised(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c >= 'a' && c <= 'z') {
      text += static_cast<char>(c - 'a' + 'A');
    } else {
      text += c == '_' || c == '-' ? ' ' : c;
    }
  }
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> ValuesOf(std::string_view image_type) {
  std::vector<std::string> values;
  while (true) {
    const auto bar = image_type.find('\\');
    values.push_back(Normalised(image_type.substr(0, bar)));
    if (bar == std::string_view::npos) return values;
    image_type.remove_prefix(bar + 1);
  }
}

bool IsComplexPart(const std::string& value) {
  return std::ranges::find(kComplexLetters, value) != kComplexLetters.end() ||
         std::ranges::any_of(kComplexPrefixes,
                             [&](std::string_view prefix) { return value.starts_with(prefix); });
}

}  // namespace

std::string_view Name(FrameKind kind) {
  switch (kind) {
    case FrameKind::kSignal:
      return "signal";
    case FrameKind::kWater:
      return "Dixon water image";
    case FrameKind::kFat:
      return "Dixon fat image";
    case FrameKind::kInPhase:
      return "Dixon in-phase image";
    case FrameKind::kOpposedPhase:
      return "Dixon opposed-phase image";
    case FrameKind::kPhase:
      return "phase, real or imaginary image";
    case FrameKind::kMap:
      return "map of a computed quantity";
    case FrameKind::kAdc:
      return "apparent diffusion coefficient map";
    case FrameKind::kExponentialAdc:
      return "exponential ADC image";
    case FrameKind::kTrace:
      return "diffusion trace image";
    case FrameKind::kProjection:
      return "projection image";
    case FrameKind::kSubtraction:
      return "subtraction image";
  }
  return "signal";
}

FrameKind KindOf(std::string_view image_type, std::string_view complex_component) {
  const std::string component = Normalised(complex_component);
  if (component == "PHASE" || component == "REAL" || component == "IMAGINARY") {
    return FrameKind::kPhase;
  }
  FrameKind kind = FrameKind::kSignal;
  const std::vector<std::string> values = ValuesOf(image_type);
  for (std::size_t n = 2; n < values.size(); ++n) {
    const auto* term = std::ranges::find(kTerms, values[n], &Term::text);
    if (term != kTerms.end() && Weight(term->kind) > Weight(kind)) kind = term->kind;
    if (n <= 3 && IsComplexPart(values[n]) && Weight(FrameKind::kPhase) > Weight(kind)) {
      kind = FrameKind::kPhase;
    }
  }
  return kind;
}

bool SaysLocaliser(std::string_view image_type) {
  const std::vector<std::string> values = ValuesOf(image_type);
  return values.size() > 2 && (values[2] == "LOCALIZER" || values[2] == "SCOUT");
}

}  // namespace osteon
