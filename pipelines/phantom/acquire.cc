// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/acquire.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <thread>

#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

// The scanner. All chosen to look like whole-body studies, not measured.
constexpr double kStationMm = 430, kOverlapMm = 60;
constexpr double kBias = 0.25;  // Relative amplitude of the receive coil's bias field.
constexpr Vec3 kBiasMm = {210, 150, 230};
constexpr double kStationStep = 0.12;    // Gain of a table position, from 1.
constexpr double kStationFallOff = 0.3;  // Loss at the ends of a table position.
constexpr double kLeastBlend = 0.02;     // Weight of a station at its ends when composed.
constexpr double kFluidValue = 2400;     // Stored value of cerebrospinal fluid on STIR.
constexpr double kMuscleValue = 900, kEpiMuscleValue = 700;  // Of muscle on T1; at b = 50.
constexpr long kMostStored = 4095;                           // 12 bits.
constexpr float kBlur = 0.14F;     // Weight of each in-plane neighbour: the point spread.
constexpr double kTexture = 0.09;  // Relative amplitude of texture in tissue.
constexpr Vec3 kTextureMm = {5, 5, 5};
// Fat signal that comes through, as shares of fat_failure: in smooth patches where the field is
// above kPatchFrom, by up to kPatchMost, and with the fourth power of the distance from the
// magnet's centre.
constexpr double kPatchShare = 0.8, kPatchFrom = 0.25, kPatchMost = 0.5;
constexpr Vec3 kPatchMm = {170, 120, 170};
constexpr double kAsideShare = 0.45, kAsideMm = 290;
constexpr double kEpiSnr = 14;         // Of muscle at b = 50.
constexpr double kAdcFromSnr = 3;      // ADC is computed from this signal over noise on.
constexpr double kLeastSignal = 1e-6;  // Keeps quotients finite.

// Makes the slices on two threads; each slice depends on its number alone.
void ForSlices(int count, const std::function<void(int)>& make) {
  const auto from = [&](int first) {
    for (int k = first; k < count; k += 2) make(k);
  };
  std::thread odd(from, 1);
  from(0);
  odd.join();
}

struct Station {
  int first_row = 0, rows = 0;
  double gain = 1;

  // Sensitivity along the body at row j of the whole.
  double At(int j) const {
    const double t = (j - first_row + 0.5) / rows;
    if (t < 0 || t > 1) return 0;
    return gain * (1 - kStationFallOff * std::pow(std::abs(2 * t - 1), 4));
  }
  // Blending weight when stations are composed.
  double Weight(int j) const {
    const double t = (j - first_row + 0.5) / rows;
    return t < 0 || t > 1 ? 0 : std::max(kLeastBlend, 1 - std::abs(2 * t - 1));
  }
};

std::vector<Station> PlaceStations(int rows, double spacing_mm, std::uint64_t seed) {
  Random random(seed, "stations");
  const int length = std::min(rows, static_cast<int>(kStationMm / spacing_mm));
  const int step = length - static_cast<int>(kOverlapMm / spacing_mm);
  std::vector<Station> stations;
  for (int first = 0;; first += step) {
    const bool last = first + length >= rows;
    stations.push_back(
        {last ? rows - length : first, length, 1 + random.Uniform(-kStationStep, kStationStep)});
    if (last) return stations;
  }
}

// One thick coronal slice, before coil and noise.
class SliceMaker {
 public:
  SliceMaker(const Body& body, const SignalTable& table, double fat_failure, std::uint64_t seed)
      : body_(body),
        table_(table),
        fat_failure_(fat_failure),
        failure_(seed ^ 0xfa7, kPatchMm),
        texture_(seed ^ 0x7e47, kTextureMm) {}

  std::vector<float> Make(double first_y_index, double thickness_voxels) const {
    const VolumeGeometry& g = body_.tissue.geometry();
    const auto columns = static_cast<std::size_t>(g.columns),
               size = columns * static_cast<std::size_t>(g.rows);
    std::vector<float> water(size), fat_density(size);
    const int first = std::max(0, static_cast<int>(std::floor(first_y_index)));
    const int end =
        std::min(g.slices, static_cast<int>(std::ceil(first_y_index + thickness_voxels)));
    for (int k = first; k < end; ++k) {
      const double covered = std::min<double>(k + 1, first_y_index + thickness_voxels) -
                             std::max<double>(k, first_y_index);
      Add(k, static_cast<float>(covered / thickness_voxels), water, fat_density);
    }
    const int middle = std::min(g.slices - 1, (first + end) / 2);
    for (std::size_t n = 0; n < size; ++n) {
      if (water[n] == 0 && fat_density[n] == 0) continue;
      const std::size_t column = n % columns, row = n / columns;
      const Vec3 p = g.patient_from_voxel(
          {static_cast<double>(column), static_cast<double>(row), static_cast<double>(middle)});
      const double let_through = fat_failure_ > 0 ? FatLetThrough(p) : 0;
      const double signal = std::abs(static_cast<double>(water[n]) +
                                     let_through * static_cast<double>(fat_density[n]));
      water[n] = static_cast<float>(signal * (1 + kTexture * texture_.At(p)));
    }
    return Blurred(water, g.columns, g.rows);
  }

 private:
  void Add(int k, float weight, std::vector<float>& signal, std::vector<float>& fat_density) const {
    const std::size_t base = body_.tissue.Index(0, 0, k);
    for (std::size_t n = 0; n < signal.size(); ++n) {
      const Tissue tissue = body_.tissue[base + n];
      if (tissue == Tissue::kAir) continue;
      const WaterFat s = table_.Of(tissue, body_.red[base + n], body_.oedema[base + n]);
      signal[n] += weight * (s.water + s.fat);
      fat_density[n] += weight * s.fat_density;
    }
  }

  // Worst in smooth patches and far off the centre of the magnet.
  double FatLetThrough(Vec3 p) const {
    const double patch = std::clamp(failure_.At(p) - kPatchFrom, 0.0, kPatchMost);
    const double aside = std::pow(std::min(1.0, std::abs(p.x) / kAsideMm), 4);
    return fat_failure_ * (kPatchShare * patch + kAsideShare * aside);
  }

  static std::vector<float> Blurred(const std::vector<float>& in, int columns, int rows) {
    std::vector<float> across(in.size()), out(in.size());
    const auto w = static_cast<std::size_t>(columns);
    for (std::size_t n = 0; n < in.size(); ++n) {
      const std::size_t i = n % w;
      const float left = i > 0 ? in[n - 1] : in[n], right = i + 1 < w ? in[n + 1] : in[n];
      across[n] = (1 - 2 * kBlur) * in[n] + kBlur * (left + right);
    }
    const std::size_t last = w * static_cast<std::size_t>(rows - 1);
    for (std::size_t n = 0; n < in.size(); ++n) {
      const float above = n >= w ? across[n - w] : across[n],
                  below = n < last ? across[n + w] : across[n];
      out[n] = (1 - 2 * kBlur) * across[n] + kBlur * (above + below);
    }
    return out;
  }

  const Body& body_;
  const SignalTable& table_;
  double fat_failure_;
  SmoothField failure_, texture_;
};

// Magnitude of a complex signal with noise in both channels.
float Rician(float signal, double sigma, std::uint64_t seed, std::uint64_t n) {
  const double a = static_cast<double>(signal) + sigma * NoiseAt(seed, 2 * n),
               b = sigma * NoiseAt(seed, 2 * n + 1);
  return static_cast<float>(std::sqrt(a * a + b * b));
}

std::uint16_t Stored(double value) {
  return static_cast<std::uint16_t>(std::clamp(std::lround(value), 0L, kMostStored));
}

VolumeGeometry StackOf(const VolumeGeometry& body, const Station& station, int slices,
                       double pitch_voxels, double first_centre) {
  VolumeGeometry g = body;
  g.rows = station.rows;
  g.slices = slices;
  g.patient_from_voxel.origin =
      body.patient_from_voxel({0, static_cast<double>(station.first_row), first_centre});
  g.patient_from_voxel.step_k = pitch_voxels * body.patient_from_voxel.step_k;
  return g;
}

}  // namespace

Result<std::vector<Acquired>> AcquireCoronal(const Body& body, const CoronalProtocol& protocol,
                                             std::uint64_t seed, RunContext& run) {
  const VolumeGeometry& g = body.tissue.geometry();
  const double spacing = body.spacing_mm();
  const double thick = protocol.slice_mm / spacing,
               pitch = (protocol.slice_mm + protocol.gap_mm) / spacing;
  const int slices = std::max(1, static_cast<int>(g.slices / pitch));
  const double first_centre = 0.5 * pitch - 0.5;  // Voxel index of the middle of the first slice.
  const double childlike = Childlike(body.plan.age_years);
  const SignalTable table(protocol.sequence, childlike);
  const SliceMaker maker(body, table, protocol.fat_failure, seed);
  const std::vector<Station> stations = PlaceStations(g.rows, spacing, seed);
  const SmoothField bias(seed ^ 0xb1a5, kBiasMm);
  const double sigma = static_cast<double>(table.muscle()) / protocol.muscle_snr;
  const double scale = kFluidValue / std::max(kLeastSignal, static_cast<double>(table.fluid()));
  const double level = protocol.sequence.inversion_ms > 0
                           ? scale
                           : kMuscleValue / static_cast<double>(table.muscle());

  const Station whole{0, g.rows, 1};
  std::vector<Acquired> stacks;
  for (const Station& s : protocol.stations ? stations : std::vector<Station>{whole}) {
    stacks.push_back(
        {Volume<std::uint16_t>(StackOf(g, s, slices, pitch, first_centre)), protocol.slice_mm});
  }
  ForSlices(slices, [&](int k) {
    if (run.Cancelled()) return;
    std::vector<float> slice = maker.Make(k * pitch + 0.5 * (pitch - thick), thick);
    const auto columns = static_cast<std::size_t>(g.columns);
    for (std::size_t n = 0; n < slice.size(); ++n) {
      if (slice[n] == 0) continue;
      const std::size_t column = n % columns, row = n / columns;
      const Vec3 p =
          g.patient_from_voxel({static_cast<double>(column), static_cast<double>(row), k * pitch});
      slice[n] *= static_cast<float>(1 + kBias * std::tanh(2 * bias.At(p)));
    }
    for (std::size_t at = 0; at < stacks.size(); ++at) {
      Volume<std::uint16_t>& out = stacks[at].voxels;
      const int first_row = protocol.stations ? stations[at].first_row : 0;
      for (int j = 0; j < out.geometry().rows; ++j) {
        double gain = 0, weights = 0;
        for (const Station& s : stations) {
          if (protocol.stations && &s != &stations[at]) continue;
          gain += s.Weight(first_row + j) * s.At(first_row + j);
          weights += s.Weight(first_row + j);
        }
        gain /= weights;
        const std::size_t row = static_cast<std::size_t>(first_row + j) * columns;
        for (std::size_t i = 0; i < columns; ++i) {
          const std::size_t to = out.Index(static_cast<int>(i), j, k);
          const float clean = static_cast<float>(gain) * slice[row + i];
          out[to] = Stored(level *
                           static_cast<double>(Rician(clean, sigma, protocol.noise_seed + at, to)));
        }
      }
    }
  });
  if (run.Cancelled()) return Cancelled("while the series was acquired");
  return stacks;
}

namespace {

constexpr double kEpiSliceMm = 6;
constexpr int kEpiBin = 2;  // In-plane pixels of the body in one pixel of the echo-planar image.

// Mean signal in axial slabs of `rows` body rows and pixels of kEpiBin x kEpiBin.
std::vector<float> AxialSignal(const Body& body, const SignalTable& table, int slab, int rows,
                               int columns, int lines) {
  std::vector<float> sum(static_cast<std::size_t>(columns) * static_cast<std::size_t>(lines));
  for (int k = 0; k < lines * kEpiBin; ++k)
    for (int j = slab * rows; j < (slab + 1) * rows; ++j)
      for (int i = 0; i < columns * kEpiBin; ++i) {
        const std::size_t at = body.tissue.Index(i, j, k);
        if (body.tissue[at] == Tissue::kAir) continue;
        const WaterFat s = table.Of(body.tissue[at], body.red[at], body.oedema[at]);
        sum[static_cast<std::size_t>(k / kEpiBin) * static_cast<std::size_t>(columns) +
            static_cast<std::size_t>(i / kEpiBin)] += s.water + s.fat;
      }
  for (float& value : sum) value /= static_cast<float>(rows * kEpiBin * kEpiBin);
  return sum;
}

VolumeGeometry AxialGrid(const Body& body, int rows_in_slab) {
  const VolumeGeometry& g = body.tissue.geometry();
  const Affine& a = g.patient_from_voxel;
  VolumeGeometry axial;
  axial.columns = g.columns / kEpiBin;
  axial.rows = g.slices / kEpiBin;
  axial.slices = g.rows / rows_in_slab;
  const double half = 0.5 * (kEpiBin - 1);
  axial.patient_from_voxel = {kEpiBin * a.step_i, kEpiBin * a.step_k,
                              static_cast<double>(rows_in_slab) * a.step_j,
                              a({half, 0.5 * (rows_in_slab - 1), half})};
  return axial;
}

}  // namespace

Result<Diffusion> AcquireDiffusion(const Body& body, double tesla, std::uint64_t seed,
                                   RunContext& run) {
  const int rows_in_slab =
      std::max(1, static_cast<int>(std::lround(kEpiSliceMm / body.spacing_mm())));
  const VolumeGeometry grid = AxialGrid(body, rows_in_slab);
  const double childlike = Childlike(body.plan.age_years);
  const SignalTable low_table(DiffusionSequence(tesla, kLowB), childlike);
  const SignalTable high_table(DiffusionSequence(tesla, kHighB), childlike);
  const double sigma = static_cast<double>(low_table.muscle()) / kEpiSnr,
               level = kEpiMuscleValue / static_cast<double>(low_table.muscle());
  Diffusion out{{Volume<std::uint16_t>(grid), kEpiSliceMm},
                {Volume<std::uint16_t>(grid), kEpiSliceMm},
                {Volume<std::uint16_t>(grid), kEpiSliceMm}};
  ForSlices(grid.slices, [&](int k) {
    if (run.Cancelled()) return;
    const auto low = AxialSignal(body, low_table, k, rows_in_slab, grid.columns, grid.rows);
    const auto high = AxialSignal(body, high_table, k, rows_in_slab, grid.columns, grid.rows);
    for (std::size_t n = 0; n < low.size(); ++n) {
      const std::size_t to = out.low.voxels.Index(0, 0, k) + n;
      const double s0 = static_cast<double>(Rician(low[n], sigma, seed ^ 0xb50, to));
      const double s1 = static_cast<double>(Rician(high[n], sigma, seed ^ 0xb800, to));
      out.low.voxels[to] = Stored(level * s0);
      out.high.voxels[to] = Stored(level * s1);
      const double adc = 1e6 * std::log(std::max(s0, kLeastSignal) / std::max(s1, kLeastSignal)) /
                         (kHighB - kLowB);
      out.adc.voxels[to] = s0 > kAdcFromSnr * sigma ? Stored(adc) : std::uint16_t{0};
    }
  });
  if (run.Cancelled()) return Cancelled("while the diffusion series was acquired");
  return out;
}

}  // namespace osteon::phantom
