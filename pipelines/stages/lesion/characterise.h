// SPDX-License-Identifier: GPL-3.0-or-later
// From candidates to findings: measures every lesion, then summarises the patient.
//
// Every quantity is defined beside its function (lesion_size.h, lesion_signal.h,
// lesion_surroundings.h, lesion_site.h, vertebra_height.h, patient_summary.h, red_flags.h). What
// cannot be measured is Measured::NotAssessed with the reason.
#pragma once

#include <optional>
#include <string>

#include "pipelines/base/result.h"
#include "pipelines/model/cutoffs.h"
#include "pipelines/model/findings.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"

namespace osteon {

// Facts of the study that the report states beside its findings.
struct StudyFacts {
  std::optional<double> age_years;
  Technique technique;
  double coverage_mm = 0;
  // Tracking UIDs are derived from it, so that a repeated analysis gives the same.
  std::string fingerprint;
};
StudyFacts FactsOf(const Study& study, const SeriesChoice& choice, std::string fingerprint);

struct CharacteriseOptions {
  // Signal grades by q: 1 from the first, 2 from the second (chosen: config/evidence.md, Signal).
  double grade_one_from = cutoffs::kGradeOneFrom;
  double grade_two_from = cutoffs::kGradeTwoFrom;
  // A lesion within this distance of a growth plate touches it. Chosen: half a slice and half the
  // plate.
  double touches_physis_mm = cutoffs::kTouchesPhysisMm;
  // A lesion within this distance is near it. Chosen: the width of the metaphysis, in which most
  // lesions of tubular bones lie.
  double near_physis_mm = cutoffs::kNearPhysisMm;
  // Width of the rim outside the bone in which periosteal signal is looked for, and the factor over
  // muscle from which signal is bright there and in soft tissue (chosen: config/evidence.md).
  double periosteal_rim_mm = cutoffs::kPeriostealRimMm;
  double bright_over_muscle = cutoffs::kBrightOverMuscle;
  // Soft tissue is searched this far from the lesion. Chosen: farther oedema hardly belongs to it.
  double soft_tissue_reach_mm = cutoffs::kSoftTissueReachMm;
  // Smallest normal variant that is listed, ml. Chosen: as the least lesion; a body has dozens of
  // smaller bright specks. One that a lesion has become is then resolved.
  double least_variant_ml = cutoffs::kLeastVariantMl;
  // Height loss from which the report asks for urgent review (Genant 1993: grade 2 begins at 25 %).
  double urgent_height_loss_percent = cutoffs::kUrgentHeightLossPercent;
};

// Lesions are numbered head to foot, right before left; other marks go on from there. Never fails:
// what cannot be measured is "not assessed". Caveats: "candidate_too_thin" for a candidate without
// a voxel on the composed grid, which is left out, "specks_not_listed" with the number of normal
// candidates under least_variant_ml, "restricted_without_t1". All caveats of `run` are copied into
// the findings. REQUIRES: lesions.labels, skeleton.units and volume.stir share one grid.
Findings Characterise(const ComposedVolume& volume, const Skeleton& skeleton,
                      const LesionMap& lesions, const StudyFacts& facts,
                      const CharacteriseOptions& options, RunContext& run);

}  // namespace osteon
