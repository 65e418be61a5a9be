// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/patient_summary.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

#include "pipelines/model/cutoffs.h"

namespace osteon {
namespace {

double SizePoints(double share_percent) {
  return share_percent < cutoffs::kMediumSharePercent  ? 1
         : share_percent < cutoffs::kLargeSharePercent ? 2
                                                       : 3;
}

double BurdenOfUnit(const std::vector<const Lesion*>& lesions) {
  double signal = 1, share = 0, outside = 0, expansion = 0, collapse = 0;
  for (const Lesion* lesion : lesions) {
    signal = std::max(signal, lesion->signal_grade.value.value_or(1));
    share += lesion->share_of_unit_percent.value.value_or(0);
    if (lesion->periosteal_mm.value.value_or(0) > 0 || lesion->soft_tissue_ml.value.value_or(0) > 0)
      outside = 1;
    if (lesion->expansion_ratio.value.value_or(0) >= cutoffs::kExpandedFrom) expansion = 1;
    if (lesion->height_loss_percent.value.value_or(0) >= cutoffs::kHeightLossPercent) collapse = 1;
  }
  return signal + SizePoints(share) + outside + expansion + collapse;
}

bool Has(const std::vector<Lesion>& lesions, std::string_view bone) {
  return std::any_of(lesions.begin(), lesions.end(),
                     [&](const Lesion& l) { return UnitOf(l.unit).bone == bone; });
}

bool HasSpine(const std::vector<Lesion>& lesions) {
  return std::any_of(lesions.begin(), lesions.end(),
                     [](const Lesion& l) { return UnitOf(l.unit).group == "spine"; });
}

bool HasAxialBone(const std::vector<Lesion>& lesions) {
  return std::any_of(lesions.begin(), lesions.end(), [](const Lesion& l) {
    const BoneUnit& unit = UnitOf(l.unit);
    return unit.group == "spine" || unit.bone == "sacrum" || unit.group == "thorax" ||
           unit.group == "head";
  });
}

std::size_t BonesOf(const std::vector<Lesion>& lesions) {
  std::set<std::pair<std::string, Side>> bones;
  for (const Lesion& lesion : lesions)
    bones.insert({UnitOf(lesion.unit).bone, UnitOf(lesion.unit).side});
  return bones.size();
}

}  // namespace

double BurdenOf(const std::vector<Lesion>& lesions) {
  std::map<UnitId, std::vector<const Lesion*>> by_unit;
  for (const Lesion& lesion : lesions) by_unit[lesion.unit].push_back(&lesion);
  double sum = 0;
  for (const auto& [unit, of_unit] : by_unit) sum += BurdenOfUnit(of_unit);
  return sum;
}

std::vector<SymmetricPair> SymmetricPairsOf(const std::vector<Lesion>& lesions) {
  struct Match {
    double distance;
    const Lesion *right, *left;
  };
  std::vector<Match> matches;
  for (const Lesion& right : lesions) {
    if (UnitOf(right.unit).side != Side::kRight) continue;
    for (const Lesion& left : lesions) {
      if (UnitOf(right.unit).mirror != left.unit) continue;
      if (!right.along_bone.value || !left.along_bone.value) continue;
      const double distance = std::abs(*right.along_bone.value - *left.along_bone.value);
      if (distance <= cutoffs::kPairAlongTolerance) matches.push_back({distance, &right, &left});
    }
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return a.distance < b.distance; });
  std::set<int> taken;
  std::vector<SymmetricPair> pairs;
  for (const Match& match : matches) {
    if (taken.contains(match.right->number) || taken.contains(match.left->number)) continue;
    taken.insert({match.right->number, match.left->number});
    pairs.push_back({match.right->number, match.left->number});
  }
  std::sort(pairs.begin(), pairs.end(), [](const SymmetricPair& a, const SymmetricPair& b) {
    return a.right_lesion < b.right_lesion;
  });
  return pairs;
}

std::string PatternOf(const std::vector<Lesion>& lesions, bool multifocal) {
  const bool tibia = Has(lesions, "tibia"), clavicle = Has(lesions, "clavicle");
  if (tibia && clavicle) return "mixed";
  if (tibia && multifocal && !HasAxialBone(lesions)) return "tibio-appendicular";
  if (clavicle && HasSpine(lesions)) return "claviculo-spinal";
  return "none";
}

Distribution DistributionOf(const std::vector<Lesion>& lesions) {
  const bool multifocal = BonesOf(lesions) >= 2;
  return {multifocal, SymmetricPairsOf(lesions), PatternOf(lesions, multifocal)};
}

PatientSummary Summarise(const std::vector<Lesion>& lesions, const std::vector<Lesion>& other_marks,
                         const CharacteriseOptions& options) {
  PatientSummary out;
  for (const Lesion& lesion : lesions) {
    ++(UnitOf(lesion.unit).hand_or_foot() ? out.hand_foot_count : out.lesion_count);
    out.total_volume_ml += lesion.volume_ml;
    if (lesion.height_loss_percent.value.value_or(0) >= options.urgent_height_loss_percent)
      out.urgent_height_loss = true;
  }
  out.indeterminate_count =
      static_cast<int>(std::count_if(other_marks.begin(), other_marks.end(), [](const Lesion& l) {
        return l.judgement == LesionClass::kIndeterminate;
      }));
  out.burden = BurdenOf(lesions);
  out.burden_version = std::string(kBurdenVersion);
  Distribution all = DistributionOf(lesions);
  out.multifocal = all.multifocal;
  out.symmetric_pairs = std::move(all.symmetric_pairs);
  out.pattern = std::move(all.pattern);
  std::vector<Lesion> certain;
  std::copy_if(lesions.begin(), lesions.end(), std::back_inserter(certain),
               [](const Lesion& l) { return l.probability >= cutoffs::kCertainFrom; });
  out.of_certain = DistributionOf(certain);
  return out;
}

}  // namespace osteon
