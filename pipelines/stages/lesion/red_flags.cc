// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/red_flags.h"

#include <algorithm>
#include <functional>
#include <string>

namespace osteon {
namespace {

// Sources: red_flags.h; chosen where no paper is named there.
constexpr double kYoungYears = 4, kNeuroblastomaYears = 5, kHistiocytosisYears = 7;
constexpr std::size_t kManyLesions = 5;     // From which there are many in a small child.
constexpr std::size_t kSeveralLesions = 3;  // From which a pattern of lesions counts.
constexpr double kRingBelow = 0.7, kRingLeastMm = 5, kRingMostMm = 20;
constexpr double kDiffuseShare = 0.30;
constexpr double kPatchyFrom = 0.45;
constexpr double kRestrictedAdc = 750, kRestrictedHighB = 3;  // 10^-6 mm2/s; over muscle.
constexpr double kUnrestrictedAdc = 1e9;                      // Stands for an ADC not measured.
constexpr double kMassMl = 4.2;
constexpr double kFlattenedPercent = 70;  // Vertebra plana: less than 30 % of the height is left.
constexpr double kLongShaftPercent = 50, kExpandedFrom = 1.3;

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
  if (e.lesions.empty() || !e.YoungerThan(kYoungYears)) return std::nullopt;
  return RedFlag{"young_age", "metastases of neuroblastoma", {*e.age_years}, {}};
}

std::optional<RedFlag> ManySmallChild(const Evidence& e) {
  if (!e.YoungerThan(kNeuroblastomaYears) || e.lesions.size() < kManyLesions) return std::nullopt;
  const auto numbers = NumbersOf(
      e.lesions, [](const Lesion& l) { return InSkull(l) || l.segment == Segment::kDiaphysis; });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"many_small_child",
                 "metastases of neuroblastoma",
                 {static_cast<double>(e.lesions.size()), *e.age_years},
                 numbers};
}

std::optional<RedFlag> RingLike(const Evidence& e) {
  double lowest = kRingBelow;
  const auto numbers = NumbersOf(e.lesions, [&](const Lesion& l) {
    const double ratio = l.centre_to_rim.value.value_or(1);
    if (ratio >= kRingBelow || l.length_mm < kRingLeastMm || l.length_mm > kRingMostMm)
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
  if (assessed.size() < kSeveralLesions || remote.size() < assessed.size()) return std::nullopt;
  if (2 * assessed.size() < e.lesions.size()) return std::nullopt;
  return RedFlag{
      "off_the_physis", "mycobacteriosis", {static_cast<double>(assessed.size())}, remote};
}

std::optional<RedFlag> DiffuseMarrow(const Evidence& e) {
  double lesions_ml = 0, bone_ml = 0;
  for (const Lesion& lesion : e.lesions) lesions_ml += lesion.volume_ml;
  for (const UnitFrame& frame : e.frames) bone_ml += frame.volume_ml;
  if (bone_ml <= 0 || lesions_ml < kDiffuseShare * bone_ml) return std::nullopt;
  return RedFlag{"diffuse_marrow", "lymphoma or leukaemia", {100 * lesions_ml / bone_ml}, {}};
}

std::optional<RedFlag> Patchy(const Evidence& e) {
  std::vector<int> numbers;
  for (std::size_t n = 0; n < e.lesions.size() && n < e.measures.size(); ++n) {
    if (e.measures[n].signal_variation.value.value_or(0) > kPatchyFrom)
      numbers.push_back(e.lesions[n].number);
  }
  if (numbers.size() < kSeveralLesions || 2 * numbers.size() < e.lesions.size())
    return std::nullopt;
  return RedFlag{"patchy_lesions", "primary bone lymphoma", {100 * kPatchyFrom}, numbers};
}

// ADC and high b-value together: high-b signal alone may come from a long T2.
bool HasRestrictedDiffusion(const Lesion& lesion, const FlagMeasures& measures) {
  return lesion.adc_mean_um2_per_s.value.value_or(kUnrestrictedAdc) < kRestrictedAdc &&
         measures.b_high_to_muscle.value.value_or(0) > kRestrictedHighB;
}

std::optional<RedFlag> Restricted(const Evidence& e) {
  std::vector<int> numbers;
  double lowest = kRestrictedAdc;
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
    return ml >= kMassMl;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"soft_tissue_mass", "malignancy or abscess", {largest}, numbers};
}

// In a small child flat_bone_young says it.
std::optional<RedFlag> SkullLesion(const Evidence& e) {
  if (e.YoungerThan(kHistiocytosisYears)) return std::nullopt;
  const auto numbers = NumbersOf(e.lesions, InSkull);
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"skull_lesion", "Langerhans cell histiocytosis", {}, numbers};
}

std::optional<RedFlag> FlatBoneYoung(const Evidence& e) {
  if (!e.YoungerThan(kHistiocytosisYears)) return std::nullopt;
  const auto numbers = NumbersOf(e.lesions, [](const Lesion& l) {
    return InSkull(l) || UnitOf(l.unit).bone == "ribs" ||
           l.height_loss_percent.value.value_or(0) >= kFlattenedPercent;
  });
  if (numbers.empty()) return std::nullopt;
  return RedFlag{"flat_bone_young", "Langerhans cell histiocytosis", {*e.age_years}, numbers};
}

std::optional<RedFlag> LongShaft(const Evidence& e) {
  double widest = 0;
  const auto numbers = NumbersOf(e.lesions, [&](const Lesion& l) {
    const double expansion = l.expansion_ratio.value.value_or(0);
    if (l.segment != Segment::kDiaphysis || expansion < kExpandedFrom) return false;
    if (l.share_of_unit_percent.value.value_or(0) < kLongShaftPercent) return false;
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
  if ((!right.empty() && !left.empty()) || there.size() < kSeveralLesions) return std::nullopt;
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
    if (lesions[n].probability < kCertainFrom) continue;
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
