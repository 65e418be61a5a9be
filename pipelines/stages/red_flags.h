// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements that do not fit CNO, each with the disease of the differential it points to
// (domain.md section 5, after the captions of Zhao 2021 Fig. 3 and the papers named there). A flag
// is a reason to think again, never a diagnosis.
//
// code: raised by -> suggests; values. Lesions that raised it are listed in RedFlag::lesions.
//
//  young_age: age below 4 years -> metastases of neuroblastoma; age in years
//  many_small_child: age below 5, 5 lesions or more, one in a shaft or the skull
//      -> metastases of neuroblastoma; count of all lesions, age in years
//  ring_like_lesion: centre over rim below 0.7 in a lesion of 5 to 20 mm -> mycobacteriosis;
//      lowest ratio
//  off_the_physis: 3 lesions or more with a growth plate in the bone, none near it
//      -> mycobacteriosis; their count
//  diffuse_marrow: lesions fill more than 30 % of the imaged bone -> lymphoma or leukaemia;
//      percent filled
//  patchy_lesions: half of the lesions or more vary by more than 45 %, 3 at least
//      -> primary bone lymphoma; the limit in percent
//  restricted_diffusion: ADC below 750, b-high over 3 times muscle, T1 not over muscle, all
//  measured
//      -> primary bone lymphoma; lowest ADC, 10^-6 mm2/s
//  soft_tissue_mass: soft-tissue signal of 4.2 ml (a ball of 2 cm) or more
//      -> malignancy or abscess; largest, ml
//  skull_lesion: a lesion of the skull -> Langerhans cell histiocytosis; no value
//  flat_bone_young: age below 7, a lesion in rib or skull or a flattened vertebra
//      -> Langerhans cell histiocytosis; age in years
//  long_shaft_lesion: half a shaft or more, wider than the other side by 1.3
//      -> polyostotic fibrous dysplasia; largest ratio
//  one_sided: 3 lesions or more with a side, all on one -> polyostotic fibrous dysplasia;
//      their count, side (-1 right, +1 left: the sign of LPS x)
#pragma once

#include <optional>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"

namespace osteon {

// What flags need beside a lesion's own values; not_assessed values raise nothing.
struct FlagMeasures {
  Measured signal_variation;  // Standard deviation over mean of the lesion's STIR.
  Measured b_high_to_muscle;  // Median high-b signal over muscle's.
};

// ADC and high b-value of "restricted_diffusion", with no T1 measured that would decide it.
bool RestrictedButForT1(const Lesion& lesion, const FlagMeasures& measures);

// In the order of the table. `measures[n]` belongs to lesions[n].
std::vector<RedFlag> RedFlagsOf(const std::vector<Lesion>& lesions,
                                const std::vector<FlagMeasures>& measures,
                                const std::vector<UnitFrame>& frames,
                                std::optional<double> age_years);

}  // namespace osteon
