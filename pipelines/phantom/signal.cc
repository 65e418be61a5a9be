// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/signal.h"

#include <cmath>

namespace osteon::phantom {
namespace {

// Relaxation of water at 1.5 T, proton density (1: water), share of fat in it, apparent diffusion.
// Sources: config/evidence.md, Acquisition; densities, fat shares and diffusion are chosen.
struct TissueRow {
  Tissue tissue;
  double t1_ms, t2_ms, density, fat, adc_um2_per_ms;
};
// Fat has the effective T1 that its inversion null implies (config/evidence.md, Acquisition).
constexpr double kFatT1Ms = 238, kFatT2Ms = 110, kFatAdcUm2PerMs = 0.05;
constexpr TissueRow kTissues[] = {
    {Tissue::kAir, 1000, 10, 0.0, 0, 1},          {Tissue::kSkin, 900, 30, 0.6, 0.10, 1.0},
    {Tissue::kFat, 900, 40, 1.0, 0.95, 0.8},      {Tissue::kMuscle, 1010, 35, 0.80, 0.03, 1.4},
    {Tissue::kCortex, 1000, 2.5, 0.05, 0, 0.1},   {Tissue::kMarrow, 950, 40, 0.9, 0.5, 0.5},
    {Tissue::kCartilage, 1060, 42, 0.75, 0, 1.3}, {Tissue::kPhysis, 1100, 75, 0.85, 0, 1.4},
    {Tissue::kBrain, 1100, 92, 0.95, 0, 0.85},    {Tissue::kWhiteMatter, 580, 72, 0.85, 0, 0.75},
    {Tissue::kCsf, 4200, 1800, 1.0, 0, 3.0},      {Tissue::kCord, 850, 76, 0.7, 0, 0.9},
    {Tissue::kBlood, 1441, 180, 0.55, 0, 2.5},    {Tissue::kFlowVoid, 1441, 180, 0.06, 0, 2.5},
    {Tissue::kLung, 1200, 30, 0.07, 0, 1.5},      {Tissue::kLiver, 586, 46, 0.75, 0.03, 1.1},
    {Tissue::kSpleen, 1057, 79, 0.8, 0, 0.8},     {Tissue::kKidney, 1100, 87, 0.8, 0, 2.0},
    {Tissue::kFluid, 3300, 1100, 1.0, 0, 2.9},    {Tissue::kBowel, 1500, 120, 0.7, 0.1, 2.0},
    {Tissue::kGland, 950, 60, 0.78, 0.08, 1.4},   {Tissue::kNode, 950, 85, 0.82, 0.05, 0.9},
    {Tissue::kDisc, 950, 45, 0.65, 0, 1.2}};
static_assert(std::size(kTissues) == static_cast<std::size_t>(Tissue::kCount));

// Marrow oedema of CNO without fat: florid (config/evidence.md, Acquisition); ADC of Leclair 2016.
constexpr TissueRow kOedema = {Tissue::kMarrow, 1350, 110, 0.93, 0, 1.3};
// Fat share of yellow marrow, and of wholly red marrow in adult and child (chosen:
// config/evidence.md has 80 % and 40 %; a child's red marrow holds less fat).
constexpr double kYellowFat = 0.84, kRedFatAdult = 0.36, kRedFatChild = 0.22;

// Relaxation at 3 T over that at 1.5 T (config/evidence.md, Acquisition); that of fat, which is
// what has a T1 below kFatBelowMs, is chosen.
constexpr double kWaterT1Factor = 1.25, kFatT1Factor = 1.27, kT2Factor = 0.92;
constexpr double kFatBelowMs = 400, kHighFieldTesla = 2;

// The sequences, in ms; chosen as usual for whole-body MRI.
constexpr double kStirRepetitionMs = 4500, kStirEchoMs = 70;
constexpr double kT1RepetitionMs = 550, kT1EchoMs = 11;
constexpr double kDiffusionRepetitionMs = 6500, kDiffusionEchoMs = 68;
constexpr double kDiffusionFatPasses = 0.05;

double T1At(double t1_ms, double tesla) {
  if (tesla < kHighFieldTesla) return t1_ms;
  return t1_ms * (t1_ms > kFatBelowMs ? kWaterT1Factor : kFatT1Factor);
}
double T2At(double t2_ms, double tesla) {
  return tesla < kHighFieldTesla ? t2_ms : t2_ms * kT2Factor;
}

// Spin echo with or without inversion: (1 - 2 exp(-TI / T1) + exp(-TR / T1)) exp(-TE / T2), signed.
double Signal(double t1_ms, double t2_ms, double adc, const PulseSequence& s) {
  const double t1 = T1At(t1_ms, s.tesla), t2 = T2At(t2_ms, s.tesla);
  const double saturation = std::exp(-s.repetition_ms / t1);
  const double longitudinal =
      s.inversion_ms > 0 ? 1 - 2 * std::exp(-s.inversion_ms / t1) + saturation : 1 - saturation;
  return longitudinal * std::exp(-s.echo_ms / t2) * std::exp(-s.b_s_per_mm2 * adc * 1e-3);
}

WaterFat Mix(const TissueRow& row, double fat_share, const PulseSequence& s) {
  WaterFat mix;
  mix.water = static_cast<float>(row.density * (1 - fat_share) *
                                 Signal(row.t1_ms, row.t2_ms, row.adc_um2_per_ms, s));
  mix.fat = static_cast<float>(row.density * fat_share * s.fat_passes *
                               Signal(kFatT1Ms, kFatT2Ms, kFatAdcUm2PerMs, s));
  mix.fat_density =
      static_cast<float>(row.density * fat_share * std::exp(-s.echo_ms / T2At(kFatT2Ms, s.tesla)));
  return mix;
}

}  // namespace

double FatNullMs(double repetition_ms, double tesla) {
  const double t1 = T1At(kFatT1Ms, tesla);
  return t1 * (std::log(2.0) - std::log1p(std::exp(-repetition_ms / t1)));
}

PulseSequence StirSequence(double tesla) {
  PulseSequence s{.repetition_ms = kStirRepetitionMs, .echo_ms = kStirEchoMs, .tesla = tesla};
  s.inversion_ms = std::round(FatNullMs(s.repetition_ms, tesla));
  return s;
}

PulseSequence T1Sequence(double tesla) {
  return {.repetition_ms = kT1RepetitionMs, .echo_ms = kT1EchoMs, .tesla = tesla};
}

PulseSequence DiffusionSequence(double tesla, double b_s_per_mm2) {
  return {.repetition_ms = kDiffusionRepetitionMs,
          .echo_ms = kDiffusionEchoMs,
          .b_s_per_mm2 = b_s_per_mm2,
          .fat_passes = kDiffusionFatPasses,
          .tesla = tesla};
}

SignalTable::SignalTable(const PulseSequence& sequence, double childlike)
    : oedema_(Mix(kOedema, 0, sequence)) {
  const TissueRow* marrow = nullptr;
  for (const TissueRow& row : kTissues) {
    plain_[static_cast<std::size_t>(row.tissue)] = Mix(row, row.fat, sequence);
    if (row.tissue == Tissue::kMarrow) marrow = &row;
  }
  const double red_fat = (1 - childlike) * kRedFatAdult + childlike * kRedFatChild;
  for (std::size_t level = 0; level < marrow_.size(); ++level) {
    const double red = static_cast<double>(level) / 255;
    marrow_[level] = Mix(*marrow, (1 - red) * kYellowFat + red * red_fat, sequence);
  }
}

WaterFat SignalTable::Of(Tissue tissue, std::uint8_t red, std::uint8_t oedema) const {
  const WaterFat& base =
      tissue == Tissue::kMarrow ? marrow_[red] : plain_[static_cast<std::size_t>(tissue)];
  if (oedema == 0) return base;
  const float w = static_cast<float>(oedema) / 255, v = 1 - w;
  return {v * base.water + w * oedema_.water, v * base.fat + w * oedema_.fat, v * base.fat_density};
}

float SignalTable::muscle() const {
  const WaterFat& m = plain_[static_cast<std::size_t>(Tissue::kMuscle)];
  return std::abs(m.water + m.fat);
}

float SignalTable::fluid() const {
  return std::abs(plain_[static_cast<std::size_t>(Tissue::kCsf)].water);
}

}  // namespace osteon::phantom
