// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of texts share: a lesion with plain numbers, of a unit named by its key.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/report.h"

namespace osteon::testing {

inline UnitId Unit(const char* key) { return UnitByKey(key).value(); }

inline Lesion LesionIn(int number, const char* unit) {
  Lesion lesion;
  lesion.number = number;
  lesion.unit = Unit(unit);
  lesion.length_mm = 23.4;
  lesion.width_mm = 14;
  lesion.depth_mm = 9;
  lesion.volume_ml = 2.125;
  lesion.probability = 0.94;
  lesion.stir_to_muscle = Measured::Of(3.16);
  lesion.adc_mean_um2_per_s = Measured::NotAssessed("no ADC series");
  return lesion;
}

inline std::string All(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace osteon::testing
