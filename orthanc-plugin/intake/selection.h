// SPDX-License-Identifier: GPL-3.0-or-later
// Which series of a study go to a worker, why, and how much of the body they cover. Pure: a study
// and rules in, verdicts out. What a series is and which are taken is decided by
// pipelines/selection, as in `osteon analyze`.
#pragma once

#include <string>
#include <vector>

#include "orthanc-plugin/archive/study_entry.h"
#include "pipelines/base/phrase.h"
#include "pipelines/rules/rules_file.h"

namespace osteon::plugin {

struct SeriesVerdict {
  // It goes to the worker: it is of a contrast that is used, chosen or not, so that the worker sees
  // the same study and can say what it left out.
  bool taken = false;
  bool covers = false;     // Of the STIR or water images that make the body.
  std::string class_name;  // Name(Contrast) of what it holds, several with '+'; empty for none.
  std::string reason;    // For an administrator: "taken as STIR, station 2 of 5: SE\IR, TI 165 ms".
  Phrases why;           // The same with codes.
  double extent_mm = 0;  // Along the body, of its longest volume; 0 when it has none.
};

struct Selection {
  std::vector<SeriesVerdict> series;  // In the order of StudyEntry::series.
  osteon::Selection choice;           // Of all that is there, by the measure of a whole body.
  bool enough_when_late = false;      // By the lower measure once the waiting time is over.
  std::string inputs_hash;  // SHA-256 of Orthanc's study id and the sorted SOPInstanceUIDs taken.
  std::size_t taken_instances = 0;
  std::string summary;  // One line: what there is of a whole-body MRI.
  Phrases why;          // The same with codes.
};

Selection Select(const StudyEntry& study, const SelectionRules& rules);

}  // namespace osteon::plugin
