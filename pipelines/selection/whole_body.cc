// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/whole_body.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <tuple>

namespace osteon {
namespace {

// Weech's formula as in paediatric textbooks: a child's height is 770 mm and 60 mm for each year.
constexpr double kWeechAtBirthMm = 770, kWeechMmPerYear = 60;

std::optional<double> ExpectedHeightMm(const Study& study, const ChooseOptions& options) {
  if (study.height_mm) return study.height_mm;
  if (!study.age_years || *study.age_years < options.weech_min_years ||
      *study.age_years > options.weech_max_years) {
    return std::nullopt;
  }
  return kWeechAtBirthMm + kWeechMmPerYear * *study.age_years;
}

int PlaneRank(Plane plane) {
  switch (plane) {
    case Plane::kCoronal:
      return 0;
    case Plane::kSagittal:
      return 1;
    case Plane::kAxial:
      return 2;
    case Plane::kOblique:
      return 3;
  }
  return 3;
}

}  // namespace

double NeededMm(const Study& study, const ChooseOptions& options, Completeness wanted) {
  double needed_mm = options.min_coverage_mm;
  if (const auto height_mm = ExpectedHeightMm(study, options)) {
    needed_mm = std::min(needed_mm, options.min_coverage_of_height * *height_mm);
  }
  return wanted == Completeness::kIncomplete
             ? std::min(needed_mm, options.min_coverage_incomplete_mm)
             : needed_mm;
}

std::optional<Phrase> Shortfall(const Study& study, const StationGroup& group,
                                const ChooseOptions& options, Completeness wanted) {
  const auto mm = [](double length_mm) { return fmt::format("{:.0f}", length_mm); };
  const double needed_mm = NeededMm(study, options, wanted);
  if (group.coverage_mm < needed_mm) {
    return Phrase{"too_short",
                  "covers " + mm(group.coverage_mm) + " mm head to foot, a whole body needs " +
                      mm(needed_mm) + " mm",
                  {mm(group.coverage_mm), mm(needed_mm)}};
  }
  if (group.width_mm < options.min_width_mm) {
    return Phrase{"too_narrow",
                  "is " + mm(group.width_mm) + " mm wide, a whole body needs " +
                      mm(options.min_width_mm) + " mm",
                  {mm(group.width_mm), mm(options.min_width_mm)}};
  }
  const auto height_mm = ExpectedHeightMm(study, options);
  const bool is_the_share =
      height_mm && group.coverage_mm >= options.min_coverage_of_height * *height_mm;
  if (wanted == Completeness::kWholeBody && !group.composed && !is_the_share &&
      group.series.size() < options.min_stations) {
    return Phrase{"too_few_stations",
                  fmt::format("has {} station(s), a whole body needs {} or a composed series",
                              group.series.size(), options.min_stations),
                  {std::to_string(group.series.size()), std::to_string(options.min_stations)}};
  }
  return std::nullopt;
}

const StationGroup* Best(const std::vector<const StationGroup*>& groups,
                         const ChooseOptions& options) {
  const StationGroup* best = nullptr;
  const auto rank = [&](const StationGroup& x) {
    const double bonus_mm = x.composed ? 0 : options.stations_may_lack_mm;
    return std::tuple(-PlaneRank(x.plane), x.coverage_mm + bonus_mm,
                      -static_cast<int>(x.completing.size()), x.series.front());
  };
  for (const StationGroup* g : groups) {
    if (best == nullptr || rank(*g) > rank(*best)) best = g;
  }
  return best;
}

}  // namespace osteon
