// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/model/bone_units.h"

#include <gtest/gtest.h>

#include <set>

namespace osteon {
namespace {

TEST(BoneUnits, AreNumberedFromOneInOrderAndNamedOnce) {
  std::set<std::string> keys;
  UnitId expected = 1;
  for (const BoneUnit& unit : BoneUnits()) {
    EXPECT_EQ(unit.id, expected++);
    EXPECT_TRUE(keys.insert(unit.key).second) << unit.key;
    EXPECT_EQ(UnitByKey(unit.key), unit.id);
    EXPECT_FALSE(unit.name_en.empty());
    EXPECT_FALSE(unit.name_de.empty());
    EXPECT_FALSE(unit.snomed_code.empty()) << unit.key;
    EXPECT_LE(unit.snomed_meaning.size(), 64U);
  }
  EXPECT_GE(keys.size(), 50U);
}

TEST(BoneUnits, SidedUnitsMirrorEachOther) {
  for (const BoneUnit& unit : BoneUnits()) {
    ASSERT_EQ(unit.mirror.has_value(), unit.side != Side::kNone) << unit.key;
    if (!unit.mirror) continue;
    const BoneUnit& other = UnitOf(*unit.mirror);
    EXPECT_EQ(other.mirror, unit.id);
    EXPECT_EQ(other.bone, unit.bone);
    EXPECT_NE(other.side, unit.side);
  }
}

TEST(BoneUnits, AnUnknownKeyHasNoNumber) { EXPECT_FALSE(UnitByKey("tail").has_value()); }

}  // namespace
}  // namespace osteon
