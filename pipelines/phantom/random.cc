// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/random.h"

#include <cmath>
#include <numbers>

namespace osteon::phantom {
namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit changes about half of the
// output bits.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

double Smooth(double t) { return t * t * (3 - 2 * t); }

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t state = Mix(seed);
  for (char c : purpose) state = Mix(state ^ static_cast<unsigned char>(c));
  engine_.seed(state);
}

double Random::Uniform(double low, double high) {
  const double unit = static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  return low + (high - low) * unit;
}

double Random::Normal() {
  const double radius = std::sqrt(-2 * std::log(1 - Uniform(0, 1)));
  return radius * std::cos(2 * std::numbers::pi * Uniform(0, 1));
}

int Random::Index(int count) { return static_cast<int>(Uniform(0, count)); }

double SmoothField::Lattice(int i, int j, int k) const {
  const auto cell = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(i)) << 42) ^
                    (static_cast<std::uint64_t>(static_cast<std::uint32_t>(j)) << 21) ^
                    static_cast<std::uint64_t>(static_cast<std::uint32_t>(k));
  return static_cast<double>(Mix(seed_ ^ Mix(cell)) >> 11) * 0x1.0p-52 - 1;
}

double SmoothField::At(Vec3 p) const {
  const double x = p.x / feature_mm_.x, y = p.y / feature_mm_.y, z = p.z / feature_mm_.z;
  const double fx = std::floor(x), fy = std::floor(y), fz = std::floor(z);
  const int i = static_cast<int>(fx), j = static_cast<int>(fy), k = static_cast<int>(fz);
  const double u = Smooth(x - fx), v = Smooth(y - fy), w = Smooth(z - fz);
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const int a = corner & 1, b = (corner >> 1) & 1, c = corner >> 2;
    const double weight = (a ? u : 1 - u) * (b ? v : 1 - v) * (c ? w : 1 - w);
    sum += weight * Lattice(i + a, j + b, k + c);
  }
  return sum;
}

double NoiseAt(std::uint64_t seed, std::uint64_t n) {
  const std::uint64_t bits = Mix(seed ^ Mix(n));
  double sum = 0;
  for (int part = 0; part < 4; ++part) {
    sum += static_cast<double>((bits >> (16 * part)) & 0xffff) / 65535.0 - 0.5;
  }
  return sum * std::numbers::sqrt3;  // Each part has variance 1/12, four of them 1/3.
}

}  // namespace osteon::phantom
