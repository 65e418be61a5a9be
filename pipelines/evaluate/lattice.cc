// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/lattice.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace osteon {
namespace {

int CellIndex(double mm) { return static_cast<int>(std::lround(mm / kCellMm)); }

struct CellBox {
  Cell low, high;  // Inclusive.
};

// All cells whose centre can be in the run's voxels; nullopt when that is more than any bone has.
std::optional<CellBox> BoxOf(const PixelRun& run, const Affine& patient_from_voxel) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  Vec3 low{kInf, kInf, kInf}, high{-kInf, -kInf, -kInf};
  for (const double i : {run.first_column - 0.5, run.end_column - 0.5}) {
    for (const double j : {run.row - 0.5, run.row + 0.5}) {
      for (const double k : {-0.5, 0.5}) {
        const Vec3 p = patient_from_voxel({i, j, k});
        low = {std::min(low.x, p.x), std::min(low.y, p.y), std::min(low.z, p.z)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y), std::max(high.z, p.z)};
      }
    }
  }
  const Vec3 extent = high - low;
  if (extent.x * extent.y * extent.z > 1e8 || Norm(low) > 1e8 || Norm(high) > 1e8) {
    return std::nullopt;
  }
  return CellBox{{CellIndex(low.x), CellIndex(low.y), CellIndex(low.z)},
                 {CellIndex(high.x), CellIndex(high.y), CellIndex(high.z)}};
}

Status AddCells(const SegPlane& plane, CellSet& cells) {
  const Affine voxel_from_patient = Inverse(plane.patient_from_voxel);
  const auto is_in = [&](const PixelRun& run, const Cell& cell) {
    const Vec3 v = voxel_from_patient({cell.x * kCellMm, cell.y * kCellMm, cell.z * kCellMm});
    return v.z >= -0.5 && v.z < 0.5 && v.y >= run.row - 0.5 && v.y < run.row + 0.5 &&
           v.x >= run.first_column - 0.5 && v.x < run.end_column - 0.5;
  };
  for (const PixelRun& run : plane.runs) {
    const auto box = BoxOf(run, plane.patient_from_voxel);
    if (!box) {
      return InvalidInput(
          fmt::format("frame {}: Pixel Spacing (0028,0030) is absurd", plane.frame_number));
    }
    for (int x = box->low.x; x <= box->high.x; ++x) {
      for (int y = box->low.y; y <= box->high.y; ++y) {
        for (int z = box->low.z; z <= box->high.z; ++z) {
          if (is_in(run, {x, y, z})) cells.push_back({x, y, z});
        }
      }
    }
  }
  return {};
}

}  // namespace

Result<CellSet> CellsOf(const SegSegment& segment, double max_ml) {
  if (segment.volume_ml() > max_ml) {
    return InvalidInput(fmt::format("segment {} has {} ml, more than the {} ml a lesion can have",
                                    segment.number, std::lround(segment.volume_ml()),
                                    std::lround(max_ml)));
  }
  CellSet cells;
  for (const SegPlane& plane : segment.planes) {
    if (Status added = AddCells(plane, cells); !added) return std::move(added).error();
  }
  for (const SegPlane& plane : segment.planes) {
    if (!cells.empty() || plane.runs.empty()) continue;
    const PixelRun& run = plane.runs.front();
    const Vec3 p = plane.patient_from_voxel(
        {static_cast<double>(run.first_column), static_cast<double>(run.row), 0});
    cells.push_back({CellIndex(p.x), CellIndex(p.y), CellIndex(p.z)});
  }
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  return cells;
}

std::size_t CommonCells(const CellSet& a, const CellSet& b) {
  std::size_t common = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) ++common;
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      ++i;
      ++j;
    }
  }
  return common;
}

CellSet UnionOf(const CellSet& a, const CellSet& b) {
  CellSet both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

double Dice(const CellSet& a, const CellSet& b) {
  Check(!a.empty() || !b.empty(), "Dice of nothing");
  return 2.0 * static_cast<double>(CommonCells(a, b)) / static_cast<double>(a.size() + b.size());
}

}  // namespace osteon
