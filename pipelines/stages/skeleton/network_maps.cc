// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/network_maps.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <future>
#include <span>
#include <utility>
#include <vector>

#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// The network's input, part of the contract with training (pipelines/training/README.md).
constexpr int kInputChannels = 10;
constexpr int kMultiple = 16;                            // The network halves a slice four times.
constexpr double kColumnUnit = 64.0, kSliceUnit = 16.0;  // Pixels and slices to the input's unit.
constexpr std::array<int, 4> kNeighbours = {-1, 1, -2, 2};  // Slices whose means are inputs.
// Where the network runs; all chosen. A pixel of tissue has at least a third of muscle's signal.
constexpr float kTissueRelative = 0.35F;
// A row or column shows tissue from this many such pixels in five slices on: more than noise makes.
constexpr int kTissuePixels = 6;
// The margin holds the fat outside muscle, which is dark: 48 mm of an adult. No bone lies farther
// from muscle or marrow.
constexpr int kMarginPixels = 12;

float Compress(float relative) { return std::log1p(2.0F * relative) - 1.0F; }

int RoundUp(int n) { return (n + kMultiple - 1) / kMultiple * kMultiple; }

// A row of values for each class, and of what is made of them for each pixel.
struct ClassRows {
  explicit ClassRows(int columns)
      : width(static_cast<std::size_t>(columns)), values(kTissueClasses * width), work(width) {}
  std::span<float> Of(int c) {
    return std::span(values).subspan(static_cast<std::size_t>(c) * width, width);
  }

  std::size_t width;
  std::vector<float> values, work;
};

// From the network's output to probabilities, for one row of a slice. Class after class, since the
// values of one pixel lie a plane apart, often a multiple of 4 KiB, where they push each other out
// of the cache.
void Softmax(const Planes& out, std::size_t row_start, ClassRows& rows) {
  std::vector<float>& top = rows.work;
  for (int c = 0; c < kTissueClasses; ++c) {
    const std::span<float> p = rows.Of(c);
    std::copy_n(out.Plane(c) + row_start, p.size(), p.begin());
    if (c == 0) std::ranges::copy(p, top.begin());
    for (std::size_t n = 0; n < p.size(); ++n) top[n] = std::max(top[n], p[n]);
  }
  std::vector<float> sum(rows.width);
  for (int c = 0; c < kTissueClasses; ++c) {
    const std::span<float> p = rows.Of(c);
    for (std::size_t n = 0; n < p.size(); ++n) {
      p[n] = std::exp(p[n] - top[n]);
      sum[n] += p[n];
    }
  }
  for (int c = 0; c < kTissueClasses; ++c) {
    const std::span<float> p = rows.Of(c);
    for (std::size_t n = 0; n < p.size(); ++n) p[n] /= sum[n];
  }
}

// The likeliest class from `first` to `last`, the first of equals, for each pixel of `into`.
void StoreLikeliest(int first, int last, ClassRows& rows, std::span<std::uint8_t> into) {
  std::vector<float>& best = rows.work;
  std::ranges::copy(rows.Of(first), best.begin());
  std::ranges::fill(into, static_cast<std::uint8_t>(first));
  for (int c = first + 1; c <= last; ++c) {
    const std::span<float> p = rows.Of(c);
    for (std::size_t n = 0; n < into.size(); ++n) {
      if (!(p[n] > best[n])) continue;
      best[n] = p[n];
      into[n] = static_cast<std::uint8_t>(c);
    }
  }
}

void StoreBone(ClassRows& rows, std::span<float> into) {
  std::ranges::fill(into, 0.0F);
  for (int c = kFirstBone; c <= kLastBone; ++c) {
    const std::span<float> p = rows.Of(c);
    for (std::size_t n = 0; n < into.size(); ++n) into[n] += p[n];
  }
  for (float& v : into) v = std::min(1.0F, v);
}

void StoreSlice(const Planes& out, int slice, const SliceWindow& window, TissueMaps& maps) {
  const VolumeGeometry& g = maps.tissue.geometry();
  const int end_row = std::min(g.rows, window.first_row + window.rows);
  const int columns = std::min(g.columns - window.first_column, window.columns);
  const auto width = static_cast<std::size_t>(columns);
  ClassRows rows(columns);
  for (int j = window.first_row; j < end_row; ++j) {
    const std::size_t row_start =
        static_cast<std::size_t>(j - window.first_row) * static_cast<std::size_t>(out.columns);
    Softmax(out, row_start, rows);
    const int i = window.first_column;
    StoreLikeliest(0, kTissueClasses - 1, rows, {&maps.tissue.At(i, j, slice), width});
    StoreLikeliest(kFirstBone, kLastBone, rows, {&maps.bone_class.At(i, j, slice), width});
    StoreBone(rows, {&maps.bone.At(i, j, slice), width});
    for (int s = 0; s < kLesionOutputs; ++s) {
      const float* logits = out.Plane(kTissueClasses + s) + row_start;
      float* fine = &maps.lesion.At(2 * i + s % 2, 2 * j + s / 2, slice);
      for (std::size_t n = 0; n < width; ++n) fine[2 * n] = 1.0F / (1.0F + std::exp(-logits[n]));
    }
  }
}

// Rows or columns from `first` to before `end`.
struct Extent {
  int first = 0, end = 0;
};

// Adds the margin, as far as there are pixels, and rounds the length up to a multiple of kMultiple.
Extent WidenToMultiple(Extent tissue, int size) {
  const int first = std::max(0, tissue.first - kMarginPixels);
  const int end = std::min(size, tissue.end + kMarginPixels);
  return {first, first + RoundUp(end - first)};
}

}  // namespace

SliceWindow WholeSlice(const CanonicalStir& stir) {
  const VolumeGeometry& g = stir.coarse;
  return {0, 0, RoundUp(g.rows), RoundUp(g.columns)};
}

SliceWindow BodyWindow(const CanonicalStir& stir, int slice) {
  const VolumeGeometry& g = stir.coarse;
  std::vector<int> rows(static_cast<std::size_t>(g.rows)),
      columns(static_cast<std::size_t>(g.columns));
  for (int k = std::max(0, slice - 2); k <= std::min(g.slices - 1, slice + 2); ++k) {
    for (int j = 0; j < g.rows; ++j) {
      for (int i = 0; i < g.columns; ++i) {
        if (stir.relative.At(2 * i, 2 * j, k) < kTissueRelative) continue;
        ++rows[static_cast<std::size_t>(j)];
        ++columns[static_cast<std::size_t>(i)];
      }
    }
  }
  const auto extent = [](const std::vector<int>& counts) {
    const auto enough = [](int n) { return n >= kTissuePixels; };
    const auto first = std::find_if(counts.begin(), counts.end(), enough);
    const auto last = std::find_if(counts.rbegin(), counts.rend(), enough);
    if (first == counts.end()) return Extent{};
    return Extent{static_cast<int>(first - counts.begin()), static_cast<int>(counts.rend() - last)};
  };
  const Extent body_rows = extent(rows), body_columns = extent(columns);
  if (body_rows.end == 0 || body_columns.end == 0) return {};
  const Extent r = WidenToMultiple(body_rows, g.rows), c = WidenToMultiple(body_columns, g.columns);
  return {r.first, c.first, r.end - r.first, c.end - c.first};
}

Planes NetworkInput(const CanonicalStir& stir, int slice, const SliceWindow& window) {
  const VolumeGeometry& g = stir.coarse;
  Planes in(kInputChannels, window.rows, window.columns);
  std::fill(in.values.begin(), in.values.end(), Compress(0.0F));
  for (int row = 0; row < in.rows; ++row) {
    for (int column = 0; column < in.columns; ++column) {
      const int j = window.first_row + row, i = window.first_column + column;
      const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(in.columns) +
                      static_cast<std::size_t>(column);
      in.Plane(8)[at] = static_cast<float>((i - stir.middle_column) / kColumnUnit);
      in.Plane(9)[at] = static_cast<float>((slice - stir.middle_slice) / kSliceUnit);
      if (j >= g.rows || i >= g.columns) continue;
      const auto fine = [&](int s, int k) {
        return stir.relative.At(2 * i + s % 2, 2 * j + s / 2, k);
      };
      for (int s = 0; s < 4; ++s) in.Plane(s)[at] = Compress(fine(s, slice));
      for (int n = 0; n < 4; ++n) {
        const int k = std::clamp(slice + kNeighbours[static_cast<std::size_t>(n)], 0, g.slices - 1);
        in.Plane(4 + n)[at] = Compress(0.25F * (fine(0, k) + fine(1, k) + fine(2, k) + fine(3, k)));
      }
    }
  }
  return in;
}

Status CheckCard(const NetworkCard& card) {
  if (card.input_channels != kInputChannels ||
      card.outputs.size() != kTissueClasses + kLesionOutputs) {
    return InvalidInput("network " + card.name +
                        ": its card does not have 10 inputs and 30 outputs");
  }
  for (std::size_t n = 0; n < kTissueNames.size(); ++n) {
    if (card.outputs[n] != kTissueNames[n]) {
      return InvalidInput(
          fmt::format("network {}: output {} is \"{}\", this version expects \"{}\"", card.name, n,
                      card.outputs[n], kTissueNames[n]));
    }
  }
  return {};
}

namespace {

// Takes slices from `next` until none is left, the run is cancelled or another thread failed.
Status RunSlices(const CanonicalStir& stir, Network& network, std::atomic<int>& next,
                 const RunContext& run, TissueMaps& maps) {
  const int slices = maps.tissue.geometry().slices;
  for (int k = next++; k < slices; k = next++) {
    if (run.Cancelled()) return Cancelled("while the network located the skeleton");
    const SliceWindow window = BodyWindow(stir, k);
    if (window.rows == 0) continue;
    const Result<Planes> out = network.Run(NetworkInput(stir, k, window));
    if (!out) {
      next = slices;
      return out.error();
    }
    StoreSlice(*out, k, window, maps);
  }
  return {};
}

}  // namespace

Result<TissueMaps> RunNetwork(CanonicalStir stir, std::vector<Network>& networks, RunContext& run) {
  if (Status status = CheckCard(networks.front().card()); !status) return std::move(status).error();
  const VolumeGeometry& coarse = stir.coarse;
  TissueMaps maps;
  maps.scale = stir.scale;
  maps.lesion = Volume<float>(stir.relative.geometry());
  maps.tissue = Volume<std::uint8_t>(coarse);
  maps.bone_class = Volume<std::uint8_t>(coarse);
  maps.bone = Volume<float>(coarse);
  std::atomic<int> next = 0;
  std::vector<std::future<Status>> others;
  for (std::size_t n = 1; n < networks.size(); ++n) {
    others.push_back(std::async(std::launch::async,
                                [&, n] { return RunSlices(stir, networks[n], next, run, maps); }));
  }
  Status status = RunSlices(stir, networks.front(), next, run, maps);
  for (auto& other : others) {
    if (Status theirs = other.get(); status && !theirs) status = std::move(theirs);
  }
  if (!status) return std::move(status).error();
  maps.relative = std::move(stir.relative);
  return maps;
}

}  // namespace osteon
