// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/bone_units.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "bones_and_cutoffs_json.h"  // Generated from config/bones_and_cutoffs.json.
#include "pipelines/base/result.h"

namespace osteon {
namespace {

BonePart PartOf(std::string_view text) {
  if (text == "proximal") return BonePart::kProximal;
  if (text == "diaphysis") return BonePart::kDiaphysis;
  if (text == "distal") return BonePart::kDistal;
  return BonePart::kWhole;
}

Side SideOf(std::string_view text) {
  if (text == "right") return Side::kRight;
  if (text == "left") return Side::kLeft;
  return Side::kNone;
}

std::vector<BoneUnit> Parse() {
  const auto list = nlohmann::json::parse(kBonesAndCutoffsJson, nullptr, false);
  Check(!list.is_discarded(), "config/bones_and_cutoffs.json does not parse");
  std::vector<BoneUnit> units;
  for (const auto& u : list["units"]) {
    BoneUnit unit;
    unit.id = static_cast<UnitId>(units.size() + 1);
    unit.key = u["id"];
    unit.bone = u["bone"];
    unit.part = PartOf(u["part"].get<std::string>());
    unit.side = SideOf(u["side"].get<std::string>());
    unit.name_en = u["name"];
    unit.name_de = u["name_de"];
    unit.snomed_code = u["code"];
    unit.snomed_meaning = u["meaning"];
    unit.group = u["group"];
    units.push_back(std::move(unit));
  }
  for (BoneUnit& a : units) {
    for (const BoneUnit& b : units) {
      if (a.bone == b.bone && a.part == b.part && a.side != b.side) a.mirror = b.id;
    }
  }
  return units;
}

}  // namespace

std::string_view Name(Side side) {
  switch (side) {
    case Side::kRight:
      return "right";
    case Side::kLeft:
      return "left";
    case Side::kNone:
      return "";
  }
  return "";
}

std::span<const BoneUnit> BoneUnits() {
  static const std::vector<BoneUnit> units = Parse();
  return units;
}

const BoneUnit& UnitOf(UnitId id) {
  Check(id >= 1 && id <= BoneUnits().size(), "UnitOf: no such bone unit");
  return BoneUnits()[id - 1U];
}

std::optional<UnitId> UnitByKey(std::string_view key) {
  const auto units = BoneUnits();
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const BoneUnit& u) { return u.key == key; });
  if (found == units.end()) return std::nullopt;
  return found->id;
}

}  // namespace osteon
