// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/froc.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <span>

namespace osteon {
namespace {

// False positives per study. Chosen: those at which published detectors are compared.
constexpr std::array kRates{0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0};
constexpr double kMissed = -1;  // Below every probability.

// The probabilities of one study from which the curve follows.
struct Scores {
  std::vector<double> lesions;  // Best probability of a mark that found it, or kMissed.
  std::vector<double> false_positives;
};

// A mark without probability counts at every threshold, as if it had 1.
std::vector<Scores> ScoresOf(const std::vector<StudyOutcome>& studies) {
  std::vector<Scores> out;
  for (const StudyOutcome& study : studies) {
    Scores scores;
    for (const LesionOutcome& lesion : study.lesions) {
      scores.lesions.push_back(lesion.found ? lesion.best_probability.value_or(1) : kMissed);
    }
    for (const MarkOutcome& mark : study.marks) {
      if (mark.kind == MarkKind::kFalsePositive) {
        scores.false_positives.push_back(mark.probability.value_or(1));
      }
    }
    out.push_back(std::move(scores));
  }
  return out;
}

int MarksWithoutProbability(const std::vector<StudyOutcome>& studies) {
  int count = 0;
  for (const StudyOutcome& study : studies) {
    count += static_cast<int>(std::count_if(study.marks.begin(), study.marks.end(),
                                            [](const MarkOutcome& m) { return !m.probability; }));
  }
  return count;
}

FrocPoint PointAt(const std::vector<Scores>& studies, double least) {
  double found = 0, lesions = 0, false_positives = 0;
  const auto reaches = [least](double p) { return p >= least; };
  for (const Scores& s : studies) {
    lesions += static_cast<double>(s.lesions.size());
    found += static_cast<double>(std::count_if(s.lesions.begin(), s.lesions.end(), reaches));
    false_positives += static_cast<double>(
        std::count_if(s.false_positives.begin(), s.false_positives.end(), reaches));
  }
  return {least, false_positives / static_cast<double>(studies.size()), found / lesions};
}

// nullopt when the studies drawn have no lesion.
std::optional<double> SensitivityAt(double rate, const std::vector<Scores>& studies,
                                    std::span<const std::size_t> drawn) {
  std::vector<double> lesions, false_positives;
  for (const std::size_t n : drawn) {
    const Scores& s = studies[n];
    lesions.insert(lesions.end(), s.lesions.begin(), s.lesions.end());
    false_positives.insert(false_positives.end(), s.false_positives.begin(),
                           s.false_positives.end());
  }
  if (lesions.empty()) return std::nullopt;
  std::sort(false_positives.begin(), false_positives.end(), std::greater<>());
  const auto allowed =
      static_cast<std::size_t>(std::floor(rate * static_cast<double>(drawn.size())));
  // The threshold lies above the first false positive beyond the allowed number.
  const double above = allowed < false_positives.size() ? false_positives[allowed] : kMissed;
  const auto found =
      std::count_if(lesions.begin(), lesions.end(), [above](double p) { return p > above; });
  return static_cast<double>(found) / static_cast<double>(lesions.size());
}

FrocRate RateAt(double rate, const std::vector<Scores>& studies, double operating_rate,
                const BootstrapOptions& options) {
  FrocRate out{rate, std::nullopt, std::nullopt};
  if (rate > operating_rate) return out;
  std::vector<std::size_t> all(studies.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  out.sensitivity = SensitivityAt(rate, studies, all);
  out.ci95 = BootstrapInterval(studies.size(), options,
                               [&](auto drawn) { return SensitivityAt(rate, studies, drawn); });
  return out;
}

}  // namespace

Froc FrocOf(const std::vector<StudyOutcome>& studies, const BootstrapOptions& options) {
  Froc froc;
  const bool any_lesion = std::any_of(studies.begin(), studies.end(),
                                      [](const StudyOutcome& s) { return !s.lesions.empty(); });
  if (!any_lesion) {
    froc.no_curve = "the reference has no lesion";
    return froc;
  }
  const std::vector<Scores> scores = ScoresOf(studies);
  std::set<double, std::greater<>> thresholds;
  for (const Scores& s : scores) {
    for (const double p : s.lesions) thresholds.insert(std::max(p, 0.0));
    thresholds.insert(s.false_positives.begin(), s.false_positives.end());
  }
  const int unknown = MarksWithoutProbability(studies);
  if (unknown > 0) {
    froc.no_curve = fmt::format(
        "{} marks have no probability: their findings.json is not beside the Segmentation",
        unknown);
    thresholds = {0};
  }
  for (const double least : thresholds) {
    const FrocPoint point = PointAt(scores, least);
    // A threshold that changes neither count adds no point.
    const bool same =
        !froc.points.empty() && froc.points.back().sensitivity == point.sensitivity &&
        froc.points.back().false_positives_per_study == point.false_positives_per_study;
    if (!same) froc.points.push_back(point);
  }
  if (unknown > 0) return froc;
  const double operating_rate = froc.points.back().false_positives_per_study;
  for (const double rate : kRates) {
    froc.at_rates.push_back(RateAt(rate, scores, operating_rate, options));
  }
  return froc;
}

}  // namespace osteon
