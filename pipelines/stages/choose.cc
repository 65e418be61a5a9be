// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/choose.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <tuple>

#include "pipelines/stages/station_groups.h"

namespace osteon {
namespace {

std::string Millimetres(double mm) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f mm", mm);
  return text;
}

std::vector<std::size_t> WithContrast(const Study& study, Contrast contrast) {
  std::vector<std::size_t> series;
  for (std::size_t n = 0; n < study.series.size(); ++n) {
    if (study.series[n].contrast == contrast) series.push_back(n);
  }
  return series;
}

std::optional<double> ExpectedHeightMm(const Study& study, const ChooseOptions& options) {
  if (study.height_mm) return study.height_mm;
  if (!study.age_years || *study.age_years < options.weech_min_years ||
      *study.age_years > options.weech_max_years) {
    return std::nullopt;
  }
  return 770 + 60 * *study.age_years;
}

// Why a group is not the whole body; empty when it is.
std::string Shortfall(const Study& study, const StationGroup& group, const ChooseOptions& options) {
  double wanted_mm = options.min_coverage_mm;
  if (const auto height_mm = ExpectedHeightMm(study, options)) {
    wanted_mm = std::min(wanted_mm, options.min_coverage_of_height * *height_mm);
  }
  if (group.coverage_mm < wanted_mm) {
    return "covers " + Millimetres(group.coverage_mm) + " head to foot, a whole body needs " +
           Millimetres(wanted_mm);
  }
  if (group.width_mm < options.min_width_mm) {
    return "is " + Millimetres(group.width_mm) + " wide, a whole body needs " +
           Millimetres(options.min_width_mm);
  }
  if (!group.composed && group.series.size() < options.min_stations) {
    return "has " + std::to_string(group.series.size()) + " station(s), a whole body needs " +
           std::to_string(options.min_stations) + " or a composed series";
  }
  return {};
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

// Coronal first; then stations, each with a coil bias of its own, before the vendor's composing
// unless they lack a part; then the larger coverage; then the later series, since repeats are made
// for a reason.
const StationGroup* Best(const std::vector<const StationGroup*>& groups,
                         const ChooseOptions& options) {
  const StationGroup* best = nullptr;
  for (const StationGroup* g : groups) {
    if (best == nullptr) {
      best = g;
      continue;
    }
    const auto rank = [&](const StationGroup& x) {
      const double bonus_mm = x.composed ? 0 : options.stations_may_lack_mm;
      return std::tuple(-PlaneRank(x.plane), x.coverage_mm + bonus_mm, x.series.front());
    };
    if (rank(*g) > rank(*best)) best = g;
  }
  return best;
}

// Collects the choice and, for each series, the reason.
class Chooser {
 public:
  Chooser(const Study& study, const ChooseOptions& options) : study_(study), options_(options) {
    reasons_.resize(study.series.size());
  }

  // Takes the best whole-body group of this contrast into `choice_.stir`.
  bool TakeWholeBody(Contrast contrast) {
    const auto groups = GroupStations(study_, WithContrast(study_, contrast), options_);
    std::vector<const StationGroup*> whole;
    for (const StationGroup& group : groups) {
      const std::string shortfall = Shortfall(study_, group, options_);
      if (shortfall.empty()) {
        whole.push_back(&group);
      } else {
        Reject(group, std::string(Name(contrast)) + " that " + shortfall);
        if (shortfall_.empty()) shortfall_ = "the " + std::string(Name(contrast)) + " " + shortfall;
      }
    }
    const StationGroup* best = Best(whole, options_);
    if (best == nullptr) return false;
    for (const StationGroup* group : whole) {
      if (group != best) Reject(*group, "a second image of the body; another series is better");
    }
    Take(*best, choice_.stir);
    choice_.stations = !best->composed;
    choice_.coverage_mm = best->coverage_mm;
    frame_of_reference_ = study_.series[best->series.front()].geometry.frame_of_reference_uid;
    return true;
  }

  // Takes the best group of a contrast that only helps, in the frame of reference of the STIR.
  void TakeSupport(const std::vector<std::size_t>& candidates, std::vector<std::size_t>& chosen) {
    std::vector<std::size_t> usable;
    for (const std::size_t s : candidates) {
      if (study_.series[s].geometry.frame_of_reference_uid == frame_of_reference_) {
        usable.push_back(s);
      } else {
        SetReason(s, "another frame of reference than the STIR: places cannot be compared");
      }
    }
    const auto groups = GroupStations(study_, usable, options_);
    if (groups.empty()) return;
    for (const StationGroup& group : groups) {
      if (&group != &groups.front()) Reject(group, "another series of this contrast covers more");
    }
    Take(groups.front(), chosen);
  }

  void TakeDiffusion() {
    std::optional<double> highest;
    for (const std::size_t s : WithContrast(study_, Contrast::kDiffusion)) {
      const double b = study_.series[s].physics.b_value_s_per_mm2.value_or(0);
      if (b >= options_.min_b_high_s_per_mm2) highest = std::max(highest.value_or(b), b);
    }
    std::vector<std::size_t> high;
    for (const std::size_t s : WithContrast(study_, Contrast::kDiffusion)) {
      if (highest && study_.series[s].physics.b_value_s_per_mm2 == highest) {
        high.push_back(s);
      } else {
        SetReason(s, "diffusion at a low b-value: only the highest is used");
      }
    }
    TakeSupport(high, choice_.diffusion);
  }

  Selection Finish(bool whole_body) {
    if (whole_body) {
      TakeSupport(WithContrast(study_, Contrast::kT1), choice_.t1);
      TakeSupport(WithContrast(study_, Contrast::kT1PostContrast), choice_.t1_post_contrast);
      TakeSupport(WithContrast(study_, Contrast::kAdc), choice_.adc);
      TakeDiffusion();
    }
    Selection selection;
    selection.eligibility = whole_body ? Eligibility::kWholeBody : WhatElse();
    if (!whole_body) selection.reason = WhyNot(selection.eligibility);
    for (std::size_t s = 0; s < reasons_.size(); ++s) {
      std::string text = reasons_[s];
      if (text.empty()) text = "not used: " + study_.series[s].contrast_reason;
      choice_.reasons.push_back({s, taken_.contains(s), std::move(text)});
    }
    selection.choice = std::move(choice_);
    return selection;
  }

 private:
  void SetReason(std::size_t series, const std::string& text) { reasons_[series] = text; }

  void Reject(const StationGroup& group, const std::string& why) {
    for (const std::size_t s : group.series) SetReason(s, "not used: " + why);
    for (const auto& [replaced, by] : group.repeats) SetReason(replaced, "not used: " + why);
  }

  void Take(const StationGroup& group, std::vector<std::size_t>& chosen) {
    chosen = group.series;
    for (std::size_t n = 0; n < group.series.size(); ++n) {
      const SeriesInfo& info = study_.series[group.series[n]];
      const std::string part =
          group.series.size() == 1
              ? std::string(group.composed ? ", composed" : "")
              : ", station " + std::to_string(n + 1) + " of " + std::to_string(group.series.size());
      SetReason(group.series[n], "taken as " + std::string(Name(info.contrast)) + part + ": " +
                                     info.contrast_reason);
      taken_.insert(group.series[n]);
    }
    for (const auto& [replaced, by] : group.repeats) {
      SetReason(replaced,
                "not used: repeated by series " + std::to_string(study_.series[by].series_number));
    }
  }

  Eligibility WhatElse() const {
    const bool damaged = std::any_of(study_.left_out.begin(), study_.left_out.end(),
                                     [](const Study::LeftOut& out) { return out.damaged; });
    return damaged ? Eligibility::kDamaged : Eligibility::kNotWholeBody;
  }

  // The distinct reasons why things were left out while reading.
  std::string LeftOutReasons(Eligibility eligibility) const {
    constexpr std::size_t kMost = 3;
    std::vector<std::string> texts;
    for (const Study::LeftOut& out : study_.left_out) {
      const bool damage = eligibility == Eligibility::kDamaged;
      if (damage != out.damaged) continue;
      const std::string text = damage ? out.what + ": " + out.reason : out.reason;
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
    std::string list;
    for (std::size_t n = 0; n < std::min(texts.size(), kMost); ++n) {
      list += (n == 0 ? "" : "; ") + texts[n];
    }
    if (texts.size() > kMost) list += "; and " + std::to_string(texts.size() - kMost) + " more";
    return list;
  }

  std::string WhyNot(Eligibility eligibility) const {
    if (eligibility == Eligibility::kDamaged) {
      return "no usable whole-body STIR, and a part of the study cannot be read: " +
             LeftOutReasons(eligibility);
    }
    if (!shortfall_.empty()) return "not a whole-body MRI: " + shortfall_;
    if (study_.series.empty()) {
      return "not a whole-body MRI: no MR image that can be read (" + LeftOutReasons(eligibility) +
             ")";
    }
    return "not a whole-body MRI: none of its " + std::to_string(study_.series.size()) +
           " MR series is a STIR or T2 Dixon water image";
  }

  const Study& study_;
  const ChooseOptions& options_;
  SeriesChoice choice_;
  std::vector<std::string> reasons_;
  std::set<std::size_t> taken_;
  std::string shortfall_;
  std::string frame_of_reference_;
};

}  // namespace

Selection ChooseSeries(const Study& study, const ChooseOptions& options) {
  Chooser chooser(study, options);
  bool whole_body = chooser.TakeWholeBody(Contrast::kStir);
  if (!whole_body) whole_body = chooser.TakeWholeBody(Contrast::kDixonWater);
  return chooser.Finish(whole_body);
}

}  // namespace osteon
