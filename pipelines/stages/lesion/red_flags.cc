// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/red_flags.h"

#include <algorithm>
#include <functional>
#include <string>

#include "pipelines/model/cutoffs.h"

namespace osteon {
namespace {

constexpr double kUnrestrictedAdc = 1e9;  // Stands for an ADC not measured.

struct Evidence {
  const std::vector<Lesion>& lesions;
  const std::vector<FlagMeasures>& measures;
  const std::vector<UnitFrame>& frames;
  std::optional<double> age_years;

  bool YoungerThan(double years) const { return age_years && *age_years < years; }
};

std::vector<int> NumbersOf(const std::vector<Lesion>& lesions,
                           const std::function<bool(const Lesion&)>& wanted) {
  std::vector<int> numbers;
  for (const Lesion& lesion : lesions) {
    if (wanted(lesion)) numbers.push_back(lesion.number);
  }
  return numbers;
}

bool InSkull(const Lesion& l) { return UnitOf(l.unit).bone == "skull"; }

std::optional<RedFlag> YoungAge(const Evidence& e) {
  if (e.lesions.empty() || !e.YoungerThan(cutoffs::kYoungYears)) return std::nullopt;
  return RedFlag{"young_age", "metastases of neuroblastoma", {*e.age_years}, {}};
}

std::optional<RedFlag> ManySmallChild(const Evidence& e) {
  if (!e.YoungerThan(cutoffs::kSmallChildYears) || e.lesions.size() < cutoffs::kManyLesions)
    return std::nullopt;
  const auto numbers = NumbersOf(
      e.lesions, [](const Lesion& l) { return InSkull(l) || l.segment == Segment::kDiaphysis; });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"many_small_child",
                 "metastases of neuroblastoma",
                 {static_cast<double>(e.lesions.size()), *e.age_years},
                 numbers};
}

std::optional<RedFlag> RingLike(const Evidence& e) {
  double lowest = cutoffs::kRingBelow;
  const auto numbers = NumbersOf(e.lesions, [&](const Lesion& l) {
    const double ratio = l.centre_to_rim.value.value_or(1);
    if (ratio >= cutoffs::kRingBelow || l.length_mm < cutoffs::kRingLeastMm ||
        l.length_mm > cutoffs::kRingMostMm)
      return false;
    lowest = std::min(lowest, ratio);
    return true;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"ring_like_lesion", "mycobacteriosis", {lowest}, numbers};
}

std::optional<RedFlag> OffThePhysis(const Evidence& e) {
  const auto assessed = NumbersOf(
      e.lesions, [](const Lesion& l) { return l.physis != PhysisRelation::kNotAssessed; });
  const auto remote =
      NumbersOf(e.lesions, [](const Lesion& l) { return l.physis == PhysisRelation::kRemote; });
  if (assessed.size() < cutoffs::kSeveralLesions || remote.size() < assessed.size())
    return std::nullopt;
  if (2 * assessed.size() < e.lesions.size()) return std::nullopt;
  return RedFlag{
      "off_the_physis", "mycobacteriosis", {static_cast<double>(assessed.size())}, remote};
}

std::optional<RedFlag> DiffuseMarrow(const Evidence& e) {
  double lesions_ml = 0, bone_ml = 0;
  for (const Lesion& lesion : e.lesions) lesions_ml += lesion.volume_ml;
  for (const UnitFrame& frame : e.frames) bone_ml += frame.volume_ml;
  if (bone_ml <= 0 || lesions_ml < cutoffs::kDiffuseShare * bone_ml) return std::nullopt;
  return RedFlag{"diffuse_marrow", "lymphoma or leukaemia", {100 * lesions_ml / bone_ml}, {}};
}

std::optional<RedFlag> Patchy(const Evidence& e) {
  std::vector<int> numbers;
  for (std::size_t n = 0; n < e.lesions.size() && n < e.measures.size(); ++n) {
    if (e.measures[n].signal_variation.value.value_or(0) > cutoffs::kPatchyFrom)
      numbers.push_back(e.lesions[n].number);
  }
  if (numbers.size() < cutoffs::kSeveralLesions || 2 * numbers.size() < e.lesions.size())
    return std::nullopt;
  return RedFlag{"patchy_lesions", "primary bone lymphoma", {100 * cutoffs::kPatchyFrom}, numbers};
}

// ADC and high b-value together: high-b signal alone may come from a long T2.
bool HasRestrictedDiffusion(const Lesion& lesion, const FlagMeasures& measures) {
  return lesion.adc_mean_um2_per_s.value.value_or(kUnrestrictedAdc) <
             cutoffs::kRestrictedAdcUm2PerS &&
         measures.b_high_to_muscle.value.value_or(0) > cutoffs::kRestrictedHighB;
}

std::optional<RedFlag> Restricted(const Evidence& e) {
  std::vector<int> numbers;
  double lowest = cutoffs::kRestrictedAdcUm2PerS;
  for (std::size_t n = 0; n < e.lesions.size() && n < e.measures.size(); ++n) {
    const Lesion& l = e.lesions[n];
    if (!HasRestrictedDiffusion(l, e.measures[n])) continue;
    // T1 above muscle shows fat, so red marrow; without T1 the two cannot be told apart.
    if (!l.t1_to_muscle.value || *l.t1_to_muscle.value > 1) continue;
    lowest = std::min(lowest, *l.adc_mean_um2_per_s.value);
    numbers.push_back(l.number);
  }
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"restricted_diffusion", "primary bone lymphoma", {lowest}, numbers};
}

std::optional<RedFlag> SoftTissueMass(const Evidence& e) {
  double largest = 0;
  const auto numbers = NumbersOf(e.lesions, [&](const Lesion& l) {
    const double ml = l.soft_tissue_ml.value.value_or(0);
    largest = std::max(largest, ml);
    return ml >= cutoffs::kMassMl;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"soft_tissue_mass", "malignancy or abscess", {largest}, numbers};
}

// In a small child flat_bone_young says it.
std::optional<RedFlag> SkullLesion(const Evidence& e) {
  if (e.YoungerThan(cutoffs::kHistiocytosisYears)) return std::nullopt;
  const auto numbers = NumbersOf(e.lesions, InSkull);
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"skull_lesion", "Langerhans cell histiocytosis", {}, numbers};
}

std::optional<RedFlag> FlatBoneYoung(const Evidence& e) {
  if (!e.YoungerThan(cutoffs::kHistiocytosisYears)) return std::nullopt;
  const auto numbers = NumbersOf(e.lesions, [](const Lesion& l) {
    return InSkull(l) || UnitOf(l.unit).bone == "ribs" ||
           l.height_loss_percent.value.value_or(0) >= cutoffs::kFlattenedPercent;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"flat_bone_young", "Langerhans cell histiocytosis", {*e.age_years}, numbers};
}

std::optional<RedFlag> LongShaft(const Evidence& e) {
  double widest = 0;
  const auto numbers = NumbersOf(e.lesions, [&](const Lesion& l) {
    const double expansion = l.expansion_ratio.value.value_or(0);
    if (l.segment != Segment::kDiaphysis || expansion < cutoffs::kLongShaftExpandedFrom)
      return false;
    if (l.share_of_unit_percent.value.value_or(0) < cutoffs::kLongShaftPercent) return false;
    widest = std::max(widest, expansion);
    return true;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"long_shaft_lesion", "polyostotic fibrous dysplasia", {widest}, numbers};
}

std::optional<RedFlag> OneSided(const Evidence& e) {
  const auto right =
      NumbersOf(e.lesions, [](const Lesion& l) { return UnitOf(l.unit).side == Side::kRight; });
  const auto left =
      NumbersOf(e.lesions, [](const Lesion& l) { return UnitOf(l.unit).side == Side::kLeft; });
  const auto& there = right.empty() ? left : right;
  if ((!right.empty() && !left.empty()) || there.size() < cutoffs::kSeveralLesions)
    return std::nullopt;
  return RedFlag{"one_sided",
                 "polyostotic fibrous dysplasia",
                 {static_cast<double>(there.size()), right.empty() ? 1.0 : -1.0},
                 there};
}

using enum FlagStrength;
constexpr struct {
  std::optional<RedFlag> (*raised_by)(const Evidence&);
  FlagStrength strength;
} kRules[] = {{YoungAge, kWeak},      {ManySmallChild, kStrong}, {RingLike, kWeak},
              {OffThePhysis, kWeak},  {DiffuseMarrow, kStrong},  {Patchy, kWeak},
              {Restricted, kStrong},  {SoftTissueMass, kStrong}, {SkullLesion, kWeak},
              {FlatBoneYoung, kWeak}, {LongShaft, kWeak},        {OneSided, kWeak}};

}  // namespace

bool RestrictedButForT1(const Lesion& lesion, const FlagMeasures& measures) {
  return HasRestrictedDiffusion(lesion, measures) && !lesion.t1_to_muscle.value;
}

bool AtypicalForCno(const std::vector<RedFlag>& flags) {
  const auto certain = [](const RedFlag& flag) { return !flag.uncertain; };
  return std::any_of(flags.begin(), flags.end(), [&](const RedFlag& flag) {
    if (!certain(flag)) return false;
    if (flag.strength == kStrong) return true;
    return std::count_if(flags.begin(), flags.end(), [&](const RedFlag& other) {
             return certain(other) && other.suggests == flag.suggests;
           }) > 1;
  });
}

std::vector<RedFlag> RedFlagsOf(const std::vector<Lesion>& lesions,
                                const std::vector<FlagMeasures>& measures,
                                const std::vector<UnitFrame>& frames,
                                std::optional<double> age_years) {
  std::vector<Lesion> certain;
  std::vector<FlagMeasures> of_certain;
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    if (lesions[n].probability < cutoffs::kCertainFrom) continue;
    certain.push_back(lesions[n]);
    of_certain.push_back(n < measures.size() ? measures[n] : FlagMeasures());
  }
  const Evidence all{lesions, measures, frames, age_years};
  const Evidence sure{certain, of_certain, frames, age_years};
  std::vector<RedFlag> flags;
  for (const auto& rule : kRules) {
    auto flag = rule.raised_by(all);
    if (!flag) continue;
    flag->strength = rule.strength;
    flag->uncertain = !rule.raised_by(sure);
    flags.push_back(std::move(*flag));
  }
  return flags;
}

}  // namespace osteon
