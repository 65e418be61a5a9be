// SPDX-License-Identifier: GPL-3.0-or-later
// Random numbers that are the same with every standard library: std::mt19937_64 is fixed by the
// standard, its distributions are not, so they are written here.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

#include "pipelines/model/geometry.h"

namespace osteon::phantom {

class Random {
 public:
  // Streams of different purpose are independent: a new draw in one does not change the others.
  Random(std::uint64_t seed, std::string_view purpose);

  double Uniform(double low, double high);
  double Normal();  // Mean 0, standard deviation 1 (Box-Muller).
  bool Chance(double probability) { return Uniform(0, 1) < probability; }
  // 0 .. count - 1. REQUIRES: count > 0.
  int Index(int count);
  std::uint64_t Bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// A smooth random field over the patient: about -1..1, standard deviation about 0.4, with features
// of `feature_mm` along x, y and z. A pure function of seed and point, so the order of evaluation
// does not matter.
class SmoothField {
 public:
  SmoothField(std::uint64_t seed, Vec3 feature_mm) : seed_(seed), feature_mm_(feature_mm) {}
  double At(Vec3 p) const;

 private:
  double Lattice(int i, int j, int k) const;

  std::uint64_t seed_;
  Vec3 feature_mm_;
};

// Noise for voxel `n`: a hash, not a stream, so that slices can be made in any order. Mean 0,
// standard deviation 1 (the sum of four uniforms: its tails end at 3.5 sigma, enough for image
// noise).
double NoiseAt(std::uint64_t seed, std::uint64_t n);

}  // namespace osteon::phantom
