// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of MakeReportCase; only its own files include them.
#pragma once

#include <vector>

#include "tests/pipelines/report/report_case.h"

namespace osteon::testing {

constexpr char kStudyUid[] = "2.25.329800735698586629295641978511506172918";

// A lesion. Coordinates as of the body: feet at z = -560, vertex at 560; x to the patient's left, y
// to the back.
struct Ball {
  const char* unit;
  Vec3 centre;
  double radius;
  Segment segment;
};

const std::vector<Ball>& Balls();

// STIR signal: air 4, fat 18, muscle 60, marrow 35, fluid 300, lesion 190. Outside the lesions, a
// soft pattern.
double Signal(Vec3 p, int lesions);

inline double SliceStep(const CaseOptions& o) {
  return o.slice_mm > 0 ? o.slice_mm : 2 * o.voxel_mm;
}

// The findings that an analysis would have of the labels of `c`.
void AddFindings(const CaseOptions& o, ReportCase& c);
// An earlier report in which some lesions are new, others better, and one is gone.
void AddPrior(ReportCase& c);

}  // namespace osteon::testing
