// SPDX-License-Identifier: GPL-3.0-or-later
// The figures over all studies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipelines/evaluate/confidence.h"
#include "pipelines/evaluate/froc.h"
#include "pipelines/evaluate/match.h"

namespace osteon {

struct Median {
  std::size_t of = 0;
  std::optional<double> value;
  std::optional<Interval> ci95;  // Bootstrap over studies.
};

struct SensitivityRow {
  std::string name;  // "0.4 to 1 ml"; "femur".
  Proportion sensitivity;
  Median dice;  // Of the found ones.
};

struct Summary {
  int studies = 0, studies_with_lesions = 0, studies_not_evaluable = 0;
  int marks = 0, marks_beside = 0;
  Proportion sensitivity;
  // < 0.4, 0.4 to 1, 1 to 3, >= 3 ml of the reference's volume (chosen); always all four.
  std::vector<SensitivityRow> by_size;
  std::vector<SensitivityRow>
      by_site;  // Sites of the reference that occur, by name; "(not told)" first.
  Rate false_positives;
  Rate false_positives_without_lesions;  // In studies without a lesion in the reference.
  Median dice, dice_from_1_ml;
  // Of found lesions whose site, side, or both the reference states.
  Proportion site_right, side_right, place_right;
  Froc froc;
};

// Studies that were not evaluable count with everything missed.
Summary Summarise(const std::vector<StudyOutcome>& studies, const BootstrapOptions& options);

}  // namespace osteon
