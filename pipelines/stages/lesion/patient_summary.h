// SPDX-License-Identifier: GPL-3.0-or-later
// The lesions of one patient in counts and patterns. Only lesions (LesionClass::kLesion) count, not
// other marks.
//
//  lesion_count, hand_foot_count: lesions outside and in hands and feet (apart, as Panwar did:
//      config/evidence.md, Sites)
//  total_volume_ml: of all lesions
//  burden, burden_version: BurdenOf
//  multifocal: lesions in at least two bones (bone and side; a region of the spine is one bone)
//  symmetric_pairs: a right and a left lesion of mirror units, within a quarter of their length
//  pattern: the phenotypes of Andronikou 2019 (config/evidence.md, Sites)
//  of_certain: multifocal, symmetric_pairs and pattern of the lesions from cutoffs::kCertainFrom on
//  urgent_height_loss: a vertebral body lost urgent_height_loss_percent or more
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/findings.h"
#include "pipelines/stages/lesion/characterise.h"

namespace osteon {

inline constexpr std::string_view kBurdenVersion = "1";

// "CNO burden (experimental)", version 1: over all bone units with a lesion, the sum of
//   signal: highest grade, 1 where it was not assessed                            1..2
//   size: 1 below 25 %, 2 below 50 %, 3 from 50 % of the unit, all its lesions    1..3
//   periosteal or soft-tissue signal                                              0..1
//   expansion from 1.2 times the other side                                       0..1
//   vertebral height loss from 20 %                                               0..1
// It follows the parameters that the abstract of RAI-CROMRIS names (Capponi 2021). Its table of
// points was not available, so the points are chosen, and this is neither that score nor comparable
// with it.
double BurdenOf(const std::vector<Lesion>& lesions);

std::vector<SymmetricPair> SymmetricPairsOf(const std::vector<Lesion>& lesions);

// The two patterns of Andronikou 2019 (37 children: a tibia without a clavicle, and the reverse),
// said only where both words of their names are true: "tibio-appendicular": several bones, a tibia
// but neither a clavicle nor a bone of spine, sacrum, thorax or head; "claviculo-spinal": a
// clavicle and the spine but no tibia; "mixed": a tibia and a clavicle; "none" otherwise.
std::string PatternOf(const std::vector<Lesion>& lesions, bool multifocal);

Distribution DistributionOf(const std::vector<Lesion>& lesions);

// Everything but red_flags, atypical and criteria. REQUIRES: the lesions are numbered.
PatientSummary Summarise(const std::vector<Lesion>& lesions, const std::vector<Lesion>& other_marks,
                         const CharacteriseOptions& options);

}  // namespace osteon
