// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/canonical.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "pipelines/base/on_threads.h"
#include "pipelines/imaging/smooth.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

// All chosen, and part of the contract with training (pipelines/training/README.md).
constexpr double kForegroundOfReference = 0.5;  // Of the global reference, from which voxels count.
constexpr float kCapOfReference = 3.0F;         // In global references.
constexpr float kPriorWeight = 0.05F;           // Of the global reference in the local one.
constexpr BoxRadius kBoxRadius{12, 12, 4};      // Columns, rows, slices of the coarse grid.
constexpr int kBoxPasses = 2;
constexpr double kMinRowAreaMm2 = 1500.0;  // A row of the body shows at least this much tissue.
constexpr double kHeightGridMm = 4.0;      // Pixels on which the height is measured.
// Body height over kAdultHeightMm, 0.71 to 2.2 m. Chosen: a smaller body is cut by the field of
// view.
constexpr double kMinScale = 0.4, kMaxScale = 1.25;
// Keeps the sum of weights from 0.
constexpr double kLeastWeight = 1e-9;

// For one target index: the first source index, and the weights from there on, which sum to 1.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Taps> TriangleTaps(int source_size, int target_size, double source_mm, double target_mm,
                               double offset_mm) {
  const double half_mm = std::max(source_mm, target_mm);
  std::vector<Taps> taps(static_cast<std::size_t>(target_size));
  for (int t = 0; t < target_size; ++t) {
    const double at_mm = offset_mm + t * target_mm;
    Taps& tap = taps[static_cast<std::size_t>(t)];
    const int low =
        std::clamp(static_cast<int>(std::ceil((at_mm - half_mm) / source_mm)), 0, source_size - 1);
    const int high = std::clamp(static_cast<int>(std::floor((at_mm + half_mm) / source_mm)), low,
                                source_size - 1);
    tap.first = low;
    double sum = 0;
    for (int s = low; s <= high; ++s) {
      const double weight =
          std::max(0.0, 1 - std::abs(s * source_mm - at_mm) / half_mm) + kLeastWeight;
      tap.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& w : tap.weights) w = static_cast<float>(w / sum);
  }
  return taps;
}

void AddWeighted(std::span<const float> from, float weight, std::span<float> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += weight * from[i];
}

// Applies the taps of columns, then of rows, to one slice.
std::vector<float> ApplyInPlane(std::span<const float> slice, std::size_t columns,
                                const std::vector<Taps>& column_taps,
                                const std::vector<Taps>& row_taps) {
  const std::size_t rows = slice.size() / columns, out_columns = column_taps.size();
  std::vector<float> narrow(rows * out_columns, 0.0F);
  for (std::size_t j = 0; j < rows; ++j) {
    for (std::size_t t = 0; t < out_columns; ++t) {
      const Taps& tap = column_taps[t];
      const float* from = slice.data() + j * columns + static_cast<std::size_t>(tap.first);
      float& to = narrow[j * out_columns + t];
      for (std::size_t n = 0; n < tap.weights.size(); ++n) to += tap.weights[n] * from[n];
    }
  }
  std::vector<float> out(row_taps.size() * out_columns, 0.0F);
  for (std::size_t t = 0; t < row_taps.size(); ++t) {
    const std::span<float> to(out.data() + t * out_columns, out_columns);
    for (std::size_t n = 0; n < row_taps[t].weights.size(); ++n) {
      const auto row = static_cast<std::size_t>(row_taps[t].first) + n;
      AddWeighted({narrow.data() + row * out_columns, out_columns}, row_taps[t].weights[n], to);
    }
  }
  return out;
}

void Smooth(Volume<float>& v) {
  for (int pass = 0; pass < kBoxPasses; ++pass) BoxMeanInPlace(v, kBoxRadius);
}

// A grid over the same box of space as `g`, with about the given spacing; sizes are multiples of
// `multiple` in plane.
VolumeGeometry CoverWith(const VolumeGeometry& g, double pixel_mm, double slice_mm, int multiple) {
  const Vec3 spacing = g.spacing_mm();
  const auto count = [](int n, double mm, double target_mm) {
    return std::max(1, static_cast<int>(std::lround(n * mm / target_mm)));
  };
  VolumeGeometry out = g;
  out.columns = std::max(multiple, count(g.columns, spacing.x, pixel_mm) / multiple * multiple);
  out.rows = std::max(multiple, count(g.rows, spacing.y, pixel_mm) / multiple * multiple);
  out.slices = count(g.slices, spacing.z, slice_mm);
  Affine& to = out.patient_from_voxel;
  to.step_i = (pixel_mm / spacing.x) * g.patient_from_voxel.step_i;
  to.step_j = (pixel_mm / spacing.y) * g.patient_from_voxel.step_j;
  to.step_k = (slice_mm / spacing.z) * g.patient_from_voxel.step_k;
  // Voxel edges, not centres, coincide at the corner.
  const Vec3 first{0.5 * pixel_mm / spacing.x - 0.5, 0.5 * pixel_mm / spacing.y - 0.5,
                   0.5 * slice_mm / spacing.z - 0.5};
  to.origin = g.patient_from_voxel(first);
  return out;
}

}  // namespace

Volume<float> ResampleSmooth(const Volume<float>& source, const VolumeGeometry& target,
                             int threads) {
  const VolumeGeometry& g = source.geometry();
  const Vec3 from = g.spacing_mm(), to = target.spacing_mm();
  const Vec3 start = Inverse(g.patient_from_voxel)(target.patient_from_voxel.origin);
  const auto columns = TriangleTaps(g.columns, target.columns, from.x, to.x, start.x * from.x);
  const auto rows = TriangleTaps(g.rows, target.rows, from.y, to.y, start.y * from.y);
  const auto slices = TriangleTaps(g.slices, target.slices, from.z, to.z, start.z * from.z);

  // Source slice by source slice, so that nothing is held but the source and the result; each
  // thread makes target slices that lie side by side, and so few source slices are made smaller
  // twice.
  Volume<float> out(target);
  const int parts = std::clamp(threads, 1, target.slices);
  OnThreads(threads, parts, [&](int part) {
    const int begin = part * target.slices / parts, end = (part + 1) * target.slices / parts;
    for (int k = 0; k < g.slices; ++k) {
      std::vector<float> small;
      for (int t = begin; t < end; ++t) {
        const Taps& tap = slices[static_cast<std::size_t>(t)];
        if (k < tap.first || k >= tap.first + static_cast<int>(tap.weights.size())) continue;
        if (small.empty()) {
          small = ApplyInPlane(source.Slice(k), static_cast<std::size_t>(g.columns), columns, rows);
        }
        AddWeighted(small, tap.weights[static_cast<std::size_t>(k - tap.first)], out.Slice(t));
      }
    }
  });
  return out;
}

Volume<float> HalveInPlane(const Volume<float>& fine) {
  VolumeGeometry g = fine.geometry();
  g.columns /= 2;
  g.rows /= 2;
  Affine& to = g.patient_from_voxel;
  to.origin = to(Vec3{0.5, 0.5, 0});
  to.step_i = 2.0 * to.step_i;
  to.step_j = 2.0 * to.step_j;
  Volume<float> half(g);
  ForEachVoxel(g, [&](int i, int j, int k) {
    half.At(i, j, k) = 0.25F * (fine.At(2 * i, 2 * j, k) + fine.At(2 * i + 1, 2 * j, k) +
                                fine.At(2 * i, 2 * j + 1, k) + fine.At(2 * i + 1, 2 * j + 1, k));
  });
  return half;
}

double GlobalReference(const Volume<float>& coarse) {
  double sum = 0;
  for (float v : coarse.voxels()) sum += static_cast<double>(v);
  const double mean = sum / static_cast<double>(std::max<std::size_t>(1, coarse.size()));
  std::vector<float> bright;
  for (float v : coarse.voxels()) {
    if (static_cast<double>(v) > mean) bright.push_back(v);
  }
  if (bright.empty()) return 0;
  return static_cast<double>(LowerQuantile(bright, 0.5));
}

Volume<float> LocalReference(const Volume<float>& coarse, double global_reference, int threads) {
  Volume<float> signal(coarse.geometry()), weight(coarse.geometry());
  const auto g = static_cast<float>(global_reference);
  const auto cut = static_cast<float>(kForegroundOfReference * global_reference);
  for (std::size_t n = 0; n < coarse.size(); ++n) {
    if (coarse[n] <= cut) continue;
    signal[n] = std::min(coarse[n], kCapOfReference * g);
    weight[n] = 1.0F;
  }
  OnThreads(threads, {[&] { Smooth(signal); }, [&] { Smooth(weight); }});
  for (std::size_t n = 0; n < coarse.size(); ++n) {
    signal[n] = (signal[n] + kPriorWeight * g) / (weight[n] + kPriorWeight);
  }
  return signal;
}

double BodyHeightMm(const Volume<float>& stir, int threads) {
  const double slice_mm = stir.geometry().spacing_mm().z;
  const Volume<float> small =
      ResampleSmooth(stir, CoverWith(stir.geometry(), kHeightGridMm, slice_mm, 1), threads);
  const double cut = kForegroundOfReference * GlobalReference(small);
  const VolumeGeometry& g = small.geometry();
  int first = g.rows, last = -1;
  for (int j = 0; j < g.rows; ++j) {
    int count = 0;
    for (int k = 0; k < g.slices; ++k) {
      for (int i = 0; i < g.columns; ++i)
        count += static_cast<double>(small.At(i, j, k)) > cut ? 1 : 0;
    }
    if (count * kHeightGridMm * slice_mm < kMinRowAreaMm2) continue;
    first = std::min(first, j);
    last = j;
  }
  return last < first ? 0 : (last - first + 1) * kHeightGridMm;
}

Result<CanonicalStir> ToCanonical(const Volume<float>& stir, int threads) {
  if (stir.empty()) return Unsupported("the STIR volume is empty");
  const double height_mm = BodyHeightMm(stir, threads);
  if (height_mm <= 0) return Unsupported("the STIR volume shows no body");
  CanonicalStir out;
  out.scale = std::clamp(height_mm / kAdultHeightMm, kMinScale, kMaxScale);
  out.relative = ResampleSmooth(
      stir, CoverWith(stir.geometry(), kFinePixelMm * out.scale, kFineSliceMm * out.scale, 2),
      threads);
  const Volume<float> coarse = HalveInPlane(out.relative);
  out.global_reference = GlobalReference(coarse);
  if (!(out.global_reference > 0)) return Unsupported("the STIR volume is blank");
  const Volume<float> reference = LocalReference(coarse, out.global_reference, threads);

  out.coarse = coarse.geometry();
  const VolumeGeometry& g = out.coarse;
  double columns = 0, slices = 0, count = 0;
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (static_cast<double>(coarse.At(i, j, k)) <= kForegroundOfReference * out.global_reference)
      return;
    columns += i;
    slices += k;
    count += 1;
  });
  out.middle_column = columns / std::max(1.0, count);
  out.middle_slice = slices / std::max(1.0, count);
  ForEachVoxel(out.relative.geometry(), [&](int i, int j, int k) {
    out.relative.At(i, j, k) /= reference.At(i / 2, j / 2, k);
  });
  return out;
}

}  // namespace osteon
