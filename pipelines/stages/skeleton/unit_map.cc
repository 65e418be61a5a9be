// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/unit_map.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "pipelines/imaging/labelling.h"
#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/bone_parts.h"
#include "pipelines/stages/skeleton/canonical.h"
#include "pipelines/stages/skeleton/femoral_head.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

constexpr float kBoneCut = 0.5F;  // Probability. Chosen: bone is likelier than anything else.
// Share of its class below which a component is an island. Chosen: noise of the network.
constexpr double kIslandShare = 0.05;
// An island takes the class of the bone within this distance, mm times scale. Chosen: two coarse
// pixels.
constexpr double kIslandReachMm = 4 * kFinePixelMm;
// An island away from other bones stays from this volume, ml times scale cubed, on. Chosen: a small
// bone of an adult, such as the patella.
constexpr double kLoneBoneMl = 1.5;
// Radius of the mean, coarse rows. Chosen: 5 cm of an adult.
constexpr int kMidlineSmoothingRows = 12;
// Pixels of the axial skeleton from which it gives the mid-line of a row. Chosen.
constexpr int kMinAxialPixels = 8;
// Width of a row of leg bones, coarse pixels, from which both legs are in it. Chosen: 8 cm of an
// adult; the legs are farther apart than the bone of one is wide.
constexpr int kMinLegsPixels = 20;
// Share of a row's leg bones left out at each end. Chosen: a hand at the hip that the network took
// for a leg moved the mid-line by up to 6 cm; such islands have up to a tenth of a row.
constexpr double kLegsTrimmed = 0.1;

TissueClass ClassOf(std::uint8_t value) { return static_cast<TissueClass>(value); }

bool IsAxial(TissueClass c) {
  switch (c) {
    case TissueClass::kSkull:
    case TissueClass::kMandible:
    case TissueClass::kSternum:
    case TissueClass::kCervicalSpine:
    case TissueClass::kThoracicSpine:
    case TissueClass::kLumbarSpine:
    case TissueClass::kSacrum:
    case TissueClass::kBrain:
    case TissueClass::kSpinalCanal:
      return true;
    default:
      return false;
  }
}

bool IsPairedBelow(TissueClass c) {
  return c == TissueClass::kFemur || c == TissueClass::kLeg || c == TissueClass::kFoot ||
         c == TissueClass::kPelvis;
}

// Interpolates linearly between known rows and repeats the ends; all `fallback` when none is known.
std::vector<double> FillGaps(const std::vector<std::optional<double>>& known, double fallback) {
  std::vector<double> out(known.size(), fallback);
  std::optional<std::size_t> last;
  for (std::size_t j = 0; j < known.size(); ++j) {
    if (!known[j]) {
      if (last) out[j] = *known[*last];
      continue;
    }
    const double here = *known[j];
    const double before = last ? *known[*last] : here;
    const std::size_t from = last ? *last + 1 : 0;
    for (std::size_t n = from; n <= j; ++n) {
      const double t = last ? static_cast<double>(n - *last) / static_cast<double>(j - *last) : 1.0;
      out[n] = before + t * (here - before);
    }
    last = j;
  }
  return out;
}

std::vector<double> SmoothRows(const std::vector<double>& values, int radius) {
  const int n = static_cast<int>(values.size());
  std::vector<double> out(values.size());
  for (int j = 0; j < n; ++j) {
    const int low = std::max(0, j - radius), high = std::min(n - 1, j + radius);
    double sum = 0;
    for (int m = low; m <= high; ++m) sum += values[static_cast<std::size_t>(m)];
    out[static_cast<std::size_t>(j)] = sum / (high - low + 1);
  }
  return out;
}

// Middle between both legs from the columns of their bones, in order; none where only one is in
// the row.
std::optional<double> MiddleOfLegs(const std::vector<int>& columns) {
  if (columns.empty()) return std::nullopt;
  const auto left_out =
      static_cast<std::size_t>(kLegsTrimmed * static_cast<double>(columns.size()));
  const int low = columns[left_out], high = columns[columns.size() - 1 - left_out];
  if (high - low < kMinLegsPixels) return std::nullopt;
  return 0.5 * (low + high);
}

std::optional<double> RowMidline(const Volume<std::uint8_t>& tissue,
                                 const Volume<std::uint8_t>& classes, int row) {
  const VolumeGeometry& g = tissue.geometry();
  double axial_sum = 0;
  int axial = 0;
  std::vector<int> legs;
  for (int i = 0; i < g.columns; ++i) {
    for (int k = 0; k < g.slices; ++k) {
      if (IsAxial(ClassOf(tissue.At(i, row, k)))) {
        axial_sum += i;
        ++axial;
      } else if (IsPairedBelow(ClassOf(classes.At(i, row, k)))) {
        legs.push_back(i);
      }
    }
  }
  if (axial >= kMinAxialPixels) return axial_sum / axial;
  return MiddleOfLegs(legs);
}

struct Growth {
  VoxelIndex at;
  UnitId unit = 0;
};

// The unit of the first of a voxel's neighbours that has one, 0 when none has.
UnitId UnitBeside(const Volume<UnitId>& units, const VoxelIndex& at, bool in_other_slices) {
  UnitId found = 0;
  const auto look = [&](int i, int j, int k) {
    if (found == 0 && units.Contains(i, j, k)) found = units.At(i, j, k);
  };
  look(at.i - 1, at.j, at.k);
  look(at.i + 1, at.j, at.k);
  look(at.i, at.j - 1, at.k);
  look(at.i, at.j + 1, at.k);
  if (in_other_slices) {
    look(at.i, at.j, at.k - 1);
    look(at.i, at.j, at.k + 1);
  }
  return found;
}

}  // namespace

std::vector<double> MidlineByRow(const Volume<std::uint8_t>& tissue,
                                 const Volume<std::uint8_t>& classes) {
  std::vector<std::optional<double>> known;
  known.reserve(static_cast<std::size_t>(tissue.geometry().rows));
  for (int j = 0; j < tissue.geometry().rows; ++j) known.push_back(RowMidline(tissue, classes, j));
  return SmoothRows(FillGaps(known, 0.5 * (tissue.geometry().columns - 1)), kMidlineSmoothingRows);
}

Volume<std::uint8_t> CleanBoneClasses(const TissueMaps& maps) {
  Volume<std::uint8_t> classes(maps.tissue.geometry());
  std::array<std::size_t, kTissueClasses> totals{};
  for (std::size_t n = 0; n < classes.size(); ++n) {
    if (maps.bone[n] < kBoneCut) continue;
    classes[n] = maps.bone_class[n];
    ++totals[classes[n]];
  }
  const Components parts = LabelComponents(classes);
  Volume<std::uint8_t> solid(classes.geometry());
  for (std::size_t n = 0; n < classes.size(); ++n) {
    if (classes[n] == 0) continue;
    const std::size_t size = parts.sizes[static_cast<std::size_t>(parts.labels[n]) - 1];
    if (static_cast<double>(size) >= kIslandShare * static_cast<double>(totals[classes[n]]))
      solid[n] = classes[n];
  }
  // Islands take the class of the bone within kIslandReachMm. One that has none stays when it is as
  // large as a small bone, else it is dropped.
  const double min_voxels = kLoneBoneMl * std::pow(maps.scale, 3) / classes.geometry().voxel_ml();
  const Volume<UnitId> grown = GrowUnits(solid, kIslandReachMm * maps.scale);
  for (std::size_t n = 0; n < classes.size(); ++n) {
    if (classes[n] == 0 || solid[n] != 0) continue;
    const std::size_t size = parts.sizes[static_cast<std::size_t>(parts.labels[n]) - 1];
    if (grown[n] != 0) {
      classes[n] = grown[n];
    } else if (static_cast<double>(size) < min_voxels) {
      classes[n] = 0;
    }
  }
  return classes;
}

Volume<UnitId> GrowUnits(const Volume<UnitId>& units, double reach_mm) {
  Volume<UnitId> now = units.Clone();
  const VolumeGeometry& g = units.geometry();
  const Vec3 spacing = g.spacing_mm();
  // One step goes one voxel in plane; every slice_every-th step also goes to the next slice.
  const int steps = std::max(1, static_cast<int>(std::lround(reach_mm / spacing.x)));
  const int slice_every = std::max(1, static_cast<int>(std::lround(spacing.z / spacing.x)));
  // Voxels that got a unit in the last step, and those since the last step to other slices: only
  // beside them a voxel can get one.
  std::vector<VoxelIndex> front, front_of_slices;
  ForEachVoxel(g, [&](int i, int j, int k) {
    if (now.At(i, j, k) != 0) front.push_back({i, j, k});
  });
  front_of_slices = front;
  for (int step = 1; step <= steps; ++step) {
    const bool to_slices = step % slice_every == 0;
    std::vector<Growth> grown;
    const auto grow = [&](int i, int j, int k) {
      if (!now.Contains(i, j, k) || now.At(i, j, k) != 0) return;
      grown.push_back({{i, j, k}, UnitBeside(now, {i, j, k}, to_slices)});
    };
    for (const auto& [i, j, k] : front) {
      grow(i - 1, j, k);
      grow(i + 1, j, k);
      grow(i, j - 1, k);
      grow(i, j + 1, k);
    }
    if (to_slices) {
      for (const auto& [i, j, k] : front_of_slices) {
        grow(i, j, k - 1);
        grow(i, j, k + 1);
      }
      front_of_slices.clear();
    }
    front.clear();
    for (const Growth& growth : grown) {
      UnitId& unit = now.At(growth.at.i, growth.at.j, growth.at.k);
      if (unit == 0) front.push_back(growth.at);  // A voxel with two neighbours is there twice.
      unit = growth.unit;
    }
    front_of_slices.insert(front_of_slices.end(), front.begin(), front.end());
  }
  return now;
}

UnitMap NameUnits(const TissueMaps& maps) {
  UnitMap out;
  Volume<std::uint8_t> classes = CleanBoneClasses(maps);
  out.place = NameByPlace(classes);
  out.midline_column = MidlineByRow(maps.tissue, classes);
  const VolumeGeometry& g = classes.geometry();
  Volume<std::uint8_t> sides(g);
  ForEachVoxel(g, [&](int i, int j, int k) {
    const bool right = i < out.midline_column[static_cast<std::size_t>(j)];
    sides.At(i, j, k) = static_cast<std::uint8_t>(right ? Side::kRight : Side::kLeft);
  });
  GivenHeads heads = GiveFemoralHeads(classes, sides, maps.scale);
  out.place.renamed_ml += heads.ml;
  out.by_place = std::move(heads.units);
  out.units = SplitBones(classes, sides);
  return out;
}

}  // namespace osteon
