// SPDX-License-Identifier: GPL-3.0-or-later
// Hands and feet: 27 and 26 small bones each side. Hand: wrist at the origin, fingers along -z,
// thumb lateral (+x). Foot: ankle at the origin, toes along -y, sole towards -z, little toe lateral
// (+x).
#include <array>
#include <string>

#include "pipelines/phantom/anatomy.h"

namespace osteon::phantom {
namespace {

// One chain of tubular bones with joint gaps: metacarpal or metatarsal and its phalanges.
void AddRay(const char* name, Side side, const Frame& f, Vec3 start, Vec3 direction,
            const std::vector<double>& lengths_mm, double radius_mm, BoneSet& set) {
  const Vec3 along = Unit(direction);
  Vec3 at = start;
  for (double length : lengths_mm) {
    Bone bone = BoneOf(name, side);
    const Vec3 end = at + length * along;
    AddTube(bone.pieces, f,
            {{at + radius_mm * along, radius_mm, radius_mm},
             {at + 0.5 * length * along, 0.68 * radius_mm, 0.68 * radius_mm},
             {end - radius_mm * along, radius_mm, radius_mm}});
    set.bones.push_back(std::move(bone));
    at = end + 1.5 * along;
    radius_mm *= 0.85;
  }
}

struct Lump {
  Vec3 centre, half;
};

void AddLumps(const char* name, Side side, const Frame& f, const std::vector<Lump>& lumps,
              BoneSet& set) {
  for (const Lump& lump : lumps) {
    Bone bone = BoneOf(name, side);
    AddEllipsoid(bone.pieces, f, lump.centre, lump.half);
    set.bones.push_back(std::move(bone));
  }
}

void AddHand(const Frame& f, Side side, BoneSet& set) {
  AddLumps("hand", side, f,
           {{{14, -2, -9}, {8, 7, 8}},
            {{1, 0, -9}, {8, 8, 7}},
            {{-11, 0, -10}, {7, 7, 6}},
            {{-13, -6, -11}, {5, 4, 5}},
            {{18, -2, -23}, {7, 7, 6}},
            {{10, 0, -23}, {5, 6, 6}},
            {{0, 1, -23}, {7, 8, 9}},
            {{-12, 0, -23}, {7, 8, 7}}},
           set);
  AddRay("hand", side, f, {26, -4, -28}, {0.62, -0.25, -0.85}, {44, 30, 22}, 6.5, set);
  AddRay("hand", side, f, {14, 0, -31}, {0.16, -0.03, -1}, {65, 39, 22, 16}, 6, set);
  AddRay("hand", side, f, {2, 1, -33}, {0.02, -0.02, -1}, {64, 44, 26, 17}, 6, set);
  AddRay("hand", side, f, {-8, 1, -31}, {-0.12, -0.03, -1}, {57, 40, 25, 17}, 5.5, set);
  AddRay("hand", side, f, {-17, 0, -30}, {-0.26, -0.04, -1}, {53, 32, 18, 15}, 5, set);
  const UnitId unit = *UnitByKey(side == Side::kRight ? "hand_right" : "hand_left");
  set.sites.push_back(SiteOf("carpus", side, unit, f.At({0, 1, -23}), f.z));
}

void AddFoot(const Frame& f, Side side, BoneSet& set) {
  AddLumps("foot", side, f,
           {{{0, 0, -14}, {18, 26, 14}},
            {{-3, -26, -17}, {13, 10, 11}},
            {{-8, -40, -22}, {14, 8, 12}},
            {{19, -40, -34}, {11, 15, 10}},
            {{-12, -54, -25}, {8, 9, 10}},
            {{-1, -54, -24}, {7, 8, 9}},
            {{9, -53, -27}, {6, 9, 9}}},
           set);
  Bone heel = BoneOf("foot", side);
  AddTube(heel.pieces, f,
          {{{2, 44, -44}, 15, 17}, {{4, 20, -38}, 15, 15}, {{10, -14, -36}, 13, 12}});
  set.bones.push_back(std::move(heel));
  AddRay("foot", side, f, {-14, -63, -27}, {-0.10, -1, -0.22}, {62, 31, 23}, 9.5, set);
  AddRay("foot", side, f, {-1, -63, -26}, {0.00, -1, -0.24}, {70, 26, 13, 9}, 6, set);
  AddRay("foot", side, f, {9, -62, -28}, {0.09, -1, -0.22}, {67, 24, 11, 9}, 5.5, set);
  AddRay("foot", side, f, {18, -56, -33}, {0.17, -1, -0.16}, {66, 22, 10, 8}, 5.5, set);
  AddRay("foot", side, f, {27, -52, -37}, {0.26, -1, -0.10}, {64, 20, 9, 8}, 5.5, set);
  const UnitId unit = *UnitByKey(side == Side::kRight ? "foot_right" : "foot_left");
  set.sites.push_back(SiteOf("calcaneus", side, unit, f.At({4, 28, -40}), f.y));
  set.sites.push_back(SiteOf("talus", side, unit, f.At({0, -4, -14}), f.y));
  set.sites.push_back(SiteOf("metatarsal", side, unit, f.At({-20, -112, -38}), f.y));
}

}  // namespace

void AddHands(const BodyPlan& plan, BoneSet& set) {
  AddHand(plan.sides[0].wrist, Side::kRight, set);
  AddHand(plan.sides[1].wrist, Side::kLeft, set);
}

void AddFeet(const BodyPlan& plan, BoneSet& set) {
  AddFoot(plan.sides[0].foot, Side::kRight, set);
  AddFoot(plan.sides[1].foot, Side::kLeft, set);
}

}  // namespace osteon::phantom
