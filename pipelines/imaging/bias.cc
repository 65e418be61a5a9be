// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/bias.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "pipelines/base/on_threads.h"
#include "pipelines/imaging/resample.h"
#include "pipelines/imaging/smooth.h"

namespace osteon {
namespace {

// Foreground starts at this fraction of the mean of the voxels above the mean. Chosen: below it are
// air, cortical bone and suppressed fat.
constexpr double kForegroundDivisor = 3.0;
// Blocks of foreground that a field needs. Chosen: 43 ml in blocks of 6 mm; fewer are no body.
constexpr std::size_t kLeastForeground = 200;
// Width of the histogram's bins in natural logarithm. Chosen: 5 %, below the last width of the
// weights.
constexpr double kBin = 0.05;
// Weights with which a value counts in its bin and the two on either side: a smoothing. Chosen.
constexpr std::array<double, 5> kSpread = {1, 2, 3, 2, 1};

BlockFactor FactorFor(const VolumeGeometry& g, double working_spacing_mm) {
  const auto factor = [&](double spacing_mm) {
    return std::max(1, static_cast<int>(std::lround(working_spacing_mm / spacing_mm)));
  };
  const Vec3 spacing = g.spacing_mm();
  return {factor(spacing.x), factor(spacing.y), factor(spacing.z)};
}

float ForegroundThreshold(const Volume<float>& volume) {
  double sum = 0;
  for (const float v : volume.voxels()) sum += v;
  const double mean = sum / static_cast<double>(std::max<std::size_t>(1, volume.size()));
  double bright_sum = 0;
  std::size_t bright = 0;
  for (const float v : volume.voxels()) {
    if (v <= mean) continue;
    bright_sum += v;
    ++bright;
  }
  return bright == 0
             ? 0
             : static_cast<float>(bright_sum / (kForegroundDivisor * static_cast<double>(bright)));
}

// Peak of the smoothed histogram of the values.
double Mode(const std::vector<float>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const auto bins = static_cast<std::size_t>((*high - *low) / kBin) + 1;
  std::vector<double> counts(bins + kSpread.size() - 1, 0);
  for (const float v : values) {
    const auto bin = static_cast<std::size_t>((v - *low) / kBin);
    for (std::size_t b = 0; b < kSpread.size(); ++b) counts[bin + b] += kSpread[b];
  }
  const auto peak = std::max_element(counts.begin(), counts.end()) - counts.begin();
  constexpr std::size_t kMiddle = kSpread.size() / 2;
  return *low + (static_cast<double>(peak) - static_cast<double>(kMiddle) + 0.5) * kBin;
}

// From `first` at iteration 0 to `last` at the last of `count`, in equal ratios.
double Between(double first, double last, int n, int count) {
  return first * std::pow(last / first, count > 1 ? static_cast<double>(n) / (count - 1) : 1.0);
}

struct Foreground {
  std::vector<std::size_t> index;
  std::vector<float> log_value;
};

Foreground ForegroundOf(const Volume<float>& volume) {
  const float threshold = ForegroundThreshold(volume);
  Foreground foreground;
  for (std::size_t n = 0; n < volume.size(); ++n) {
    if (volume[n] <= 0 || volume[n] < threshold) continue;
    foreground.index.push_back(n);
    foreground.log_value.push_back(std::log(volume[n]));
  }
  return foreground;
}

// One refit: adds to the field the weighted and smoothed difference from the mode; little is added
// where there is little foreground.
void Refit(const Foreground& foreground, double width, double sigma_mm, const BiasOptions& options,
           Volume<float>& field) {
  std::vector<float> corrected(foreground.index.size());
  for (std::size_t n = 0; n < corrected.size(); ++n) {
    corrected[n] = foreground.log_value[n] - field[foreground.index[n]];
  }
  const double mode = Mode(corrected);
  Volume<float> departures(field.geometry());
  Volume<float> weights(field.geometry());
  for (std::size_t n = 0; n < corrected.size(); ++n) {
    const double off = (corrected[n] - mode) / width;
    const double weight = std::exp(-0.5 * off * off);
    weights[foreground.index[n]] = static_cast<float>(weight);
    departures[foreground.index[n]] = static_cast<float>(weight * (corrected[n] - mode));
  }
  double weight_sum = 0;
  double field_sum = 0;
  for (const std::size_t n : foreground.index) {
    weight_sum += weights[n];
    field_sum += weights[n] * field[n];
  }
  // Only differences are the coil's: the weighted mean of the foreground stays.
  const auto level = static_cast<float>(field_sum / weight_sum);
  OnThreads(options.threads, {[&] { SmoothInPlace(departures, sigma_mm); },
                              [&] { SmoothInPlace(weights, sigma_mm); }});
  for (std::size_t n = 0; n < field.size(); ++n) {
    field[n] += departures[n] / (weights[n] + static_cast<float>(options.prior_weight)) - level;
  }
}

Volume<float> LogField(const Volume<float>& shrunken, const BiasOptions& options) {
  const Foreground foreground = ForegroundOf(shrunken);
  if (foreground.index.size() < kLeastForeground) return {};
  Volume<float> field(shrunken.geometry());
  for (int n = 0; n < options.iterations; ++n) {
    Refit(foreground, Between(options.first_width, options.last_width, n, options.iterations),
          Between(options.coarsest_sigma_mm, options.finest_sigma_mm, n, options.iterations),
          options, field);
  }
  return field;
}

}  // namespace

void CorrectBias(Volume<float>& volume, const BiasOptions& options) {
  const VolumeGeometry geometry = volume.geometry();
  const Volume<float> log_field =
      LogField(ShrinkByMean(volume, FactorFor(geometry, options.working_spacing_mm)), options);
  if (log_field.empty()) return;
  const auto limit = static_cast<float>(std::log(options.max_gain));
  // Slice by slice: the field at full resolution would be as large as the volume.
  OnThreads(options.threads, geometry.slices, [&](int k) {
    VolumeGeometry slice = geometry;
    slice.slices = 1;
    slice.patient_from_voxel.origin = geometry.patient_from_voxel({0, 0, static_cast<double>(k)});
    const Volume<float> field = Resample(log_field, slice, 0);
    const auto row = volume.Slice(k);
    for (std::size_t n = 0; n < row.size(); ++n) {
      row[n] *= std::exp(-std::clamp(field[n], -limit, limit));
    }
  });
}

}  // namespace osteon
