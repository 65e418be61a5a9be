// SPDX-License-Identifier: GPL-3.0-or-later
// The long bones of arm and leg, and the patella. Local millimetres: joint at the origin, limb
// along -z, x lateral, front along -y.
#include <string>

#include "pipelines/phantom/anatomy.h"

namespace osteon::phantom {
namespace {

struct LimbSide {
  Side side;
  const SideFrames& joints;
  double width;  // Bone width factor.

  std::string Key(const std::string& stem) const { return stem + "_" + std::string(Name(side)); }
  std::vector<Node> Widened(std::vector<Node> nodes) const {
    for (Node& node : nodes) {
      node.a *= width;
      node.b *= width;
    }
    return nodes;
  }
};

Bone LongBone(const char* name, const LimbSide& limb, const Frame& frame, Vec3 proximal,
              Vec3 distal) {
  Bone bone = BoneOf(name, limb.side);
  bone.long_bone = true;
  bone.proximal = frame.At(proximal);
  bone.distal = frame.At(distal);
  return bone;
}

// A growth plate and, on its metaphyseal side, a site for lesions.
void AddPhysis(Bone& bone, BoneSet& set, const Frame& frame, const LimbSide& limb, const char* stem,
               Vec3 at, Vec3 to_epiphysis, double radius_mm) {
  const Vec3 n = Unit(to_epiphysis);
  const Vec3 normal = Unit(frame.At(n) - frame.At({}));
  bone.physes.push_back({frame.At(at), normal, frame.scale * radius_mm});
  const UnitId unit = *UnitByKey(limb.Key(stem));
  set.sites.push_back(SiteOf(stem, limb.side, unit, frame.At(at - kMetaphysisMm * n), normal));
}

void AddHumerus(const LimbSide& limb, BoneSet& set) {
  const Frame& f = limb.joints.shoulder;
  Bone bone = LongBone("humerus", limb, f, {0, 0, 22}, {0, 0, -306});
  AddEllipsoid(bone.pieces, f, {-2, 1, 0}, {23, 23, 22});
  AddEllipsoid(bone.pieces, f, {14, -4, -6}, {13, 15, 18});
  AddTube(bone.pieces, f,
          limb.Widened({{{3, 0, -10}, 23, 21},
                        {{5, 0, -34}, 16, 16},
                        {{6, 0, -62}, 12, 12},
                        {{4, 0, -160}, 10.5, 11},
                        {{1, 0, -240}, 11, 9.5},
                        {{0, 1, -274}, 20, 9},
                        {{0, 0, -292}, 27, 10}}));
  AddEllipsoid(bone.pieces, f, {-12, -2, -297}, {11, 12, 10});
  AddEllipsoid(bone.pieces, f, {12, -4, -296}, {11, 11, 10});
  AddPhysis(bone, set, f, limb, "humerus_proximal", {2, 0, -16}, {-0.3, 0, 1}, 24);
  AddPhysis(bone, set, f, limb, "humerus_distal", {0, 0, -288}, {0, 0, -1}, 28);
  set.bones.push_back(std::move(bone));
}

void AddForearm(const LimbSide& limb, BoneSet& set) {
  const Frame& f = limb.joints.elbow;
  Bone ulna = BoneOf("forearm", limb.side);
  AddTube(ulna.pieces, f,
          limb.Widened({{{-8, 16, 16}, 9, 7},
                        {{-9, 13, -8}, 10, 10},
                        {{-9, 8, -40}, 7, 8},
                        {{-10, 5, -140}, 6, 6},
                        {{-14, 3, -215}, 5, 5},
                        {{-16, 2, -236}, 7.5, 7}}));
  ulna.physes.push_back({f.At({-16, 2, -228}), -1 * f.z, f.scale * 9});
  Bone radius = BoneOf("forearm", limb.side);
  AddTube(radius.pieces, f,
          limb.Widened({{{13, -2, -12}, 10, 10},
                        {{12, -1, -30}, 7, 7},
                        {{14, 0, -120}, 7, 6.5},
                        {{12, 0, -200}, 9, 7},
                        {{9, 0, -236}, 17, 10}}));
  AddPhysis(radius, set, f, limb, "forearm", {9, 0, -228}, {0, 0, -1}, 18);
  set.bones.push_back(std::move(ulna));
  set.bones.push_back(std::move(radius));
}

void AddFemur(const LimbSide& limb, BoneSet& set) {
  const Frame& f = limb.joints.hip;
  Bone bone = LongBone("femur", limb, f, {0, 0, 24}, {0, 0, -432});
  auto& p = bone.pieces;
  AddEllipsoid(p, f, {0, 0, 0}, {24, 24, 24});
  AddTube(p, f,
          limb.Widened({{{4, 0, -4}, 17, 18}, {{28, 0, -26}, 15, 15}, {{46, 4, -42}, 19, 17}}));
  AddEllipsoid(p, f, {57, 8, -24}, {13, 16, 24});
  AddEllipsoid(p, f, {28, 16, -66}, {11, 10, 14});
  AddTube(p, f,
          limb.Widened({{{46, 2, -44}, 19, 18},
                        {{42, 0, -78}, 16, 16},
                        {{36, -6, -130}, 14, 14.5},
                        {{22, -12, -230}, 13.5, 14.5},
                        {{10, -6, -320}, 15, 14.5},
                        {{4, -2, -372}, 23, 18},
                        {{1, 0, -404}, 37, 22}}));
  AddEllipsoid(p, f, {-20, 6, -408}, {18, 29, 24});
  AddEllipsoid(p, f, {21, 5, -407}, {18, 28, 23});
  AddPhysis(bone, set, f, limb, "femur_proximal", {9, 0, -8}, {-0.75, 0, 0.66}, 24);
  AddPhysis(bone, set, f, limb, "femur_distal", {1, 2, -398}, {0, 0, -1}, 46);
  set.bones.push_back(std::move(bone));

  const Frame& k = limb.joints.knee;
  Bone patella = BoneOf("patella", limb.side);
  AddEllipsoid(patella.pieces, k, {3, -38, 22}, {21, 9.5, 22});
  const UnitId unit = *UnitByKey(limb.Key("patella"));
  set.sites.push_back(SiteOf("patella", limb.side, unit, k.At({3, -38, 22}), k.z));
  set.bones.push_back(std::move(patella));
}

void AddLeg(const LimbSide& limb, BoneSet& set) {
  const Frame& f = limb.joints.knee;
  Bone tibia = LongBone("tibia", limb, f, {0, 0, -1}, {0, 0, -376});
  AddTube(tibia.pieces, f,
          limb.Widened({{{0, 2, -10}, 37, 23},
                        {{0, 1, -24}, 35, 23},
                        {{-2, -2, -58}, 21, 19},
                        {{-5, -6, -120}, 13, 15},
                        {{-6, -4, -250}, 11, 12},
                        {{-4, 0, -325}, 14, 14},
                        {{-2, 2, -358}, 21, 18}}));
  AddTube(tibia.pieces, f, limb.Widened({{{0, -16, -18}, 14, 8}, {{0, -22, -44}, 8, 7}}));
  AddTube(tibia.pieces, f, limb.Widened({{{-16, 2, -358}, 8, 11}, {{-20, 2, -377}, 6, 9}}));
  AddPhysis(tibia, set, f, limb, "tibia_proximal", {0, 1, -21}, {0, 0, 1}, 44);
  AddPhysis(tibia, set, f, limb, "tibia_distal", {-2, 2, -350}, {0, 0, -1}, 27);
  set.bones.push_back(std::move(tibia));

  Bone fibula = LongBone("fibula", limb, f, {33, 18, -12}, {22, 10, -388});
  AddTube(fibula.pieces, f,
          limb.Widened({{{33, 18, -24}, 11, 10},
                        {{33, 17, -50}, 7, 7},
                        {{30, 12, -190}, 6, 6.5},
                        {{25, 10, -310}, 6.5, 7},
                        {{23, 10, -350}, 9, 10},
                        {{22, 10, -378}, 8, 10}}));
  AddPhysis(fibula, set, f, limb, "fibula_proximal", {33, 18, -31}, {0, 0, 1}, 13);
  AddPhysis(fibula, set, f, limb, "fibula_distal", {23, 10, -356}, {0, 0, -1}, 13);
  set.bones.push_back(std::move(fibula));
}

LimbSide OfSide(const BodyPlan& plan, int n) {
  return {n == 0 ? Side::kRight : Side::kLeft, plan.sides[static_cast<std::size_t>(n)],
          plan.bone_width};
}

}  // namespace

void AddArms(const BodyPlan& plan, BoneSet& set) {
  for (int n = 0; n < 2; ++n) {
    AddHumerus(OfSide(plan, n), set);
    AddForearm(OfSide(plan, n), set);
  }
}

void AddLegs(const BodyPlan& plan, BoneSet& set) {
  for (int n = 0; n < 2; ++n) {
    AddFemur(OfSide(plan, n), set);
    AddLeg(OfSide(plan, n), set);
  }
}

}  // namespace osteon::phantom
