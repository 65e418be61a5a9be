// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/femoral_head.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// Articulotrochanteric distance, from the trochanter's tip up to the top of the head, mm: mean of
// both sexes, 5 to 14 years, not depending on age, and the lower end of girls' range of two
// standard deviations less half a pixel (1787 radiographs, doi 10.1097/BPO.0000000000002904).
constexpr double kHeadAboveTipMm = 22, kLeastAboveTipMm = 10;
// The shaft's columns are those of these shares of the femur's rows from above, below the lesser
// trochanter. What lies further medial of them than this, mm times scale, is neck and head. Chosen.
constexpr double kShaftFrom = 0.22, kShaftTo = 0.35, kNeckMm = 20;
// Rows of a femur, mm times scale, from which it is imaged to the knee. Chosen: an adult's has 400.
constexpr double kLeastLengthMm = 300;
// Voxels from which the tip and the top of the head are believed: fewer are the network's errors.
constexpr int kLeastVoxels = 4;

using Voxels = std::vector<VoxelIndex>;

// The uppermost row of `voxels`, without stray ones; none of fewer than kLeastVoxels.
std::optional<int> TopRow(const Voxels& voxels) {
  if (voxels.size() < kLeastVoxels) return std::nullopt;
  std::vector<int> rows;
  rows.reserve(voxels.size());
  for (const VoxelIndex& v : voxels) rows.push_back(v.j);
  std::nth_element(rows.begin(), rows.begin() + kLeastVoxels - 1, rows.end());
  return rows[kLeastVoxels - 1];
}

std::optional<double> ShaftColumn(const Voxels& femur, int first_row, int last_row) {
  double columns = 0;
  int count = 0;
  for (const VoxelIndex& v : femur) {
    const double along = static_cast<double>(v.j - first_row) / std::max(1, last_row - first_row);
    if (along < kShaftFrom || along > kShaftTo) continue;
    columns += v.i;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return columns / count;
}

// The neck and head of a femur, and the row up to which its head must reach.
struct LostHead {
  Voxels neck;
  int top_row = 0;
};

// None of a femur whose head is part of it.
std::optional<LostHead> FindLostHead(const VolumeGeometry& g, const Voxels& femur, Side side,
                                     double scale) {
  if (femur.empty()) return std::nullopt;
  const auto [first, last] = std::minmax_element(
      femur.begin(), femur.end(), [](const auto& a, const auto& b) { return a.j < b.j; });
  const Vec3 spacing = g.spacing_mm();
  if ((last->j - first->j) * spacing.y < kLeastLengthMm * scale) return std::nullopt;
  const auto shaft = ShaftColumn(femur, first->j, last->j);
  if (!shaft) return std::nullopt;
  const double lateral = side == Side::kLeft ? 1 : -1;  // Columns run to the patient's left.
  LostHead out;
  Voxels trochanter;
  for (const VoxelIndex& v : femur) {
    const double outwards_mm = lateral * (v.i - *shaft) * spacing.x;
    if (outwards_mm > 0) trochanter.push_back(v);
    if (outwards_mm < -kNeckMm * scale) out.neck.push_back(v);
  }
  const auto tip_row = TopRow(trochanter), head_row = TopRow(out.neck);
  if (!tip_row || !head_row || (*tip_row - *head_row) * spacing.y >= kLeastAboveTipMm)
    return std::nullopt;
  out.top_row = *tip_row - static_cast<int>(std::lround(kHeadAboveTipMm / spacing.y));
  return out;
}

// The rows from `top_row` down to each voxel of the neck, as far as they are pelvis.
std::size_t GiveUpTo(const LostHead& head, Volume<std::uint8_t>& classes) {
  std::size_t given = 0;
  for (const VoxelIndex& v : head.neck) {
    for (int j = v.j - 1; j >= std::max(0, head.top_row); --j) {
      std::uint8_t& bone = classes.At(v.i, j, v.k);
      if (bone != static_cast<std::uint8_t>(TissueClass::kPelvis)) break;
      bone = static_cast<std::uint8_t>(TissueClass::kFemur);
      ++given;
    }
  }
  return given;
}

void AddUnitsOfHip(Side side, std::vector<UnitId>& units) {
  for (const BoneUnit& unit : BoneUnits()) {
    const bool hip = unit.bone == "ilium" || unit.bone == "ischium" || unit.bone == "pubis" ||
                     (unit.bone == "femur" && unit.part == BonePart::kProximal);
    if (hip && unit.side == side) units.push_back(unit.id);
  }
}

}  // namespace

GivenHeads GiveFemoralHeads(Volume<std::uint8_t>& classes, const Volume<std::uint8_t>& sides,
                            double scale) {
  const VolumeGeometry& g = classes.geometry();
  GivenHeads out;
  for (const Side side : {Side::kRight, Side::kLeft}) {
    Voxels femur;
    ForEachVoxel(g, [&](int i, int j, int k) {
      if (classes.At(i, j, k) == static_cast<std::uint8_t>(TissueClass::kFemur) &&
          sides.At(i, j, k) == static_cast<std::uint8_t>(side))
        femur.push_back({i, j, k});
    });
    const auto head = FindLostHead(g, femur, side, scale);
    const std::size_t given = head ? GiveUpTo(*head, classes) : 0;
    if (given == 0) continue;
    out.ml += static_cast<double>(given) * g.voxel_ml();
    AddUnitsOfHip(side, out.units);
  }
  return out;
}

}  // namespace osteon
