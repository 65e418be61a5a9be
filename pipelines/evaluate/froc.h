// SPDX-License-Identifier: GPL-3.0-or-later
// Free-response ROC (Bunch et al. 1977; Chakraborty and Winter 1990): sensitivity against false
// positives per study as the probability threshold falls. It ends at the operating point, since a
// Segmentation has no indeterminate marks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/evaluate/confidence.h"
#include "pipelines/evaluate/match.h"

namespace osteon {

struct FrocPoint {
  double least_probability = 0;  // Threshold: marks with at least this count.
  double false_positives_per_study = 0;
  double sensitivity = 0;
};

// The best sensitivity with at most this rate of false positives; none for rates beyond the
// operating point.
struct FrocRate {
  double false_positives_per_study = 0;
  std::optional<double> sensitivity;
  std::optional<Interval> ci95;  // Bootstrap over studies.
};

struct Froc {
  std::vector<FrocPoint> points;   // Strictest first, ending at the operating point.
  std::vector<FrocRate> at_rates;  // 1/8, 1/4, 1/2, 1, 2, 4, 8.
  // Why there is only the operating point, or no point; empty when there is a curve.
  std::string no_curve;
};

Froc FrocOf(const std::vector<StudyOutcome>& studies, const BootstrapOptions& options);

}  // namespace osteon
