// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/confidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

constexpr double kLowTail = 0.025, kHighTail = 0.975;  // Of a 95 % interval.
constexpr double kZ95 = 1.959963984540054;             // 97.5 % point of the normal distribution.
constexpr double kPoissonZero = 3.688879454113936;     // -ln(kLowTail): upper bound for no event.

// Design effect: variance of the share between studies over that of independent cases; at least 1.
double DesignEffect(std::span<const Count> studies, double share, double cases) {
  double squares = 0;
  double with_cases = 0;
  for (const Count& study : studies) {
    if (study.of == 0) continue;
    ++with_cases;
    const double residual = study.hits - share * study.of;
    squares += residual * residual;
  }
  const double independent = share * (1 - share) / cases;
  if (with_cases < 2 || independent <= 0) return 1;
  const double between = with_cases / (with_cases - 1) * squares / (cases * cases);
  return std::max(1.0, between / independent);
}

Interval Wilson(double share, double cases) {
  const double z2 = kZ95 * kZ95;
  const double centre = (share + z2 / (2 * cases)) / (1 + z2 / cases);
  const double half =
      kZ95 / (1 + z2 / cases) * std::sqrt(share * (1 - share) / cases + z2 / (4 * cases * cases));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace

Proportion ClusteredProportion(std::span<const Count> studies) {
  Proportion out;
  for (const Count& study : studies) {
    out.hits += study.hits;
    out.of += study.of;
  }
  if (out.of == 0) return out;
  out.value = static_cast<double>(out.hits) / out.of;
  out.ci95 = Wilson(*out.value, out.of / DesignEffect(studies, *out.value, out.of));
  return out;
}

std::vector<std::size_t> StudyResampler::Draw() {
  // std::uniform_int_distribution differs between libraries; 32 bits times the count, upper half,
  // does not.
  std::vector<std::size_t> drawn(studies_);
  for (std::size_t& study : drawn) {
    study = static_cast<std::size_t>(((random_() >> 32U) * studies_) >> 32U);
  }
  return drawn;
}

std::optional<Interval> BootstrapInterval(
    std::size_t studies, const BootstrapOptions& options,
    const std::function<std::optional<double>(std::span<const std::size_t>)>& statistic) {
  if (studies < kLeastStudiesForBootstrap) return std::nullopt;
  StudyResampler resampler(studies, options.seed);
  std::vector<double> values;
  for (int n = 0; n < options.resamples; ++n) {
    if (const auto value = statistic(resampler.Draw())) values.push_back(*value);
  }
  const auto low = InterpolatedQuantile(values, kLowTail),
             high = InterpolatedQuantile(values, kHighTail);
  if (!low || !high) return std::nullopt;
  return Interval{*low, *high};
}

Rate RateOf(std::span<const int> events_of_studies, const BootstrapOptions& options) {
  Rate rate;
  rate.studies = static_cast<int>(events_of_studies.size());
  rate.events = std::accumulate(events_of_studies.begin(), events_of_studies.end(), 0);
  if (rate.studies == 0) return rate;
  rate.per_study = static_cast<double>(rate.events) / rate.studies;
  if (rate.events == 0) {
    rate.ci95 = Interval{0, kPoissonZero / rate.studies};
    return rate;
  }
  rate.ci95 = BootstrapInterval(events_of_studies.size(), options, [&](auto drawn) {
    double sum = 0;
    for (const std::size_t n : drawn) sum += events_of_studies[n];
    return std::optional(sum / static_cast<double>(drawn.size()));
  });
  return rate;
}

}  // namespace osteon
