// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/imaging/resample.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace osteon {
namespace {

// Maps indices of `target` to indices of `source`.
Affine SourceFromTarget(const VolumeGeometry& source, const VolumeGeometry& target) {
  const Affine inverse = Inverse(source.patient_from_voxel);
  Affine steps_only = inverse;
  steps_only.origin = {};
  const Affine& t = target.patient_from_voxel;
  return {steps_only(t.step_i), steps_only(t.step_j), steps_only(t.step_k), inverse(t.origin)};
}

double Component(const Vec3& v, int axis) { return axis == 0 ? v.x : axis == 1 ? v.y : v.z; }

int SizeAlong(const VolumeGeometry& g, int axis) {
  return axis == 0 ? g.columns : axis == 1 ? g.rows : g.slices;
}

Volume<float> CopyMapped(const Volume<float>& source, const VolumeGeometry& target,
                         const IndexMap& map, float outside) {
  Volume<float> out(target, outside);
  std::array<int, 3> at{};
  std::array<int, 3> from{};
  for (at[2] = 0; at[2] < target.slices; ++at[2]) {
    for (at[1] = 0; at[1] < target.rows; ++at[1]) {
      for (at[0] = 0; at[0] < target.columns; ++at[0]) {
        for (std::size_t a = 0; a < 3; ++a) {
          from[a] = map.sign[a] * at[static_cast<std::size_t>(map.axis[a])] + map.offset[a];
        }
        if (!source.Contains(from[0], from[1], from[2])) continue;
        out.At(at[0], at[1], at[2]) = source.At(from[0], from[1], from[2]);
      }
    }
  }
  return out;
}

// The two neighbours along one axis and the weight of the upper one. Find is false outside.
struct Bracket {
  int low = 0, high = 0;
  float weight = 0;
};
bool Find(double index, int size, Bracket& bracket) {
  if (!(index >= -0.5 && index <= size - 0.5)) return false;
  const double clamped = std::clamp(index, 0.0, size - 1.0);
  bracket.low = static_cast<int>(clamped);
  bracket.high = std::min(bracket.low + 1, size - 1);
  bracket.weight = static_cast<float>(clamped - bracket.low);
  return true;
}

float Mix(float a, float b, float weight) { return a + weight * (b - a); }

float Interpolate(const Volume<float>& v, const Bracket& i, const Bracket& j, const Bracket& k) {
  const auto row = [&](int jj, int kk) {
    return Mix(v.At(i.low, jj, kk), v.At(i.high, jj, kk), i.weight);
  };
  return Mix(Mix(row(j.low, k.low), row(j.high, k.low), j.weight),
             Mix(row(j.low, k.high), row(j.high, k.high), j.weight), k.weight);
}

}  // namespace

std::optional<IndexMap> ExactMap(const VolumeGeometry& source, const VolumeGeometry& target,
                                 double tolerance_voxels) {
  const Affine affine = SourceFromTarget(source, target);
  const Vec3 steps[3] = {affine.step_i, affine.step_j, affine.step_k};
  IndexMap map;
  for (int a = 0; a < 3; ++a) {
    int used = -1;
    for (int t = 0; t < 3; ++t) {
      const double step = Component(steps[t], a);
      // Over the whole target the error must stay within the tolerance.
      const double allowed = tolerance_voxels / std::max(1, SizeAlong(target, t) - 1);
      if (std::abs(std::abs(step) - 1) <= allowed && used < 0) {
        used = t;
        map.axis[a] = t;
        map.sign[a] = step > 0 ? 1 : -1;
      } else if (std::abs(step) > allowed) {
        return std::nullopt;
      }
    }
    const double offset = Component(affine.origin, a);
    if (used < 0 || std::abs(offset - std::round(offset)) > tolerance_voxels) return std::nullopt;
    map.offset[a] = static_cast<int>(std::lround(offset));
  }
  return map;
}

Volume<float> Resample(const Volume<float>& source, const VolumeGeometry& target, float outside) {
  Check(source.geometry().frame_of_reference_uid == target.frame_of_reference_uid,
        "Resample across frames of reference");
  if (const auto map = ExactMap(source.geometry(), target)) {
    return CopyMapped(source, target, *map, outside);
  }
  const VolumeGeometry& s = source.geometry();
  const Affine source_from_target = SourceFromTarget(s, target);
  const Vec3& step = source_from_target.step_i;
  const bool rows_are_parallel = step.y == 0 && step.z == 0;
  Volume<float> out(target, outside);
  for (int k = 0; k < target.slices; ++k) {
    for (int j = 0; j < target.rows; ++j) {
      Vec3 p = source_from_target({0, static_cast<double>(j), static_cast<double>(k)});
      float* row = &out.At(0, j, k);
      Bracket bi, bj, bk;
      const auto find_row = [&] { return Find(p.y, s.rows, bj) && Find(p.z, s.slices, bk); };
      if (rows_are_parallel && !find_row()) continue;
      for (int i = 0; i < target.columns; ++i, p = p + step) {
        if (Find(p.x, s.columns, bi) && (rows_are_parallel || find_row())) {
          row[i] = Interpolate(source, bi, bj, bk);
        }
      }
    }
  }
  return out;
}

VolumeGeometry ShrunkenGrid(const VolumeGeometry& g, BlockFactor factor) {
  const auto blocks = [](int size, int by) { return std::max(1, (size + by / 2) / by); };
  VolumeGeometry small = g;
  small.columns = blocks(g.columns, factor.i);
  small.rows = blocks(g.rows, factor.j);
  small.slices = blocks(g.slices, factor.k);
  Affine& a = small.patient_from_voxel;
  a.origin =
      g.patient_from_voxel({0.5 * (factor.i - 1), 0.5 * (factor.j - 1), 0.5 * (factor.k - 1)});
  a.step_i = static_cast<double>(factor.i) * a.step_i;
  a.step_j = static_cast<double>(factor.j) * a.step_j;
  a.step_k = static_cast<double>(factor.k) * a.step_k;
  return small;
}

Volume<float> ShrinkByMean(const Volume<float>& volume, BlockFactor factor) {
  const VolumeGeometry& g = volume.geometry();
  const VolumeGeometry small = ShrunkenGrid(g, factor);
  Volume<float> sums(small);
  Volume<float> counts(small);
  for (int k = 0; k < std::min(g.slices, small.slices * factor.k); ++k) {
    for (int j = 0; j < std::min(g.rows, small.rows * factor.j); ++j) {
      const std::size_t row = sums.Index(0, j / factor.j, k / factor.k);
      for (int b = 0; b < small.columns; ++b) {
        const std::size_t block = row + static_cast<std::size_t>(b);
        for (int i = b * factor.i; i < std::min(g.columns, (b + 1) * factor.i); ++i) {
          const float value = volume.At(i, j, k);
          if (std::isnan(value)) continue;
          sums[block] += value;
          counts[block] += 1;
        }
      }
    }
  }
  for (std::size_t n = 0; n < sums.size(); ++n) sums[n] /= counts[n];  // 0 / 0 is not-a-number.
  return sums;
}

}  // namespace osteon
