// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/lesion_voxels.h"

#include <algorithm>
#include <cmath>

namespace osteon {

std::vector<std::vector<VoxelIndex>> VoxelsByLabel(const Volume<std::uint16_t>& labels) {
  std::vector<std::vector<VoxelIndex>> lists(1);
  const VolumeGeometry& g = labels.geometry();
  for (int k = 0; k < g.slices; ++k)
    for (int j = 0; j < g.rows; ++j)
      for (int i = 0; i < g.columns; ++i) {
        const std::size_t label = labels.At(i, j, k);
        if (label == 0) continue;
        if (label >= lists.size()) lists.resize(label + 1);
        lists[label].push_back({i, j, k});
      }
  return lists;
}

Vec3 PointOf(const VolumeGeometry& g, const VoxelIndex& v) {
  return g.patient_from_voxel(
      {static_cast<double>(v.i), static_cast<double>(v.j), static_cast<double>(v.k)});
}

VoxelBox BoxAround(const std::vector<VoxelIndex>& voxels, const VolumeGeometry& g,
                   double margin_mm) {
  VoxelBox box{voxels.front(), voxels.front()};
  for (const VoxelIndex& v : voxels) {
    box.low = {std::min(box.low.i, v.i), std::min(box.low.j, v.j), std::min(box.low.k, v.k)};
    box.high = {std::max(box.high.i, v.i), std::max(box.high.j, v.j), std::max(box.high.k, v.k)};
  }
  const Vec3 spacing = g.spacing_mm();
  const auto margin = [&](double step) { return static_cast<int>(std::ceil(margin_mm / step)); };
  const VoxelIndex grow{margin(spacing.x), margin(spacing.y), margin(spacing.z)};
  box.low = {std::max(0, box.low.i - grow.i), std::max(0, box.low.j - grow.j),
             std::max(0, box.low.k - grow.k)};
  box.high = {std::min(g.columns - 1, box.high.i + grow.i),
              std::min(g.rows - 1, box.high.j + grow.j),
              std::min(g.slices - 1, box.high.k + grow.k)};
  return box;
}

double Median(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  const double upper = static_cast<double>(*middle);
  if (values.size() % 2 == 1) return upper;
  return 0.5 * (upper + static_cast<double>(*std::max_element(values.begin(), middle)));
}

std::vector<float> ValuesAt(const Volume<float>& image, const std::vector<VoxelIndex>& voxels) {
  std::vector<float> values;
  values.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) {
    const float value = image.At(v.i, v.j, v.k);
    if (!std::isnan(value)) values.push_back(value);
  }
  return values;
}

std::vector<float> ImagedValues(const OtherContrast& other, const std::vector<VoxelIndex>& voxels) {
  std::vector<float> values;
  values.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) {
    if (other.imaged.At(v.i, v.j, v.k) != 0) values.push_back(other.voxels.At(v.i, v.j, v.k));
  }
  return values;
}

std::array<Vec3, 3> PrincipalAxes(const std::array<double, 6>& m) {
  double a[3][3] = {{m[0], m[3], m[4]}, {m[3], m[1], m[5]}, {m[4], m[5], m[2]}};
  double v[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  constexpr int kSweeps = 30;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const auto& [p, q] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
      if (std::abs(a[p][q]) < 1e-12) continue;
      const double theta = 0.5 * std::atan2(2 * a[p][q], a[p][p] - a[q][q]);
      const double c = std::cos(theta), s = std::sin(theta);
      for (auto& row : a) {  // Columns p and q.
        const double x = row[p], y = row[q];
        row[p] = c * x + s * y;
        row[q] = c * y - s * x;
      }
      for (int n = 0; n < 3; ++n) {  // Rows p and q; eigenvectors are the columns of v.
        const double x = a[p][n], y = a[q][n];
        a[p][n] = c * x + s * y;
        a[q][n] = c * y - s * x;
        const double vx = v[n][p], vy = v[n][q];
        v[n][p] = c * vx + s * vy;
        v[n][q] = c * vy - s * vx;
      }
    }
  }
  std::array<int, 3> order = {0, 1, 2};
  std::stable_sort(order.begin(), order.end(), [&](int x, int y) { return a[x][x] > a[y][y]; });
  std::array<Vec3, 3> axes;
  for (std::size_t n = 0; n < 3; ++n) {
    const auto column = static_cast<std::size_t>(order[n]);
    axes[n] = Unit({v[0][column], v[1][column], v[2][column]});
  }
  return axes;
}

}  // namespace osteon
