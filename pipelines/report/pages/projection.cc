// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/projection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

std::uint8_t Level(double v, Window window) {
  const double share = (v - window.low) / std::max(window.high - window.low, 1e-9);
  const double grey = std::pow(std::clamp(share, 0.0, 1.0), window.gamma);
  return static_cast<std::uint8_t>(std::lround(255 * grey));
}

std::size_t At(int x, int y, int width) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
         static_cast<std::size_t>(x);
}

// A share of what was imaged, spread over all of it: sums over some millions cost more than a page.
std::vector<float> Sample(const ComposedVolume& composed) {
  std::vector<float> values;
  const std::size_t step = std::max<std::size_t>(1, composed.stir.size() / 500000);
  for (std::size_t n = 0; n < composed.stir.size(); n += step) {
    if (composed.inside.empty() || composed.inside[n]) values.push_back(composed.stir[n]);
  }
  return values;
}

// Median of what is not air, which is darker than half the mean of all.
double BodySignal(const ComposedVolume& composed) {
  std::vector<float> values = Sample(composed);
  if (values.empty()) return 0;
  const double mean = MeanOf(values);
  std::erase_if(values, [&](float v) { return v <= mean / 2; });
  return values.empty() ? 0 : LowerQuantile(values, 0.5);
}

}  // namespace

Window WindowLike(Window window, const ComposedVolume& shown, const ComposedVolume& other) {
  const double here = BodySignal(shown), there = BodySignal(other);
  if (here <= 0 || there <= 0) return window;
  const double scale = there / here;
  return {window.low * scale, window.high * scale, window.gamma};
}

Window WindowOf(const ComposedVolume& composed, const Anchors& anchors) {
  constexpr double kGamma = 0.5;  // Chosen: muscle is mid-grey.
  if (anchors.muscle > 0) return {0.1 * anchors.muscle, 5 * anchors.muscle, kGamma};
  std::vector<float> values = Sample(composed);
  if (values.empty()) return {};
  const double low = 0.05 * LowerQuantile(values, 0.5), high = LowerQuantile(values, 0.99);
  return {low, std::max(high, low + 1e-6), kGamma};
}

Window WindowOf(const OtherContrast& t1) {
  std::vector<float> values;
  const std::size_t step = std::max<std::size_t>(1, t1.voxels.size() / 500000);
  for (std::size_t n = 0; n < t1.voxels.size(); n += step) {
    if (t1.imaged[n]) values.push_back(t1.voxels[n]);
  }
  if (values.empty()) return {};
  return {0, std::max<double>(LowerQuantile(values, 0.99), 1e-6), 1};
}

GreyImage MaximumProjection(const ComposedVolume& composed, View view, Window window) {
  const VolumeGeometry& g = composed.stir.geometry();
  GreyImage image{view == View::kCoronal ? g.columns : g.slices, g.rows, {}};
  // Finds the brightest voxel first and computes its grey last, since each grey level costs a
  // pow().
  constexpr float kNothing = std::numeric_limits<float>::lowest();
  std::vector<float> brightest(
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height), kNothing);
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (!composed.inside.empty() && !composed.inside.At(i, j, k)) return;
    const int x = view == View::kCoronal ? i : k;
    float& pixel = brightest[At(x, j, image.width)];
    pixel = std::max(pixel, composed.stir.At(i, j, k));
  });
  for (float v : brightest) {
    image.grey.push_back(v == kNothing ? std::uint8_t{0} : Level(v, window));
  }
  return image;
}

GreyImage SliceImage(const Volume<float>& voxels, int slice, Window window) {
  const VolumeGeometry& g = voxels.geometry();
  GreyImage image{g.columns, g.rows, {}};
  for (float v : voxels.Slice(slice)) image.grey.push_back(Level(v, window));
  return image;
}

std::vector<std::uint8_t> ProjectedMask(const Volume<std::uint16_t>& labels, int label,
                                        const LabelBox& box, View view) {
  const VolumeGeometry& g = labels.geometry();
  const int width = view == View::kCoronal ? g.columns : g.slices;
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(width) *
                                 static_cast<std::size_t>(g.rows));
  ForEachInBox(labels, label, box, [&](int i, int j, int k) {
    mask[At(view == View::kCoronal ? i : k, j, width)] = 1;
  });
  return mask;
}

std::vector<std::uint8_t> SliceMask(const Volume<std::uint16_t>& labels, int label, int slice) {
  std::vector<std::uint8_t> mask;
  for (std::uint16_t v : labels.Slice(slice)) mask.push_back(v == label ? 1 : 0);
  return mask;
}

std::vector<std::vector<Point2>> Outlines(const std::vector<std::uint8_t>& mask, int width,
                                          int height) {
  using Corner = std::pair<int, int>;
  const auto filled = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < height && mask[At(x, y, width)] != 0;
  };
  // Directed edges with the mask on their right; two of them start at a corner where two pixels
  // touch.
  std::multimap<Corner, Corner> edges;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (!filled(x, y)) continue;
      if (!filled(x, y - 1)) edges.insert({{x, y}, {x + 1, y}});
      if (!filled(x + 1, y)) edges.insert({{x + 1, y}, {x + 1, y + 1}});
      if (!filled(x, y + 1)) edges.insert({{x + 1, y + 1}, {x, y + 1}});
      if (!filled(x - 1, y)) edges.insert({{x, y + 1}, {x, y}});
    }
  }
  std::vector<std::vector<Point2>> outlines;
  while (!edges.empty()) {
    std::vector<Corner> corners;
    auto edge = edges.begin();
    while (edge != edges.end()) {
      corners.push_back(edge->first);
      const Corner next = edge->second;
      edges.erase(edge);
      edge = edges.find(next);
    }
    std::vector<Point2> outline;
    for (std::size_t n = 0; n < corners.size(); ++n) {
      const Corner& before = corners[(n + corners.size() - 1) % corners.size()];
      const Corner& after = corners[(n + 1) % corners.size()];
      if (before.first == after.first || before.second == after.second) continue;  // Straight on.
      outline.push_back({double(corners[n].first), double(corners[n].second)});
    }
    outlines.push_back(std::move(outline));
  }
  return outlines;
}

}  // namespace osteon
