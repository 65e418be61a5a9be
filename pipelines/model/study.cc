// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/study.h"

namespace osteon {

std::string_view Name(Contrast contrast) {
  switch (contrast) {
    case Contrast::kStir:
      return "STIR";
    case Contrast::kDixonWater:
      return "T2 Dixon water";
    case Contrast::kT1:
      return "T1";
    case Contrast::kT1PostContrast:
      return "T1 post contrast";
    case Contrast::kDiffusion:
      return "DWI";
    case Contrast::kAdc:
      return "ADC";
    case Contrast::kOther:
      return "other";
  }
  return "other";
}

}  // namespace osteon
