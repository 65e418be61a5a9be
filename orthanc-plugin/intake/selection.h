// SPDX-License-Identifier: GPL-3.0-or-later
// Which series of a study Osteon takes, why, and how much of the body they cover. Pure: a study and
// rules in, verdicts out.
#pragma once

#include <string>
#include <vector>

#include "orthanc-plugin/archive/study.h"
#include "orthanc-plugin/intake/rules.h"

namespace osteon::plugin {

struct SeriesVerdict {
  bool taken = false;
  bool covers = false;     // Counts towards the extent.
  std::string class_name;  // Of the rule that decided; empty when none did.
  std::string reason;      // For an administrator: "stir: TI 165 ms, TE 70 ms, TR 4000 ms".
};

struct Selection {
  std::vector<SeriesVerdict> series;  // In the order of StudyEntry::series.
  double extent_mm = 0;  // Of the covering series together, gaps and overlaps counted out.
  double needed_mm = 0;
  std::string inputs_hash;  // SHA-256 of Orthanc's study id and the sorted SOPInstanceUIDs taken.
  std::size_t taken_instances = 0;
  std::string summary;  // One line: what there is of a whole-body MRI.
};

Selection Select(const StudyEntry& study, const SelectionRules& rules);

}  // namespace osteon::plugin
