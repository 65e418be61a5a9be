// SPDX-License-Identifier: GPL-3.0-or-later
// What T1 and ADC say about a candidate that STIR found. Their absence changes nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// Share of a lesion that another contrast must have imaged to be measured in it. Chosen.
inline constexpr double kLeastCovered = 0.5;

// Median T1 signal of the imaged, lesion-free marrow of each unit (index: UnitId); 0 where there is
// too little of it, all 0 without a T1 series.
std::vector<double> NormalT1Marrow(const ComposedVolume& volume, const Skeleton& skeleton);

struct OtherEvidence {
  double log_odds = 0;               // Added to that of the classifier.
  std::vector<std::string> reasons;  // One for each series that changed the odds.
};

// From the features "t1_to_marrow" and "adc" (10-3 mm2/s), each -1 when there is none or the series
// does not cover the candidate. Oedema replaces fat, so it is darker on T1 than the unit's normal
// marrow; fat that was not suppressed is as bright. ADC of oedema lies between marrow and free
// fluid (lesions 1.28, marrow 0.4 to 0.8: config/evidence.md, Signal; CSF about 3). Each changes
// the odds by a factor of two to four and does not decide alone.
OtherEvidence WeighOtherSeries(const std::map<std::string, double>& features);

}  // namespace osteon
