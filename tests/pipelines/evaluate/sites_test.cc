// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/sites.h"

#include <gtest/gtest.h>

#include "pipelines/model/bone_units.h"

namespace osteon {
namespace {

TEST(SitePath, KnowsTheMeaningsThatPeopleWrite) {
  struct Case {
    const char* meaning;
    const char* path;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"Femur", "femur"},
                                   {"Structure of distal metaphysis of left femur", "femur"},
                                   {"Head of femur", "femur"},
                                   {"Tibia", "leg/tibia"},
                                   {"Fibula", "leg/fibula"},
                                   {"Lateral malleolus", "leg/fibula"},
                                   {"Bone structure of leg", "leg"},
                                   {"Sternal end of clavicle", "clavicle"},
                                   {"Acromion", "scapula"},
                                   {"Manubrium of sternum", "sternum"},
                                   {"Seventh rib", "ribs"},
                                   {"Fifth thoracic vertebra", "spine/thoracic"},
                                   {"Lumbar spine", "spine/lumbar"},
                                   {"Body of axis", "spine/cervical"},
                                   {"Vertebra", "spine"},
                                   {"Sacroiliac joint", "sacrum"},
                                   {"Ilium", "pelvis/ilium"},
                                   {"Pelvis", "pelvis"},
                                   {"Phalanx of toe", "foot"},
                                   {"Phalanx of index finger", "hand"},
                                   {"Metatarsal bone", "foot"},
                                   {"Metacarpal bone", "hand"},
                                   {"RADIUS", "forearm/radius"},
                                   {"Frontal bone", "skull"},
                                   {"Lower jaw", "mandible"},
                                   {"Caribou", ""},  // "rib" begins no word in it.
                                   {"Knochen", ""},
                                   {"", ""}}) {
    EXPECT_EQ(SitePath({"1", "99TEST", c.meaning}), c.path) << c.meaning;
  }
}

TEST(SitePath, TakesTheCodeOverAMeaningInAnotherLanguage) {
  EXPECT_EQ(SitePath({"71341001", "SCT", "Oberschenkelknochen"}), "femur");
  EXPECT_EQ(SitePath({"71341001", "99TEST", "Oberschenkelknochen"}), "");
}

TEST(SitePath, KnowsEveryBoneOsteonNames) {
  for (const BoneUnit& unit : BoneUnits()) {
    if (unit.unnamed()) continue;
    EXPECT_NE(SitePath({unit.snomed_code, "SCT", unit.snomed_meaning}), "") << unit.key;
  }
}

TEST(SameSite, TakesTheWiderNameForTheNarrower) {
  EXPECT_TRUE(SameSite("leg", "leg/tibia"));
  EXPECT_TRUE(SameSite("leg/tibia", "leg"));
  EXPECT_TRUE(SameSite("femur", "femur"));
  EXPECT_FALSE(SameSite("leg/tibia", "leg/fibula"));
  EXPECT_FALSE(SameSite("sacrum", "pelvis"));
  EXPECT_FALSE(SameSite("leg", "legume/tibia"));
  EXPECT_FALSE(SameSite("", ""));
  EXPECT_FALSE(SameSite("", "femur"));
}

}  // namespace
}  // namespace osteon
