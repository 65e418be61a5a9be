// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/summary.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <set>

#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

using Studies = std::vector<StudyOutcome>;
using Wanted = std::function<bool(const LesionOutcome&)>;

// Chosen: from the size below which a lesion need not be found, in steps of about three.
struct SizeBin {
  const char* name;
  double from_ml, to_ml;
};
constexpr std::array kSizeBins{SizeBin{"under 0.4 ml", 0, 0.4}, SizeBin{"0.4 to 1 ml", 0.4, 1},
                               SizeBin{"1 to 3 ml", 1, 3},
                               SizeBin{"from 3 ml", 3, std::numeric_limits<double>::infinity()}};

constexpr const char* kSiteNotTold = "(not told)";

// The share of lesions for which `right` is true, of those for which it is not nullopt.
Proportion Share(const Studies& studies,
                 const std::function<std::optional<bool>(const LesionOutcome&)>& right) {
  std::vector<Count> counts;
  for (const StudyOutcome& study : studies) {
    Count count;
    for (const LesionOutcome& lesion : study.lesions) {
      const auto is_right = right(lesion);
      count.of += is_right.has_value();
      count.hits += is_right.value_or(false);
    }
    counts.push_back(count);
  }
  return ClusteredProportion(counts);
}

Proportion Sensitivity(const Studies& studies, const Wanted& wanted) {
  return Share(studies, [&](const LesionOutcome& lesion) {
    return wanted(lesion) ? std::optional(lesion.found) : std::nullopt;
  });
}

Median MedianDice(const Studies& studies, const Wanted& wanted, const BootstrapOptions& options) {
  std::vector<std::vector<double>> by_study;
  std::vector<double> all;
  for (const StudyOutcome& study : studies) {
    std::vector<double> of_study;
    for (const LesionOutcome& lesion : study.lesions) {
      if (lesion.dice && wanted(lesion)) of_study.push_back(*lesion.dice);
    }
    if (of_study.empty()) continue;
    all.insert(all.end(), of_study.begin(), of_study.end());
    by_study.push_back(std::move(of_study));
  }
  Median median{all.size(), InterpolatedQuantile(all, 0.5), std::nullopt};
  median.ci95 = BootstrapInterval(by_study.size(), options, [&](auto drawn) {
    std::vector<double> values;
    for (const std::size_t n : drawn) {
      values.insert(values.end(), by_study[n].begin(), by_study[n].end());
    }
    return InterpolatedQuantile(std::move(values), 0.5);
  });
  return median;
}

SensitivityRow Row(std::string name, const Studies& studies, const Wanted& wanted,
                   const BootstrapOptions& options) {
  return {std::move(name), Sensitivity(studies, wanted), MedianDice(studies, wanted, options)};
}

std::string SiteName(const LesionOutcome& lesion) {
  return lesion.site.empty() ? kSiteNotTold : lesion.site;
}

std::vector<SensitivityRow> BySite(const Studies& studies, const BootstrapOptions& options) {
  std::set<std::string> sites;
  for (const StudyOutcome& study : studies) {
    for (const LesionOutcome& lesion : study.lesions) sites.insert(SiteName(lesion));
  }
  std::vector<SensitivityRow> rows;
  for (const std::string& site : sites) {
    const auto is_there = [&](const LesionOutcome& lesion) { return SiteName(lesion) == site; };
    rows.push_back(Row(site, studies, is_there, options));
  }
  return rows;
}

int FalsePositives(const StudyOutcome& study) {
  return static_cast<int>(
      std::count_if(study.marks.begin(), study.marks.end(),
                    [](const MarkOutcome& m) { return m.kind == MarkKind::kFalsePositive; }));
}

void CountStudies(const Studies& studies, const BootstrapOptions& options, Summary& summary) {
  std::vector<int> false_positives, without_lesions;
  for (const StudyOutcome& study : studies) {
    ++summary.studies;
    summary.studies_with_lesions += !study.lesions.empty();
    summary.studies_not_evaluable += !study.evaluable;
    summary.marks += static_cast<int>(study.marks.size());
    for (const MarkOutcome& mark : study.marks) {
      summary.marks_beside += mark.kind == MarkKind::kBeside;
    }
    false_positives.push_back(FalsePositives(study));
    if (study.lesions.empty()) without_lesions.push_back(false_positives.back());
  }
  summary.false_positives = RateOf(false_positives, options);
  summary.false_positives_without_lesions = RateOf(without_lesions, options);
}

}  // namespace

Summary Summarise(const Studies& studies, const BootstrapOptions& options) {
  Summary summary;
  CountStudies(studies, options, summary);
  const auto all = [](const LesionOutcome&) { return true; };
  summary.sensitivity = Sensitivity(studies, all);
  for (const SizeBin& bin : kSizeBins) {
    const auto in_bin = [&](const LesionOutcome& lesion) {
      return lesion.volume_ml >= bin.from_ml && lesion.volume_ml < bin.to_ml;
    };
    summary.by_size.push_back(Row(bin.name, studies, in_bin, options));
  }
  summary.by_site = BySite(studies, options);
  summary.dice = MedianDice(studies, all, options);
  summary.dice_from_1_ml = MedianDice(
      studies, [](const LesionOutcome& lesion) { return lesion.volume_ml >= 1; }, options);
  summary.site_right = Share(studies, [](const LesionOutcome& l) { return l.site_right; });
  summary.side_right = Share(studies, [](const LesionOutcome& l) { return l.side_right; });
  summary.place_right = Share(studies, [](const LesionOutcome& l) { return l.place_right; });
  summary.froc = FrocOf(studies, options);
  return summary;
}

}  // namespace osteon
