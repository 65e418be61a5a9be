// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/selection/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "pipelines/selection/reasons.h"
#include "pipelines/selection/station_groups.h"
#include "pipelines/selection/whole_body.h"

namespace osteon {
namespace {

std::vector<std::size_t> WithContrast(const Study& study, Contrast contrast) {
  std::vector<std::size_t> series;
  for (std::size_t n = 0; n < study.series.size(); ++n) {
    if (study.series[n].contrast == contrast) series.push_back(n);
  }
  return series;
}

std::set<std::string> FramesOf(const Study& study, const std::vector<std::size_t>& series) {
  std::set<std::string> frames;
  for (const std::size_t s : series) {
    frames.insert(study.series[s].geometry.frame_of_reference_uid);
  }
  return frames;
}

// b-values of at least this share of the highest count as the highest. Chosen: scanners state what
// they measured, 799 and 800, and protocols step by more.
constexpr double kSameBShare = 0.95;

// Collects the choice and, for each series, the reason.
class Chooser {
 public:
  Chooser(const Study& study, const ChooseOptions& options, Completeness wanted)
      : study_(study), options_(options), wanted_(wanted) {
    reasons_.resize(study.series.size());
    selection_.needed_mm = NeededMm(study, options, wanted);
  }

  // Takes the best whole-body group of this contrast into `choice.stir`.
  bool TakeWholeBody(Contrast contrast) {
    const auto groups = GroupStations(study_, WithContrast(study_, contrast), options_);
    std::vector<const StationGroup*> whole;
    for (const StationGroup& group : groups) {
      Look(group);
      std::optional<Phrase> shortfall = Shortfall(study_, group, options_, wanted_);
      if (!shortfall) {
        whole.push_back(&group);
        continue;
      }
      const std::string name(Name(contrast));
      const std::string text = shortfall->text;
      shortfall->values.insert(shortfall->values.begin(), name);
      shortfall->text = fmt::format("{} that {}", name, text);
      Reject(group, *shortfall);
      if (!shortfall_.empty()) continue;
      shortfall->text = fmt::format("the {} {}", name, text);
      shortfall_ = {*shortfall};
      if (auto frames = OtherFrames(group)) shortfall_.push_back(*std::move(frames));
    }
    const StationGroup* best = Best(whole, options_);
    if (best == nullptr) return false;
    for (const StationGroup* group : whole) {
      if (group != best)
        Reject(*group,
               {"second_image", "a second image of the body; another series is better", {}});
    }
    SeriesChoice& choice = selection_.choice;
    Take(*best, choice.stir);
    choice.stations = !best->composed || best->series.size() > 1;
    choice.coverage_mm = best->coverage_mm;
    SayJoined(*best);
    SayNotAssessed(contrast, *best);
    return true;
  }

  // Takes the best group of a supporting contrast, among series in a frame of reference of the
  // STIR.
  void TakeSupport(Contrast contrast, const std::vector<std::size_t>& candidates,
                   std::vector<std::size_t>& chosen) {
    const std::set<std::string> frames = FramesOf(study_, selection_.choice.stir);
    std::vector<std::size_t> usable;
    for (const std::size_t s : candidates) {
      if (frames.contains(study_.series[s].geometry.frame_of_reference_uid)) {
        usable.push_back(s);
      } else {
        reasons_[s] = NotUsed({"other_frame_of_reference",
                               "another Frame of Reference UID (0020,0052) than the STIR: places "
                               "cannot be compared",
                               {}});
      }
    }
    const auto groups = GroupStations(study_, usable, options_);
    if (groups.empty()) {
      if (!candidates.empty()) SayUnused(contrast, candidates);
      return;
    }
    for (const StationGroup& group : groups) {
      if (&group != &groups.front())
        Reject(group, {"covers_less", "another series of this contrast covers more", {}});
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
      if (highest &&
          study_.series[s].physics.b_value_s_per_mm2.value_or(0) >= kSameBShare * *highest) {
        high.push_back(s);
      } else {
        reasons_[s] =
            NotUsed({"low_b", "diffusion at a low b-value; only the highest is used", {}});
      }
    }
    TakeSupport(Contrast::kDiffusion, high, selection_.choice.diffusion);
  }

  Selection Finish(bool whole_body) {
    SeriesChoice& choice = selection_.choice;
    if (whole_body) {
      for (const auto& [contrast, into] : {std::pair{Contrast::kT1, &choice.t1},
                                           {Contrast::kT1PostContrast, &choice.t1_post_contrast},
                                           {Contrast::kAdc, &choice.adc}}) {
        TakeSupport(contrast, WithContrast(study_, contrast), *into);
      }
      TakeDiffusion();
      SayGuesses();
    }
    selection_.eligibility = whole_body ? Eligibility::kWholeBody : WhatElse();
    if (!whole_body) selection_.why = WhyNot(study_, selection_.eligibility, shortfall_);
    selection_.reason = Text(selection_.why);
    for (std::size_t s = 0; s < reasons_.size(); ++s) {
      if (reasons_[s].empty()) reasons_[s] = NotUsed(ContrastOf(study_.series[s]));
      choice.reasons.push_back({s, taken_.contains(s), Text(reasons_[s])});
    }
    selection_.series_why = std::move(reasons_);
    return std::move(selection_);
  }

 private:
  void Look(const StationGroup& group) {
    selection_.coverage_mm = std::max(selection_.coverage_mm, group.coverage_mm);
    selection_.may_grow = selection_.may_grow || (group.coverage_mm >= options_.min_station_mm &&
                                                  group.width_mm >= options_.min_width_mm);
  }

  void Reject(const StationGroup& group, const Phrase& why) {
    for (const std::size_t s : group.series) {
      if (!taken_.contains(s)) reasons_[s] = NotUsed(why);
    }
    for (const auto& [replaced, by] : group.repeats) reasons_[replaced] = NotUsed(why);
  }

  void Take(const StationGroup& group, std::vector<std::size_t>& chosen) {
    chosen = group.series;
    for (std::size_t n = 0; n < group.series.size(); ++n) {
      reasons_[group.series[n]] = {TakenAs(study_, group, n),
                                   ContrastOf(study_.series[group.series[n]])};
      taken_.insert(group.series[n]);
    }
    for (const auto& [replaced, by] : group.repeats) {
      const std::string number = std::to_string(study_.series[by].series_number);
      reasons_[replaced] = NotUsed({"repeated_by", "repeated by series " + number, {number}});
    }
  }

  // For a group that is too short: says when its contrast has several frames of reference.
  std::optional<Phrase> OtherFrames(const StationGroup& group) const {
    const Contrast contrast = study_.series[group.series.front()].contrast;
    const std::size_t frames = FramesOf(study_, WithContrast(study_, contrast)).size();
    if (frames < 2) return std::nullopt;
    return Phrase{"frames_of_reference",
                  fmt::format("; there are {} Frames of Reference UID (0020,0052), in which "
                              "positions do not continue each other",
                              frames),
                  {std::to_string(frames)}};
  }

  std::string Numbers(const std::vector<std::size_t>& series) const {
    std::set<int> numbers;
    for (const std::size_t s : series) numbers.insert(study_.series[s].series_number);
    return fmt::format("{}", fmt::join(numbers, ", "));
  }

  void Say(std::string code, std::string text, std::vector<std::string> values) {
    selection_.caveats.push_back({std::move(code), std::move(text), std::move(values)});
  }

  void SayJoined(const StationGroup& group) {
    if (!group.other_frame.empty()) {
      const std::string frames = std::to_string(FramesOf(study_, group.series).size());
      Say("frames_of_reference_joined",
          "the stations were sent in " + frames +
              " frames of reference and were joined by their positions: between stations, places "
              "are as right as the table positions",
          {frames});
    }
    if (!group.completing.empty()) {
      const std::string list = Numbers(group.completing);
      Say("stations_differ",
          "series " + list +
              " completes the body: another echo time, repetition time, pixel or slice size than "
              "the "
              "other stations",
          {list});
    }
  }

  // Names series that show parts of the body which no chosen series covers, so that those parts are
  // not reported as not imaged.
  void SayNotAssessed(Contrast contrast, const StationGroup& best) {
    std::vector<Interval> covered = best.Intervals(study_);
    for (const std::size_t s : WithContrast(study_, contrast)) {
      if (taken_.contains(s)) continue;
      const double more_mm = UncoveredMm(HeadFootExtent(study_.series[s].geometry), covered);
      if (more_mm < options_.min_added_mm) continue;
      const std::string number = std::to_string(study_.series[s].series_number);
      const std::string mm = std::to_string(static_cast<int>(more_mm));
      Say("imaged_not_used",
          fmt::format("series {} images {} mm of the body that no series in use covers, and was "
                      "not used: {}",
                      number, mm,
                      reasons_[s].empty() ? study_.series[s].contrast_reason : Text(reasons_[s])),
          {number, mm});
    }
  }

  void SayUnused(Contrast contrast, const std::vector<std::size_t>& series) {
    const std::string list = Numbers(series);
    Say("contrast_not_used",
        fmt::format("{} (series {}) is there and was not used: it is in another frame of "
                    "reference than the STIR",
                    Name(contrast), list),
        {std::string(Name(contrast)), list});
  }

  void SayGuesses() {
    std::map<std::string, std::vector<std::size_t>> by_guess;
    for (const std::size_t s : taken_) {
      if (!study_.series[s].contrast_guess.empty()) {
        by_guess[study_.series[s].contrast_guess].push_back(s);
      }
    }
    for (const auto& [guess, series] : by_guess) {
      const std::string list = Numbers(series);
      Say("contrast_guessed", fmt::format("series {}: {}", list, guess), {list, guess});
    }
  }

  // Damaged when something unreadable could have been the body: a STIR or water image that is not
  // known to be too short.
  Eligibility WhatElse() const {
    const bool damaged =
        std::any_of(study_.left_out.begin(), study_.left_out.end(), [&](const Study::LeftOut& out) {
          return out.damaged && MayBeTheBody(out.contrast) &&
                 (out.head_foot_mm == 0 || out.head_foot_mm >= options_.min_station_mm);
        });
    return damaged ? Eligibility::kDamaged : Eligibility::kNotWholeBody;
  }

  const Study& study_;
  const ChooseOptions& options_;
  const Completeness wanted_;
  Selection selection_;
  std::vector<Phrases> reasons_;
  std::set<std::size_t> taken_;
  Phrases shortfall_;
};

}  // namespace

Selection ChooseSeries(const Study& study, const ChooseOptions& options, Completeness wanted) {
  Chooser chooser(study, options, wanted);
  bool whole_body = chooser.TakeWholeBody(Contrast::kStir);
  if (!whole_body) whole_body = chooser.TakeWholeBody(Contrast::kDixonWater);
  return chooser.Finish(whole_body);
}

}  // namespace osteon
