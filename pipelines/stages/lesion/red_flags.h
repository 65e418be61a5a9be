// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements that do not fit CNO, each with the disease of the differential diagnosis that it
// suggests (after the captions of Zhao 2021 Fig. 3, J Transl Autoimmun 4:100095, and the papers
// named below). The limits, here in words, are in config/bones_and_cutoffs.json (group "flag"). A
// flag is a reason to reconsider, never a diagnosis.
//
// code (weak or strong): raised by -> suggests; values. Lesions that raised it are listed in
// RedFlag::lesions.
//
//  young_age (weak): age below 4 years -> metastases of neuroblastoma; age in years
//  many_small_child (strong): age below 5, 5 lesions or more, one in a shaft or the skull
//      -> metastases of neuroblastoma; count of all lesions, age in years
//  ring_like_lesion (weak): centre over rim below 0.7 in a lesion of 5 to 20 mm -> mycobacteriosis;
//      lowest ratio
//  off_the_physis (weak): 3 lesions or more, and half of all, with their growth plate located, none
//      of them near it -> mycobacteriosis; their count
//  diffuse_marrow (strong): lesions fill more than 30 % of the imaged bone
//      -> lymphoma or leukaemia; percent filled
//  patchy_lesions (weak): half of the lesions or more vary by more than 45 %, 3 at least
//      -> primary bone lymphoma; the limit in percent
//  restricted_diffusion (strong): ADC below 750, b-high over 3 times muscle, T1 not over muscle,
//      all measured -> primary bone lymphoma; lowest ADC, 10^-6 mm2/s
//  soft_tissue_mass (strong): soft-tissue signal of 4.2 ml (a ball of 2 cm) or more
//      -> malignancy or abscess; largest, ml
//  skull_lesion (weak): a lesion of the skull -> Langerhans cell histiocytosis; no value
//  flat_bone_young (weak): age below 7, a lesion in rib or skull or a flattened vertebra
//      -> Langerhans cell histiocytosis; age in years
//  long_shaft_lesion (weak): half a shaft or more, wider than the other side by 1.3
//      -> polyostotic fibrous dysplasia; largest ratio
//  one_sided (weak): 3 lesions or more with a side, all on one -> polyostotic fibrous dysplasia;
//      their count, side (-1 right, +1 left: the sign of LPS x)
//
// Strong: hardly seen in CNO, and shown by more than one measurement.
//  many_small_child: age, number and site at once; CNO is rare below 3 years (EULAR/ACR criteria of
//      2025), metastases of neuroblastoma have their mean age at 22 months
//  diffuse_marrow, restricted_diffusion: lymphoma and leukaemia replace marrow by dense cells; the
//      ADC of CNO is higher, and T1 rules out red marrow
//  soft_tissue_mass: 22 of 29 primary lymphomas of bone extend into soft tissue ("MR imaging
//      characteristics in primary lymphoma of bone", 2007), 36 % of Langerhans cell histiocytoses
//      have a mass ("Extracranial skeletal Langerhans cell histiocytosis", 2012); in CNO there is
//      oedema around a lesion, not a mass
// Weak: seen in many children with CNO, too, or measured on few voxels.
//  young_age: not an imaging finding
//  off_the_physis: 87 % of the lesions of long bones lie at a growth plate (von Kalle 2013, 53
//      children), so 13 % do not; and a plate may not be found
//  one_sided: 75 % of children have lesions on both sides alike (von Kalle 2013), so a quarter not
//  skull_lesion, flat_bone_young: ribs and flattened vertebrae occur in CNO (vertebra plana in 6 of
//      53 children, von Kalle 2013); false marks are frequent in the skull
//  ring_like_lesion, patchy_lesions: from one caption of Zhao 2021; a small lesion has few voxels
//  long_shaft_lesion: a benign disease, and CNO expands bones as well
#pragma once

#include <optional>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/model/skeleton.h"

namespace osteon {

// What flags need beside a lesion's own values. A value that is not assessed raises no flag.
struct FlagMeasures {
  Measured signal_variation;  // Standard deviation over mean within the lesion (SignalVariation).
  Measured b_high_to_muscle;  // Median high-b signal over muscle's.
};

// Whether ADC and high b-value meet "restricted_diffusion" and no T1 was measured to decide it.
bool RestrictedButForT1(const Lesion& lesion, const FlagMeasures& measures);

// Whether the findings are atypical for CNO: a strong flag, or two weak ones that suggest the same
// disease. Uncertain flags do not count.
bool AtypicalForCno(const std::vector<RedFlag>& flags);

// In the order of the table. `measures[n]` belongs to lesions[n]. A flag that needs lesions below
// cutoffs::kCertainFrom is uncertain.
std::vector<RedFlag> RedFlagsOf(const std::vector<Lesion>& lesions,
                                const std::vector<FlagMeasures>& measures,
                                const std::vector<UnitFrame>& frames,
                                std::optional<double> age_years);

}  // namespace osteon
