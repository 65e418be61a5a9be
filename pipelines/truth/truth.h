// SPDX-License-Identifier: GPL-3.0-or-later
// A report against the lesions that were drawn into the study, for the self-test: of `osteon
// selftest`, and of the plugin.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/geometry.h"

namespace osteon {

struct DrawnLesion {
  std::string bone;     // "left clavicle"
  Vec3 centre_mm = {};  // LPS
  double volume_ml = 0;
  bool required = false;  // Large enough that it should be found.
};

struct ReportedLesion {
  std::string name;     // "1 left clavicle", as in the report.
  Vec3 centre_mm = {};  // LPS
  double volume_ml = 0;
};

// The lesions of an SR that Orthanc gives as /instances/{id}/simplified-tags: the measurement
// groups with a lesion's code, its place and volume (deploy/CONFORMANCE.md, 2.2). Indeterminate
// marks are none. kInternal when it has no Imaging Measurements, which every report has.
Result<std::vector<ReportedLesion>> LesionsOfReport(const nlohmann::ordered_json& tags);

struct TruthComparison {
  int required = 0, found = 0;           // Of the required ones.
  std::vector<std::string> differences;  // English, one line each; empty: none.
};

// Each drawn lesion takes the nearest reported one within reach of its centre.
TruthComparison CompareWithTruth(const std::vector<DrawnLesion>& drawn,
                                 std::vector<ReportedLesion> reported);

// An installation that works finds 9 of 10 (config/models/README.md). kInternal with what is
// missing when it finds less than half: a network, a library or a setting is not what it should be.
Status JudgeTruth(const TruthComparison& comparison);

}  // namespace osteon
