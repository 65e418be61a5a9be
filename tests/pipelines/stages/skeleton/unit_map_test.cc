// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/skeleton/unit_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipelines/model/voxels.h"
#include "pipelines/stages/skeleton/bone_parts.h"
#include "pipelines/stages/skeleton/skeleton_classes.h"

namespace osteon {
namespace {

// Coronal grid as a composed volume has it: columns to the left, rows to the feet, slices to the
// back. 4 x 4 x 6 mm.
VolumeGeometry Grid(int columns, int rows, int slices) {
  VolumeGeometry g;
  g.columns = columns;
  g.rows = rows;
  g.slices = slices;
  g.patient_from_voxel = {{4, 0, 0}, {0, 0, -4}, {0, 6, 0}, {0, 0, 0}};
  return g;
}

void Fill(Volume<std::uint8_t>& v, TissueClass c, int i0, int i1, int j0, int j1, int k0, int k1) {
  for (int k = k0; k < k1; ++k) {
    for (int j = j0; j < j1; ++j) {
      for (int i = i0; i < i1; ++i) v.At(i, j, k) = static_cast<std::uint8_t>(c);
    }
  }
}

TissueMaps MapsOf(const Volume<std::uint8_t>& classes) {
  TissueMaps maps;
  maps.tissue = classes.Clone();
  maps.bone_class = classes.Clone();
  maps.bone = Volume<float>(classes.geometry());
  for (std::size_t n = 0; n < classes.size(); ++n) {
    maps.bone[n] = IsBone(static_cast<TissueClass>(classes[n])) ? 0.9F : 0.1F;
  }
  return maps;
}

std::string KeyAt(const Volume<UnitId>& units, int i, int j, int k) {
  const UnitId id = units.At(i, j, k);
  return id == 0 ? "" : UnitOf(id).key;
}

// A pelvis of two halves, two femora, two lower legs with fibula and patella, and a spine above,
// off the middle of the image by ten columns.
Volume<std::uint8_t> LowerBody() {
  Volume<std::uint8_t> v(Grid(120, 260, 12));
  Fill(v, TissueClass::kLumbarSpine, 66, 74, 0, 30, 6, 9);
  Fill(v, TissueClass::kSacrum, 64, 76, 30, 45, 6, 9);
  for (const bool right : {true, false}) {
    const auto put = [&](TissueClass c, int from_middle, int to_middle, int j0, int j1, int k0,
                         int k1) {
      if (right) {
        Fill(v, c, 70 - to_middle, 70 - from_middle, j0, j1, k0, k1);
      } else {
        Fill(v, c, 70 + from_middle, 70 + to_middle, j0, j1, k0, k1);
      }
    };
    put(TissueClass::kPelvis, 8, 22, 25, 62, 3, 10);
    put(TissueClass::kFemur, 22, 28, 50, 150, 5, 8);
    put(TissueClass::kLeg, 22, 28, 140, 146, 3,
        4);  // Patella: in front of the femur, above its end.
    put(TissueClass::kLeg, 22, 28, 152, 240, 5, 8);  // Tibia.
    put(TissueClass::kLeg, 32, 34, 160, 238, 6, 8);  // Fibula, lateral and apart.
  }
  return v;
}

TEST(UnitMap, NamesBonesPartsAndSidesOfALowerBody) {
  const UnitMap map = NameUnits(MapsOf(LowerBody()));
  struct Case {
    int i, j, k;
    const char* key;
  };
  for (const Case& c :
       {Case{70, 10, 7, "lumbar_spine"}, Case{70, 40, 7, "sacrum"},
        Case{45, 55, 6, "femur_proximal_right"}, Case{45, 100, 6, "femur_diaphysis_right"},
        Case{45, 148, 6, "femur_distal_right"}, Case{95, 55, 6, "femur_proximal_left"},
        Case{95, 143, 3, "patella_left"}, Case{95, 155, 6, "tibia_proximal_left"},
        Case{95, 235, 6, "tibia_distal_left"}, Case{37, 200, 7, "fibula_diaphysis_right"},
        Case{103, 162, 7, "fibula_proximal_left"}, Case{55, 30, 6, "ilium_right"},
        Case{55, 60, 3, "pubis_right"}, Case{85, 60, 9, "ischium_left"}, Case{10, 10, 1, ""}}) {
    EXPECT_EQ(KeyAt(map.units, c.i, c.j, c.k), c.key) << c.i << " " << c.j << " " << c.k;
  }
}

TEST(UnitMap, NamesByPlaceWhatCannotBeThere) {
  Volume<std::uint8_t> body = LowerBody();
  Fill(body, TissueClass::kLeg, 104, 110, 0, 40, 5, 8);     // A forearm beside the trunk.
  Fill(body, TissueClass::kHand, 92, 100, 242, 256, 4, 9);  // A foot.
  Fill(body, TissueClass::kForearm, 104, 110, 70, 120, 5,
       8);  // An arm that hangs low may be there.
  const UnitMap map = NameUnits(MapsOf(body));
  EXPECT_EQ(KeyAt(map.units, 107, 20, 6), "forearm_left");
  EXPECT_EQ(KeyAt(map.units, 107, 90, 6), "forearm_left");
  EXPECT_EQ(KeyAt(map.units, 96, 250, 6), "foot_left");
  EXPECT_GT(map.place.renamed_ml, 50);
  EXPECT_EQ(map.place.unnamed_ml, 0);
  EXPECT_EQ(NameUnits(MapsOf(LowerBody())).place.renamed_ml, 0);
}

TEST(UnitMap, TakesANameAwayThatNoBoneThereCanHave) {
  Volume<std::uint8_t> body = LowerBody();
  Fill(body, TissueClass::kClavicle, 92, 100, 242, 256, 4, 9);  // Below the knees.
  Fill(body, TissueClass::kHumerus, 30, 36, 75, 130, 5, 8);     // Beside the right thigh.
  Fill(body, TissueClass::kHumerus, 30, 36, 5, 60, 5, 8);       // Beside the trunk it may be.
  const UnitMap map = NameUnits(MapsOf(body));
  EXPECT_EQ(KeyAt(map.units, 96, 250, 6), "unnamed_left");
  EXPECT_EQ(KeyAt(map.units, 33, 100, 6), "unnamed_right");
  EXPECT_THAT(KeyAt(map.units, 33, 30, 6), ::testing::StartsWith("humerus_"));
  EXPECT_GT(map.place.unnamed_ml, 50);
}

TEST(UnitMap, FollowsAMidlineThatLeans) {
  Volume<std::uint8_t> v(Grid(80, 200, 6));
  for (int j = 0; j < 200; ++j) {
    const int middle = 30 + j / 10;
    Fill(v, TissueClass::kThoracicSpine, middle - 3, middle + 4, j, j + 1, 2, 5);
  }
  const auto midline = MidlineByRow(v, v);
  for (const int j : {20, 100, 180})
    EXPECT_NEAR(midline[static_cast<std::size_t>(j)], 30 + j / 10.0, 1.0) << j;
}

// Hands hang beside the thighs, and a network may take part of one for a leg or foot.
TEST(UnitMap, AHandBesideTheThighIsNoLeg) {
  const UnitMap alone = NameUnits(MapsOf(LowerBody()));
  Volume<std::uint8_t> body = LowerBody();
  Fill(body, TissueClass::kLeg, 112, 116, 66, 110, 6, 8);
  Fill(body, TissueClass::kFoot, 112, 116, 110, 118, 6, 8);
  const UnitMap map = NameUnits(MapsOf(body));
  EXPECT_EQ(KeyAt(map.units, 114, 80, 6), "hand_left");
  EXPECT_EQ(KeyAt(map.units, 114, 114, 6), "hand_left");
  EXPECT_GT(map.place.renamed_ml, 30);
  for (const int j : {155, 165, 200, 220, 235})  // The parts of the tibia are where they were.
    EXPECT_EQ(KeyAt(map.units, 95, j, 6), KeyAt(alone.units, 95, j, 6)) << j;
  for (const std::size_t j : {60U, 80U, 100U, 120U}) EXPECT_NEAR(map.midline_column[j], 70, 1) << j;
}

TEST(UnitMap, AFingerThatLooksLikeFemurDoesNotMoveTheMidline) {
  Volume<std::uint8_t> body = LowerBody();
  Fill(body, TissueClass::kFemur, 114, 116, 66, 110, 6, 7);
  const UnitMap map = NameUnits(MapsOf(body));
  for (const std::size_t j : {60U, 80U, 100U, 120U}) EXPECT_NEAR(map.midline_column[j], 70, 1) << j;
}

// A leg that is bent at the hip ends above the other, with its patella and shank beside a thigh.
TEST(UnitMap, APatellaAndAShankBesideTheOtherThighStay) {
  Volume<std::uint8_t> body(Grid(120, 260, 12));
  Fill(body, TissueClass::kSacrum, 64, 76, 30, 45, 6, 9);
  Fill(body, TissueClass::kPelvis, 48, 92, 25, 62, 3, 10);
  Fill(body, TissueClass::kFemur, 42, 48, 50, 150, 5, 8);
  Fill(body, TissueClass::kLeg, 42, 48, 152, 240, 5, 8);
  Fill(body, TissueClass::kFemur, 92, 98, 50, 110, 5, 8);
  Fill(body, TissueClass::kLeg, 92, 98, 100, 106, 3, 4);
  Fill(body, TissueClass::kLeg, 92, 98, 112, 200, 5, 8);
  const UnitMap map = NameUnits(MapsOf(body));
  EXPECT_EQ(KeyAt(map.units, 95, 103, 3), "patella_left");
  EXPECT_EQ(KeyAt(map.units, 95, 116, 6), "tibia_proximal_left");
  EXPECT_EQ(map.place.renamed_ml, 0);
}

// Two hips: shaft, trochanter up to row 60, neck, and a head that is `head` from `head_row` to the
// neck below it, under pelvis.
Volume<std::uint8_t> Hips(TissueClass head, int head_row) {
  Volume<std::uint8_t> v(Grid(120, 260, 12));
  Fill(v, TissueClass::kSacrum, 54, 66, 10, 30, 6, 9);
  for (const bool right : {true, false}) {
    const auto put = [&](TissueClass c, int from_middle, int to_middle, int j0, int j1) {
      const int low = right ? 60 - to_middle : 60 + from_middle;
      Fill(v, c, low, low + to_middle - from_middle, j0, j1, 5, 8);
    };
    put(TissueClass::kPelvis, 12, 24, 15, head_row);
    put(head, 14, 24, head_row, 62);
    put(TissueClass::kFemur, 14, 34, 62, 70);
    put(TissueClass::kFemur, 30, 38, 60, 160);
    put(TissueClass::kLeg, 30, 36, 162, 250);
  }
  return v;
}

TEST(UnitMap, AFemoralHeadThatLooksLikePelvisIsNamedByItsPlace) {
  const UnitMap map = NameUnits(MapsOf(Hips(TissueClass::kPelvis, 55)));
  for (const int column : {40, 80}) {  // The head reaches 22 mm above the trochanter.
    EXPECT_THAT(KeyAt(map.units, column, 57, 6), ::testing::StartsWith("femur_proximal_"));
    EXPECT_THAT(KeyAt(map.units, column, 50, 6), ::testing::StartsWith("ilium_"));
  }
  EXPECT_GT(map.place.renamed_ml, 20);
  EXPECT_THAT(map.by_place, ::testing::IsSupersetOf(
                                {*UnitByKey("ilium_left"), *UnitByKey("femur_proximal_right")}));
}

TEST(UnitMap, PelvisAboveAFemoralHeadStaysPelvis) {
  const UnitMap map = NameUnits(MapsOf(Hips(TissueClass::kFemur, 57)));
  for (const int column : {40, 80})
    EXPECT_THAT(KeyAt(map.units, column, 55, 6), ::testing::StartsWith("ilium_"));
  EXPECT_EQ(map.place.renamed_ml, 0);
  EXPECT_TRUE(map.by_place.empty());
}

// Without the knee nobody knows where the shaft begins.
TEST(UnitMap, AFemurThatIsCutShortGetsNoHead) {
  Volume<std::uint8_t> body = Hips(TissueClass::kPelvis, 55);
  for (std::size_t n = 0; n < body.size(); ++n)
    if (VoxelAt(body.geometry(), n).j > 120) body[n] = 0;
  EXPECT_EQ(NameUnits(MapsOf(body)).place.renamed_ml, 0);
}

TEST(UnitMap, KeepsTheMiddleOfTheImageWhenNothingIsRecognised) {
  const Volume<std::uint8_t> nothing(Grid(80, 20, 2));
  const auto midline = MidlineByRow(nothing, nothing);
  EXPECT_THAT(midline, ::testing::Each(::testing::DoubleNear(39.5, 1e-9)));
}

TEST(UnitMap, GivesIslandsToTheBoneTheyLieInAndDropsLonelyOnes) {
  Volume<std::uint8_t> v(Grid(60, 120, 6));
  Fill(v, TissueClass::kFemur, 20, 28, 10, 110, 1, 5);
  Fill(v, TissueClass::kHumerus, 22, 25, 60, 63, 2,
       4);                                              // An error of the network inside the femur.
  Fill(v, TissueClass::kHumerus, 50, 58, 5, 60, 1, 5);  // The real one.
  Fill(v, TissueClass::kRibs, 2, 3, 90, 91, 3,
       4);  // Isolated in soft tissue, but the only part of its class.
  Fill(v, TissueClass::kFemur, 40, 41, 100, 101, 3, 4);  // Alone and tiny.
  const Volume<std::uint8_t> clean = CleanBoneClasses(MapsOf(v));
  EXPECT_EQ(clean.At(23, 61, 3), static_cast<std::uint8_t>(TissueClass::kFemur));
  EXPECT_EQ(clean.At(54, 30, 3), static_cast<std::uint8_t>(TissueClass::kHumerus));
  EXPECT_EQ(clean.At(40, 100, 3), 0);
}

TEST(UnitMap, GrowsUnitsByTheReachAndNoFurther) {
  Volume<UnitId> units(Grid(40, 40, 5));
  units.At(20, 20, 2) = 7;
  const Volume<UnitId> grown = GrowUnits(units, 16);  // Four voxels of 4 mm, two slices of 6 mm.
  EXPECT_EQ(grown.At(24, 20, 2), 7);
  EXPECT_EQ(grown.At(25, 20, 2), 0);
  EXPECT_EQ(grown.At(20, 20, 4), 7);
  EXPECT_EQ(grown.At(22, 22, 2), 7);
  EXPECT_EQ(grown.At(23, 23, 2), 0);
}

}  // namespace
}  // namespace osteon
