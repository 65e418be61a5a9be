// SPDX-License-Identifier: GPL-3.0-or-later
// MR signal of each tissue under a pulse sequence.
#pragma once

#include <array>
#include <cstdint>

#include "pipelines/phantom/body.h"

namespace osteon::phantom {

// Times in ms, b in s/mm2. inversion_ms 0: no inversion pulse.
struct PulseSequence {
  double repetition_ms = 0, echo_ms = 0, inversion_ms = 0, b_s_per_mm2 = 0;
  double fat_passes =
      1;  // Share of the fat signal a spectral fat suppression lets through (diffusion).
  double tesla = 1.5;
};

// Inversion time at which subcutaneous fat has no signal, for this repetition time (see
// kFatT1Ms in signal.cc).
double FatNullMs(double repetition_ms, double tesla);

PulseSequence StirSequence(double tesla);
PulseSequence T1Sequence(double tesla);
PulseSequence DiffusionSequence(double tesla, double b_s_per_mm2);

// Signal of water and fat in a voxel, signed: they are added before the magnitude is taken, as in a
// scanner.
struct WaterFat {
  float water = 0, fat = 0;
  float fat_density = 0;  // Fat signal without suppression.
};

class SignalTable {
 public:
  SignalTable(const PulseSequence& sequence, double childlike);

  // `red` and `oedema`: fraction * 255.
  WaterFat Of(Tissue tissue, std::uint8_t red, std::uint8_t oedema) const;
  float muscle() const;
  float fluid() const;

 private:
  std::array<WaterFat, static_cast<std::size_t>(Tissue::kCount)> plain_;
  std::array<WaterFat, 256> marrow_;
  WaterFat oedema_;
};

}  // namespace osteon::phantom
