// SPDX-License-Identifier: GPL-3.0-or-later
// Confidence intervals that hold for few studies and for lesions of one patient, which are not
// independent.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace osteon {

struct Interval {
  double low = 0, high = 0;
};

// Hits out of cases in one study.
struct Count {
  int hits = 0, of = 0;
};

// A share with its 95 % interval, nullopt when there is nothing to count.
struct Proportion {
  int hits = 0, of = 0;
  std::optional<double> value;
  std::optional<Interval> ci95;
};

// Wilson's score interval (Wilson 1927; Brown, Cai, DasGupta 2001) with the number of cases divided
// by the design effect of the studies they come from, at least 1 (Rao and Scott 1992). Within
// 0 and 1. With 0 or all hits the design effect cannot be estimated and is taken as 1: the interval
// may then be too narrow.
Proportion ClusteredProportion(std::span<const Count> studies);

// With fewer studies there is no bootstrap interval: resampling gives only a few different values.
// Chosen.
inline constexpr std::size_t kLeastStudiesForBootstrap = 5;

struct BootstrapOptions {
  int resamples = 2000;
  std::uint64_t seed = 20260101;
};

// Draws whole studies with replacement. The same seed gives the same draws on every machine.
class StudyResampler {
 public:
  StudyResampler(std::size_t studies, std::uint64_t seed) : studies_(studies), random_(seed) {}
  // Indices of `studies` studies.
  std::vector<std::size_t> Draw();

 private:
  std::size_t studies_;
  std::mt19937_64 random_;
};

// Percentile interval of `statistic`, which is given the indices of the studies drawn and may have
// no value for some draws; those are left out. nullopt with fewer than kLeastStudiesForBootstrap
// studies.
std::optional<Interval> BootstrapInterval(
    std::size_t studies, const BootstrapOptions& options,
    const std::function<std::optional<double>(std::span<const std::size_t>)>& statistic);

// Events per study.
struct Rate {
  int events = 0, studies = 0;
  std::optional<double> per_study;
  // Bootstrap over studies; with no event at all, 0 to the exact Poisson bound 3.69 / studies.
  std::optional<Interval> ci95;
};
Rate RateOf(std::span<const int> events_of_studies, const BootstrapOptions& options);

}  // namespace osteon
