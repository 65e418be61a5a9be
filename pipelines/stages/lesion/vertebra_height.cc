// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/vertebra_height.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pipelines/model/label_voxels.h"
#include "pipelines/model/statistics.h"

namespace osteon {
namespace {

// All chosen; a level is the distance from disc to disc.
constexpr double kReachMm = 130;  // Searched above and below the lesion: three levels or more.
// A child's cervical to a tall adult's lumbar spine.
constexpr double kShortestLevelMm = 11, kLongestLevelMm = 46;
constexpr double kBaselineMm = 45;  // Window of the running median: about the longest level.
// Values are divided by this quantile of their magnitude and clipped, so that the edge of a bright
// lesion does not dominate.
constexpr std::size_t kSpreadNumerator = 9, kSpreadDenominator = 10;
constexpr double kClip = 1.5;
constexpr double kLeastPeriodicity = 0.30;  // Autocorrelation, 0..1, at the distance of one level.
// A longer period must correlate better by this factor: twice the distance fits as well.
constexpr double kLongerPeriodFactor = 1.15;
constexpr std::size_t kLeastPeriods = 3;  // In the profile.
constexpr double kLeastPeak = 0.25;       // Of a disc in the detrended signal.
// Discs are at least this share of a period, and this many rows, apart.
constexpr double kPeakReachPeriods = 0.3, kPeakReachRows = 2.0;
constexpr double kTopShare = 0.5;  // The middle of a disc is that of its signal over half the peak.
// The part of the bodies that is averaged: half width, and depth from kFrontMm to kDepthMm.
constexpr double kHalfWidthMm = 6, kFrontMm = 3, kDepthMm = 16;
constexpr std::size_t kLeastSpineVoxels = 6;  // Of a row.
// A lesion's bright border is neither body nor disc: voxels so near to one do not count, nor does a
// row with less than this share of its voxels left.
constexpr double kBorderMm = 3, kLeastLeft = 0.5;
constexpr double kMostMissing = 0.3;  // Share of rows without a value.
// Largest relative difference of neighbouring levels, which change by a few percent in a healthy
// spine.
constexpr double kNeighbourSpread = 0.30;
// Of what a level lacks, the share that a level next to it may have more than the others; levels
// that lack less than kLeastLack of the others differ by chance.
constexpr double kMostShifted = 0.5, kLeastLack = 0.1;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Interpolates missing rows linearly. nullopt with too many of them.
std::optional<std::vector<double>> Filled(std::vector<double> signal) {
  const auto missing =
      std::count_if(signal.begin(), signal.end(), [](double v) { return std::isnan(v); });
  if (static_cast<double>(missing) > kMostMissing * static_cast<double>(signal.size()))
    return std::nullopt;
  std::size_t last = signal.size();
  for (std::size_t n = 0; n < signal.size(); ++n) {
    if (std::isnan(signal[n])) continue;
    for (std::size_t m = last == signal.size() ? 0 : last + 1; m < n; ++m) {
      const double t =
          last == signal.size() ? 1 : static_cast<double>(m - last) / static_cast<double>(n - last);
      signal[m] = last == signal.size() ? signal[n] : (1 - t) * signal[last] + t * signal[n];
    }
    last = n;
  }
  for (std::size_t m = last + 1; m < signal.size(); ++m) signal[m] = signal[last];
  return signal;
}

// The signal less its running median, over the 90 % quantile of its magnitude.
std::vector<double> Detrended(const std::vector<double>& signal, double step_mm) {
  const auto half = static_cast<std::ptrdiff_t>(0.5 * kBaselineMm / step_mm);
  const auto size = static_cast<std::ptrdiff_t>(signal.size());
  std::vector<double> out(signal.size());
  for (std::ptrdiff_t n = 0; n < size; ++n) {
    const std::ptrdiff_t from = std::max<std::ptrdiff_t>(0, n - half),
                         to = std::min(size, n + half + 1);
    out[static_cast<std::size_t>(n)] =
        signal[static_cast<std::size_t>(n)] -
        UpperQuantile(std::vector(signal.begin() + from, signal.begin() + to), 0.5);
  }
  std::vector<double> magnitude(out.size());
  std::transform(out.begin(), out.end(), magnitude.begin(), [](double v) { return std::abs(v); });
  const double high = NthValue(magnitude, magnitude.size() * kSpreadNumerator / kSpreadDenominator);
  for (double& v : out) v = high > 0 ? std::clamp(v / high, -kClip, kClip) : 0;
  return out;
}

// The lag, in rows, with the highest autocorrelation; 0 when none reaches kLeastPeriodicity.
double Period(const std::vector<double>& d, double step_mm) {
  const double own =
      std::inner_product(d.begin(), d.end(), d.begin(), 0.0) / static_cast<double>(d.size());
  if (own <= 0) return 0;
  double best = kLeastPeriodicity, period = 0;
  const auto longest = static_cast<std::size_t>(kLongestLevelMm / step_mm);
  for (auto lag = static_cast<std::size_t>(kShortestLevelMm / step_mm);
       lag <= longest && kLeastPeriods * lag < d.size(); ++lag) {
    double sum = 0;
    for (std::size_t n = 0; n + lag < d.size(); ++n) sum += d[n] * d[n + lag];
    const double r = sum / static_cast<double>(d.size() - lag) / own;
    if (r > best * (period > 0 ? kLongerPeriodFactor : 1)) {
      best = r;
      period = static_cast<double>(lag);
    }
  }
  return period;
}

// +1 when the narrow features (discs) are bright, -1 when they are dark: the sign of the skewness.
double PolarityOf(const std::vector<double>& d) {
  double cubes = 0;
  for (double v : d) cubes += v * v * v;
  return cubes >= 0 ? 1 : -1;
}

std::vector<double> Peaks(const std::vector<double>& d, double polarity, double period) {
  std::vector<double> peaks;
  const auto reach =
      static_cast<std::ptrdiff_t>(std::max(kPeakReachRows, kPeakReachPeriods * period));
  const auto size = static_cast<std::ptrdiff_t>(d.size());
  const auto at = [&](std::ptrdiff_t n) { return polarity * d[static_cast<std::size_t>(n)]; };
  for (std::ptrdiff_t n = 1; n + 1 < size; ++n) {
    if (at(n) < kLeastPeak) continue;
    bool highest = true;
    for (std::ptrdiff_t m = std::max<std::ptrdiff_t>(0, n - reach);
         m <= std::min(size - 1, n + reach) && highest; ++m) {
      highest = at(m) < at(n) || (at(m) == at(n) && m >= n);
    }
    if (!highest) continue;
    std::ptrdiff_t from = n, to = n;
    while (from > 0 && at(from - 1) > kTopShare * at(n)) --from;
    while (to + 1 < size && at(to + 1) > kTopShare * at(n)) ++to;
    peaks.push_back(0.5 * static_cast<double>(from + to));
  }
  return peaks;
}

bool IsSpine(UnitId unit) { return unit != 0 && UnitOf(unit).group == "spine"; }

// Whether a lesion is within kBorderMm in the plane, or in the slice before or after.
bool AtLesion(int i, int j, int k, const LesionMap& map) {
  const VolumeGeometry& g = map.labels.geometry();
  const Vec3 spacing = g.spacing_mm();
  const int across = static_cast<int>(std::ceil(kBorderMm / spacing.x)),
            along = static_cast<int>(std::ceil(kBorderMm / spacing.y));
  for (int c = std::max(0, k - 1); c <= std::min(g.slices - 1, k + 1); ++c)
    for (int b = std::max(0, j - along); b <= std::min(g.rows - 1, j + along); ++b)
      for (int a = std::max(0, i - across); a <= std::min(g.columns - 1, i + across); ++a)
        if (map.labels.At(a, b, c) != 0) return true;
  return false;
}

// Mean signal of the front of the spine in row j; NaN without spine or mostly with lesion.
double RowSignal(int j, const ComposedVolume& volume, const Skeleton& skeleton,
                 const LesionMap& map) {
  const VolumeGeometry& g = volume.stir.geometry();
  const Vec3 spacing = g.spacing_mm();
  std::vector<int> columns;
  for (int k = 0; k < g.slices; ++k)
    for (int i = 0; i < g.columns; ++i) {
      if (IsSpine(skeleton.units.At(i, j, k))) columns.push_back(i);
    }
  if (columns.size() < kLeastSpineVoxels) return kNaN;
  const int middle = UpperQuantile(columns, 0.5),
            half = std::max(1, static_cast<int>(kHalfWidthMm / spacing.x));
  double front_mm = -1, sum = 0;
  int count = 0, left_out = 0;
  for (int k = 0; k < g.slices; ++k) {
    for (int i = std::max(0, middle - half); i <= std::min(g.columns - 1, middle + half); ++i) {
      if (!IsSpine(skeleton.units.At(i, j, k))) continue;
      const double at_mm = k * spacing.z;
      if (front_mm < 0) front_mm = at_mm;
      const double deep_mm = at_mm - front_mm;
      if (deep_mm < kFrontMm && spacing.z < kFrontMm) continue;
      if (deep_mm > kDepthMm) continue;
      if (AtLesion(i, j, k, map)) {
        ++left_out;
        continue;
      }
      sum += static_cast<double>(volume.stir.At(i, j, k));
      ++count;
    }
  }
  return count > 0 && count >= kLeastLeft * (count + left_out) ? sum / count : kNaN;
}

// Level n, from disc n - 1 to disc n.
double Level(std::ptrdiff_t n, const std::vector<double>& discs) {
  return discs[static_cast<std::size_t>(n)] - discs[static_cast<std::size_t>(n - 1)];
}

// The levels up to two above and below level `index`, without level `but`.
std::vector<double> NeighboursOf(std::ptrdiff_t index, std::optional<std::ptrdiff_t> but,
                                 const std::vector<double>& discs) {
  std::vector<double> levels;
  for (std::ptrdiff_t n = std::max<std::ptrdiff_t>(1, index - 2); n <= index + 2; ++n) {
    if (n != index && n != but && n < static_cast<std::ptrdiff_t>(discs.size()))
      levels.push_back(Level(n, discs));
  }
  return levels;
}

// Whether the level is short because the bright rim of its lesion was taken for the disc above or
// below: then the level beyond that disc is longer by what this one lacks. A body that has
// collapsed leaves its neighbours as they were.
bool DiscMisplaced(std::ptrdiff_t index, const std::vector<double>& discs) {
  const double own = Level(index, discs);
  for (std::ptrdiff_t beyond : {index - 1, index + 1}) {
    const double others = MeanOf(NeighboursOf(index, beyond, discs));
    const double lack = others - own;
    if (lack > kLeastLack * others && Level(beyond, discs) - others > kMostShifted * lack)
      return true;
  }
  return false;
}

}  // namespace

std::vector<double> DiscsIn(const SpineProfile& profile) {
  if (static_cast<double>(profile.signal.size()) * profile.step_mm <
      kLeastPeriods * kShortestLevelMm)
    return {};
  const auto filled = Filled(profile.signal);
  if (!filled) return {};
  const std::vector<double> d = Detrended(*filled, profile.step_mm);
  const double period = Period(d, profile.step_mm);
  if (period <= 0) return {};
  return Peaks(d, PolarityOf(d), period);
}

std::optional<double> HeightLossAt(double at, const std::vector<double>& discs) {
  const auto below = std::upper_bound(discs.begin(), discs.end(), at);
  const auto index = below - discs.begin();
  // There must be a level on either side.
  if (index < 2 || index + 1 >= static_cast<std::ptrdiff_t>(discs.size())) return std::nullopt;
  const std::vector<double> neighbours = NeighboursOf(index, {}, discs);
  const double mean = MeanOf(neighbours);
  for (double n : neighbours) {
    if (std::abs(n - mean) > kNeighbourSpread * mean) return std::nullopt;
  }
  const double own = Level(index, discs);
  if (own > (1 + kNeighbourSpread) * mean) return std::nullopt;  // A disc was missed.
  if (DiscMisplaced(index, discs)) return std::nullopt;
  const double disc = kDiscShare * mean;
  return 100 * std::clamp(1 - (own - disc) / (mean - disc), 0.0, 1.0);
}

Lesion WithVertebraHeight(Lesion lesion, const ComposedVolume& volume, const Skeleton& skeleton,
                          const LesionMap& map) {
  if (!IsSpine(lesion.unit)) {
    lesion.height_loss_percent = Measured::NotAssessed("not a vertebra");
    return lesion;
  }
  const VolumeGeometry& g = volume.stir.geometry();
  const Vec3 voxel = Inverse(g.patient_from_voxel)(lesion.centroid_mm);
  const VoxelIndex centre{static_cast<int>(voxel.x), static_cast<int>(voxel.y),
                          static_cast<int>(voxel.z)};
  const VoxelBox box = BoxAround({centre}, g, kReachMm);
  SpineProfile profile;
  profile.step_mm = g.spacing_mm().y;
  for (int j = box.low.j; j <= box.high.j; ++j)
    profile.signal.push_back(RowSignal(j, volume, skeleton, map));
  const auto seen = [](double v) { return !std::isnan(v); };
  const auto first = std::find_if(profile.signal.begin(), profile.signal.end(), seen);
  const auto last = std::find_if(profile.signal.rbegin(), profile.signal.rend(), seen).base();
  const double offset = box.low.j + static_cast<double>(first - profile.signal.begin());
  if (first < last) profile.signal = {first, last};
  const auto loss = HeightLossAt(voxel.y - offset, DiscsIn(profile));
  lesion.height_loss_percent =
      loss ? Measured::Of(*loss)
           : Measured::NotAssessed("vertebral levels could not be told apart");
  return lesion;
}

}  // namespace osteon
