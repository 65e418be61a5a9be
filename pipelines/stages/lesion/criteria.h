// SPDX-License-Identifier: GPL-3.0-or-later
// The imaging items of published criteria for CNO (config/evidence.md). No score is added up, since
// most items of the criteria are clinical, laboratory or biopsy.
//
//  Jansson 2009: symmetric lesions; site: vertebra, clavicle or sternum; more than one lesion
//  Bristol: more than one bone, or the clavicle alone (Roderick 2016, criterion 1 without its CRP)
//  EULAR/ACR 2025: site: mandible or clavicle; multifocal; symmetric (the domains "site" and
//      "pattern"; the weights were not available)
#pragma once

#include <vector>

#include "pipelines/model/findings.h"

namespace osteon {

// In the order above; empty without lesions. An item that needs lesions below cutoffs::kCertainFrom
// is uncertain. REQUIRES: summary is of these lesions.
std::vector<CriterionItem> CriteriaItemsOf(const std::vector<Lesion>& lesions,
                                           const PatientSummary& summary);

}  // namespace osteon
