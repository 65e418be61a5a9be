// SPDX-License-Identifier: GPL-3.0-or-later
// Colours and sizes of the pages. Colours after Okabe and Ito (2008), which people with common
// forms of colour blindness can distinguish. Words or line styles repeat the meaning of each
// colour, so that a grey print loses nothing.
#pragma once

#include "pipelines/drawing/canvas.h"

namespace osteon::style {

inline constexpr Colour kInk{0.07, 0.07, 0.07};
inline constexpr Colour kSoftInk{0.35, 0.35, 0.35};
inline constexpr Colour kRule{0.78, 0.78, 0.78};
inline constexpr Colour kBand{0.945, 0.945, 0.945};
inline constexpr Colour kWhite{1, 1, 1};
inline constexpr Colour kBlack{0, 0, 0};

inline constexpr Colour kOrange{0.902, 0.624, 0};
inline constexpr Colour kSkyBlue{0.337, 0.706, 0.914};
inline constexpr Colour kGreen{0, 0.620, 0.451};
inline constexpr Colour kYellow{0.941, 0.894, 0.259};
inline constexpr Colour kVermillion{0.835, 0.369, 0};
inline constexpr Colour kPurple{0.800, 0.475, 0.655};

inline Colour OfChange(Change change) {
  switch (change) {
    case Change::kNoPrior:
      return kOrange;
    case Change::kNew:
      return kVermillion;
    case Change::kWorse:
      return kPurple;
    case Change::kStable:
      return kYellow;
    case Change::kImproved:
      return kSkyBlue;
    case Change::kResolved:
      return kGreen;
    case Change::kNotComparable:
      return kOrange;
  }
  return kOrange;
}

inline LineStyle OfClass(LesionClass judgement) {
  switch (judgement) {
    case LesionClass::kLesion:
      return LineStyle::kSolid;
    case LesionClass::kIndeterminate:
      return LineStyle::kDashed;
    case LesionClass::kNormalVariant:
      return LineStyle::kDotted;
  }
  return LineStyle::kSolid;
}

}  // namespace osteon::style
