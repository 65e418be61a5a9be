// SPDX-License-Identifier: GPL-3.0-or-later
// The bone units of a report, from config/bones_and_cutoffs.json (compiled in). A unit's number in
// a skeleton volume is its position in the list, from 1; 0 is "no bone".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace osteon {

enum class Side { kNone, kRight, kLeft };
std::string_view Name(Side side);  // "", "right", "left"

enum class BonePart { kWhole, kProximal, kDiaphysis, kDistal };

using UnitId = std::uint8_t;

struct BoneUnit {
  UnitId id = 0;
  std::string key;   // "femur_distal_left"
  std::string bone;  // "femur"
  BonePart part = BonePart::kWhole;
  Side side = Side::kNone;
  std::string name_en, name_de;             // Without side: "distal femur".
  std::string snomed_code, snomed_meaning;  // Of the bone: 71341001 "Femur".
  std::string group;                        // "leg", "hand", "spine" ...
  std::optional<UnitId> mirror;             // The same unit of the other side.

  // Bone whose place contradicts the name that the network gave it; it may be several bones of a
  // side.
  bool unnamed() const { return group == "unnamed"; }
  bool hand_or_foot() const { return group == "hand" || group == "foot"; }
};

// All units in order; units()[n].id == n + 1. Any thread.
std::span<const BoneUnit> BoneUnits();
// REQUIRES: 1 <= id <= BoneUnits().size().
const BoneUnit& UnitOf(UnitId id);
std::optional<UnitId> UnitByKey(std::string_view key);

}  // namespace osteon
