// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/followup/lesion_matching.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pipelines/model/cutoffs.h"

namespace osteon {
namespace {

// The ends of a long bone are a quarter of it each (stages/skeleton/bone_parts.h).
constexpr double kEndPart = 0.25, kShaftPart = 0.5;

// Place along the whole bone, 0 proximal .. 1 distal.
std::optional<double> AlongWholeBone(const Lesion& lesion) {
  if (!lesion.along_bone.value) return std::nullopt;
  const double along = *lesion.along_bone.value;
  switch (UnitOf(lesion.unit).part) {
    case BonePart::kProximal:
      return kEndPart * along;
    case BonePart::kDiaphysis:
      return kEndPart + kShaftPart * along;
    case BonePart::kDistal:
      return kEndPart + kShaftPart + kEndPart * along;
    case BonePart::kWhole:
      break;
  }
  return along;
}

bool SameBone(UnitId a, UnitId b) {
  return UnitOf(a).bone == UnitOf(b).bone && UnitOf(a).side == UnitOf(b).side;
}

// Length of the whole bone today; 0 when a part of it is not outlined.
double LengthOfBone(UnitId unit, const std::vector<UnitFrame>& frames) {
  double length = 0;
  int parts = 0;
  for (const UnitFrame& frame : frames) {
    if (!SameBone(frame.unit, unit)) continue;
    length += frame.length_mm;
    ++parts;
  }
  const int wanted = UnitOf(unit).part == BonePart::kWhole ? 1 : 3;
  return parts == wanted ? length : 0;
}

// Whether two lesions of one study lie side by side, so that they may be parts of one.
bool Adjoin(const Lesion& a, const Lesion& b) {
  return Norm(a.centroid_mm - b.centroid_mm) <= 0.5 * (a.length_mm + b.length_mm) + cutoffs::kGapMm;
}

bool IsFragmentOf(const Lesion& lesion, const Lesion& beside) {
  return lesion.volume_ml < cutoffs::kFragmentShare * beside.volume_ml && Adjoin(lesion, beside);
}

struct Pair {
  std::size_t now = 0, prior = 0;
  // Where the bone's length is not known: the fraction, scaled so that the tolerance is the same.
  double distance_mm = 0;
};

std::optional<double> DistanceOf(const Lesion& now, const Lesion& prior,
                                 const std::vector<UnitFrame>& frames,
                                 const CompareOptions& options) {
  if (!SameBone(now.unit, prior.unit)) return std::nullopt;
  const auto a = AlongWholeBone(now), b = AlongWholeBone(prior);
  // Only the unit is known: the same unit may be the same lesion.
  if (!a || !b)
    return now.unit == prior.unit ? std::optional(options.distance_tolerance_mm) : std::nullopt;
  const double length = LengthOfBone(now.unit, frames);
  const double scale =
      length > 0 ? length : options.distance_tolerance_mm / options.along_tolerance;
  double distance = std::abs(*a - *b) * scale;
  if (UnitOf(now.unit).side == Side::kNone) {
    distance +=
        std::max(0.0, std::abs(now.centroid_mm.x - prior.centroid_mm.x) - cutoffs::kLateralSlackMm);
  }
  return distance;
}

std::vector<Pair> PairsWithin(const std::vector<Lesion>& now, const std::vector<Lesion>& prior,
                              const std::vector<UnitFrame>& frames, const CompareOptions& options) {
  std::vector<Pair> pairs;
  for (std::size_t n = 0; n < now.size(); ++n)
    for (std::size_t p = 0; p < prior.size(); ++p) {
      const auto distance = DistanceOf(now[n], prior[p], frames, options);
      const double tolerance =
          options.distance_tolerance_mm +
          cutoffs::kToleranceOfLengths * (now[n].length_mm + prior[p].length_mm);
      if (distance && *distance <= tolerance) pairs.push_back({n, p, *distance});
    }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.distance_mm < b.distance_mm; });
  return pairs;
}

}  // namespace

std::vector<LesionMatch> MatchLesions(const std::vector<Lesion>& now,
                                      const std::vector<Lesion>& prior,
                                      const std::vector<UnitFrame>& frames,
                                      const CompareOptions& options) {
  const std::vector<Pair> pairs = PairsWithin(now, prior, frames, options);
  std::vector<LesionMatch> matches;
  std::vector<int> match_of_now(now.size(), -1), match_of_prior(prior.size(), -1);
  for (const Pair& pair : pairs) {
    if (match_of_now[pair.now] >= 0 || match_of_prior[pair.prior] >= 0) continue;
    match_of_now[pair.now] = match_of_prior[pair.prior] = static_cast<int>(matches.size());
    matches.push_back({{pair.now}, {pair.prior}});
  }
  for (const Pair& pair : pairs) {
    int &of_now = match_of_now[pair.now], &of_prior = match_of_prior[pair.prior];
    if (of_now < 0 && of_prior >= 0) {
      LesionMatch& match = matches[static_cast<std::size_t>(of_prior)];
      const Lesion &part = now[pair.now], &rest = now[match.now.front()];
      const bool within = pair.distance_mm <= cutoffs::kWithinShare * prior[pair.prior].length_mm;
      if (!IsFragmentOf(part, rest) && !(within && Adjoin(part, rest))) continue;
      of_now = of_prior;
      match.now.push_back(pair.now);
    } else if (of_prior < 0 && of_now >= 0 &&
               pair.distance_mm <= cutoffs::kWithinShare * now[pair.now].length_mm) {
      LesionMatch& match = matches[static_cast<std::size_t>(of_now)];
      if (!Adjoin(prior[pair.prior], prior[match.prior.front()])) continue;
      of_prior = of_now;
      match.prior.push_back(pair.prior);
    }
  }
  std::sort(matches.begin(), matches.end(), [](const LesionMatch& a, const LesionMatch& b) {
    return a.now.front() < b.now.front();
  });
  return matches;
}

}  // namespace osteon
