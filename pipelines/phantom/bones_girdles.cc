// SPDX-License-Identifier: GPL-3.0-or-later
// Clavicle, scapula, sacrum and hip bones. Template millimetres above the hip joints, x lateral on
// each side.
#include <array>
#include <string>

#include "pipelines/phantom/anatomy.h"

namespace osteon::phantom {
namespace {

constexpr std::array<Side, 2> kSides = {Side::kRight, Side::kLeft};

Frame OfSide(const BodyPlan& plan, Side side) {
  Frame frame = plan.pelvis;
  if (side == Side::kRight) frame.x = -1 * frame.x;
  return frame;
}

std::string Keyed(const char* bone, Side side) {
  return std::string(bone) + "_" + std::string(Name(side));
}

// Where the shoulder joint is in the frame of its side.
Vec3 ShoulderIn(const BodyPlan& plan, const Frame& base, Side side) {
  const Vec3 d = plan.sides[side == Side::kRight ? 0 : 1].shoulder.origin - base.origin;
  return (1 / base.scale) * Vec3{Dot(d, base.x), Dot(d, base.y), Dot(d, base.z)};
}

void AddClavicle(const BodyPlan& plan, Side side, BoneSet& set) {
  const Frame f = OfSide(plan, side);
  const Vec3 s = ShoulderIn(plan, f, side);
  Bone bone = BoneOf("clavicle", side);
  const double w = plan.bone_width;
  AddTube(bone.pieces, f,
          {{{22, -74, 541}, 11 * w, 10 * w},
           {{38, -80, 545}, 7.5 * w, 7.5 * w},
           {{75, -76, 553}, 6.5 * w, 6.5 * w},
           {{110, -42, 562}, 6 * w, 6.5 * w},
           {{s.x - 22, s.y - 14, s.z + 27}, 6 * w, 9 * w}});
  const UnitId unit = *UnitByKey(Keyed("clavicle", side));
  set.sites.push_back(SiteOf("clavicle_medial", side, unit, f.At({30, -77, 543}), f.x));
  set.sites.push_back(
      SiteOf("clavicle_lateral", side, unit, f.At({s.x - 40, s.y - 24, s.z + 23}), f.x));
  set.bones.push_back(std::move(bone));
}

void AddScapula(const BodyPlan& plan, Side side, BoneSet& set) {
  const Frame f = OfSide(plan, side);
  const Vec3 s = ShoulderIn(plan, f, side);
  Bone bone = BoneOf("scapula", side);
  auto& p = bone.pieces;
  Frame blade = f.TurnedOut(38);  // The blade faces backward and outward.
  AddEllipsoid(p, blade, {}, {50, 4.5, 72});
  p.back().frame.origin = f.At({s.x - 62, s.y + 48, s.z - 52});
  p.back().bend_per_mm = 0.0025;
  AddTube(p, f,
          {{{s.x - 98, s.y + 66, s.z - 22}, 4, 6},
           {{s.x - 40, s.y + 48, s.z + 8}, 5, 9},
           {{s.x - 4, s.y + 22, s.z + 35}, 7, 8},
           {{s.x + 6, s.y - 4, s.z + 38}, 5, 10}});
  AddTube(p, f, {{{s.x - 20, s.y + 4, s.z - 30}, 7, 7}, {{s.x - 48, s.y + 40, s.z - 112}, 5, 6}});
  AddEllipsoid(p, f, {s.x - 32, s.y + 10, s.z - 4}, {11, 14, 19});  // Glenoid.
  AddTube(p, f, {{{s.x - 32, s.y - 4, s.z + 14}, 6, 6}, {{s.x - 24, s.y - 28, s.z + 12}, 5.5, 6}});
  const UnitId unit = *UnitByKey(Keyed("scapula", side));
  set.sites.push_back(SiteOf("glenoid", side, unit, f.At({s.x - 34, s.y + 12, s.z - 4}), f.z));
  set.bones.push_back(std::move(bone));
}

void AddSacrum(const BodyPlan& plan, BoneSet& set) {
  const Frame& f = plan.pelvis;
  Bone bone = BoneOf("sacrum");
  AddTube(bone.pieces, f,
          {{{0, 44, 90}, 44, 17},
           {{0, 52, 68}, 46, 18},
           {{0, 64, 42}, 37, 15},
           {{0, 70, 14}, 25, 11},
           {{0, 68, -12}, 15, 8},
           {{0, 58, -36}, 7, 5}});
  AddTube(bone.pieces, f, {{{0, 78, 80}, 5, 7}, {{0, 88, 30}, 4, 6}});  // Median crest.
  const UnitId unit = *UnitByKey("sacrum");
  for (double side : {-1.0, 1.0}) {
    set.sites.push_back(SiteOf("sacral_wing", side < 0 ? Side::kRight : Side::kLeft, unit,
                               f.At({side * 34, 56, 66}), f.z));
  }
  set.bones.push_back(std::move(bone));
}

// The wing runs from the sacro-iliac joint (medial, back) to the anterior spine (lateral, front).
void AddIlium(const BodyPlan& plan, Side side, BoneSet& set) {
  const Frame f = OfSide(plan, side);
  Bone bone = BoneOf("ilium", side);
  auto& p = bone.pieces;
  Frame wing = f.TurnedOut(-53).Abducted(0);
  wing.z = Unit(wing.z + 0.30 * wing.y - 0.0 * wing.x);
  wing.y = Unit(wing.y - Dot(wing.y, wing.z) * wing.z);
  AddEllipsoid(p, wing, {}, {77, 7.5, 62});
  p.back().frame.origin = f.At({86, 14, 70});
  p.back().bend_per_mm = 0.0022;
  AddTube(p, f,
          {{{48, 76, 66}, 10, 11},
           {{58, 60, 38}, 11, 12},
           {{78, 22, 30}, 14, 15},
           {{86, 2, 24}, 20, 20}});
  AddTube(p, f, {{{118, -42, 72}, 7, 8}, {{110, -34, 34}, 8, 9}, {{94, -14, 26}, 14, 14}});
  AddTube(p, f,
          {{{50, 80, 74}, 8, 9},
           {{88, 46, 122}, 7, 7},
           {{120, -6, 122}, 7, 7},
           {{122, -42, 80}, 7, 8}});  // Crest.
  const UnitId unit = *UnitByKey(Keyed("ilium", side));
  set.sites.push_back(SiteOf("iliosacral", side, unit, f.At({58, 60, 46}), f.z));
  set.sites.push_back(SiteOf("acetabular_roof", side, unit, f.At({88, 2, 34}), f.x));
  set.bones.push_back(std::move(bone));
}

void AddIschiumAndPubis(const BodyPlan& plan, Side side, BoneSet& set) {
  const Frame f = OfSide(plan, side);
  Bone ischium = BoneOf("ischium", side);
  AddTube(ischium.pieces, f,
          {{{82, 20, 4}, 17, 17},
           {{74, 34, -28}, 13, 14},
           {{66, 34, -58}, 14, 16},
           {{56, 22, -74}, 9, 11},
           {{40, 0, -68}, 6.5, 8}});
  Bone pubis = BoneOf("pubis", side);
  AddTube(pubis.pieces, f,
          {{{80, -20, 2}, 13, 14},
           {{56, -38, 4}, 8, 9},
           {{30, -52, -8}, 7, 9},
           {{12, -52, -22}, 8, 11},
           {{13, -44, -40}, 7, 9},
           {{28, -16, -60}, 6, 7.5},
           {{38, -2, -67}, 6, 7.5}});
  const UnitId isch = *UnitByKey(Keyed("ischium", side)), pub = *UnitByKey(Keyed("pubis", side));
  set.sites.push_back(SiteOf("ischium", side, isch, f.At({78, 26, -8}), f.z));
  set.sites.push_back(SiteOf("pubis", side, pub, f.At({16, -52, -22}), f.z));
  set.bones.push_back(std::move(ischium));
  set.bones.push_back(std::move(pubis));
}

}  // namespace

void AddShoulderGirdle(const BodyPlan& plan, BoneSet& set) {
  for (Side side : kSides) {
    AddClavicle(plan, side, set);
    AddScapula(plan, side, set);
  }
}

void AddPelvis(const BodyPlan& plan, BoneSet& set) {
  for (Side side : kSides) {
    AddIlium(plan, side, set);
    AddIschiumAndPubis(plan, side, set);
  }
  AddSacrum(plan, set);
}

}  // namespace osteon::phantom
