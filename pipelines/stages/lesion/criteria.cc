// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/criteria.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string_view>

#include "pipelines/model/cutoffs.h"

namespace osteon {
namespace {

bool In(const Lesion& lesion, std::initializer_list<std::string_view> bones_or_groups) {
  const BoneUnit& unit = UnitOf(lesion.unit);
  return std::any_of(bones_or_groups.begin(), bones_or_groups.end(), [&](std::string_view name) {
    return unit.bone == name || unit.group == name;
  });
}

// An item as data: whether lesions in this distribution meet it.
struct Rule {
  const char *criteria, *item;
  bool (*met)(const std::vector<Lesion>& lesions, const Distribution& distribution);
};

bool AnyIn(const std::vector<Lesion>& lesions,
           std::initializer_list<std::string_view> bones_or_groups) {
  return std::any_of(lesions.begin(), lesions.end(),
                     [&](const Lesion& l) { return In(l, bones_or_groups); });
}

bool Symmetric(const std::vector<Lesion>&, const Distribution& d) {
  return !d.symmetric_pairs.empty();
}
bool Multifocal(const std::vector<Lesion>&, const Distribution& d) { return d.multifocal; }
bool SeveralLesions(const std::vector<Lesion>& lesions, const Distribution&) {
  return lesions.size() > 1;
}
bool SpineClavicleSternum(const std::vector<Lesion>& lesions, const Distribution&) {
  return AnyIn(lesions, {"spine", "clavicle", "sternum"});
}
bool MandibleClavicle(const std::vector<Lesion>& lesions, const Distribution&) {
  return AnyIn(lesions, {"mandible", "clavicle"});
}
bool SeveralBonesOrClavicleAlone(const std::vector<Lesion>& lesions, const Distribution& d) {
  const bool clavicle_alone =
      !lesions.empty() && std::all_of(lesions.begin(), lesions.end(),
                                      [](const Lesion& l) { return In(l, {"clavicle"}); });
  return d.multifocal || clavicle_alone;
}

constexpr Rule kRules[] = {
    {"Jansson 2009", "symmetric lesions", Symmetric},
    {"Jansson 2009", "vertebra, clavicle or sternum", SpineClavicleSternum},
    {"Jansson 2009", "more than one lesion", SeveralLesions},
    {"Bristol", "more than one bone, or clavicle alone", SeveralBonesOrClavicleAlone},
    {"EULAR/ACR 2025", "mandible or clavicle", MandibleClavicle},
    {"EULAR/ACR 2025", "multifocal", Multifocal},
    {"EULAR/ACR 2025", "symmetric", Symmetric}};

}  // namespace

std::vector<CriterionItem> CriteriaItemsOf(const std::vector<Lesion>& lesions,
                                           const PatientSummary& summary) {
  if (lesions.empty()) return {};
  const Distribution all{summary.multifocal, summary.symmetric_pairs, summary.pattern};
  std::vector<Lesion> certain;
  std::copy_if(lesions.begin(), lesions.end(), std::back_inserter(certain),
               [](const Lesion& l) { return l.probability >= cutoffs::kCertainFrom; });
  std::vector<CriterionItem> items;
  for (const Rule& rule : kRules) {
    const bool met = rule.met(lesions, all);
    items.push_back({rule.criteria, rule.item, met, met && !rule.met(certain, summary.of_certain)});
  }
  return items;
}

}  // namespace osteon
