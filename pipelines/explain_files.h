// SPDX-License-Identifier: GPL-3.0-or-later
// What `osteon analyze --explain` writes beside the report: why each series and each candidate was
// taken or not, with every feature, and pictures of skeleton and candidates.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// The results of the stages. REQUIRES: the values outlive the call.
struct ExplainedRun {
  const Study& study;
  const SeriesChoice& choice;
  const ComposedVolume& composed;
  const Skeleton& skeleton;
  const LesionMap& lesions;
};

// The file "series.json": what each series is, and why it was taken or not. Also for a study that
// is not analysed.
std::pair<std::string, std::string> ExplainSeries(const Study& study, const SeriesChoice& choice);

// Files by name:
//   series.json      as ExplainSeries
//   candidates.json  per candidate: unit, centroid (LPS mm), volume (ml), judgement, probability
//                    (also without sure lesions elsewhere, null where there are none), what the
//                    coils get from its place, reasons, every feature
//   skeleton.png     coronal projection of the STIR, and beside it the bone units in colours
//   candidates.png   the projection with a box around each candidate: red lesion, yellow
//                    indeterminate, blue variant
std::vector<std::pair<std::string, std::string>> Explain(const ExplainedRun& run);

}  // namespace osteon
