// SPDX-License-Identifier: GPL-3.0-or-later
// An earlier Osteon report of the same patient, as far as a comparison needs it.
#pragma once

#include <string>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/report.h"

namespace osteon {

struct PriorReport {
  PriorReference reference;  // Study and SR; `resolved` and `counts` are empty here.
  std::vector<Lesion>
      lesions;  // As reported then: unit, volume, along_bone, centroid, tracking id and UID ...
  std::vector<Lesion> other_marks;     // Indeterminate findings and normal variants, alike.
  std::vector<UnitId> not_imaged;      // Then.
  Technique technique;                 // Then; `contrast` is kOther when the report does not say.
  std::string frame_of_reference_uid;  // Of its coordinates; empty when the SR had none.
  PipelineIdentity pipeline;  // That made it, without name; empty where the report does not say.
};

}  // namespace osteon
