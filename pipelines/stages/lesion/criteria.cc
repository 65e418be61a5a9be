// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/criteria.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace osteon {
namespace {

bool In(const Lesion& lesion, std::initializer_list<std::string_view> bones_or_groups) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  return std::any_of(bones_or_groups.begin(), bones_or_groups.end(), [&](std::string_view name) {
    return unit.bone == name || unit.group == name;
  });
}

}  // namespace

std::vector<CriterionItem> CriteriaItemsOf(const std::vector<Lesion>& lesions,
                                           const PatientSummary& summary) {
  if (lesions.empty()) return {};
  const auto any_in = [&](std::initializer_list<std::string_view> where) {
    return std::any_of(lesions.begin(), lesions.end(),
                       [&](const Lesion& l) { return In(l, where); });
  };
  const bool symmetric = !summary.symmetric_pairs.empty();
  const bool clavicle_alone = std::all_of(lesions.begin(), lesions.end(),
                                          [](const Lesion& l) { return In(l, {"clavicle"}); });
  return {
      {"Jansson 2009", "symmetric lesions", symmetric},
      {"Jansson 2009", "vertebra, clavicle or sternum", any_in({"spine", "clavicle", "sternum"})},
      {"Jansson 2009", "more than one lesion", lesions.size() > 1},
      {"Bristol", "more than one bone, or clavicle alone", summary.multifocal || clavicle_alone},
      {"EULAR/ACR 2025", "mandible or clavicle", any_in({"mandible", "clavicle"})},
      {"EULAR/ACR 2025", "multifocal", summary.multifocal},
      {"EULAR/ACR 2025", "symmetric", symmetric}};
}

}  // namespace osteon
