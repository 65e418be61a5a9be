// SPDX-License-Identifier: GPL-3.0-or-later
// The outer surface of the body with the thickness of its subcutaneous fat.
#include "pipelines/phantom/body.h"

namespace osteon::phantom {
namespace {

class Builder {
 public:
  void Tube(const Frame& frame, std::vector<Node> nodes, double girth, double fat_mm) {
    for (Node& node : nodes) {
      node.a *= girth;
      node.b *= girth;
    }
    AddTube(result_.pieces, frame, nodes);
    result_.fat_mm.resize(result_.pieces.size(), fat_mm);
  }
  void Ball(const Frame& frame, Vec3 centre, Vec3 half, double fat_mm) {
    AddEllipsoid(result_.pieces, frame, centre, half);
    result_.fat_mm.resize(result_.pieces.size(), fat_mm);
  }
  Envelope Take() { return std::move(result_); }

 private:
  Envelope result_;
};

void AddTrunkSurface(const BodyPlan& plan, Builder& build) {
  const Frame& f = plan.pelvis;
  const double g = plan.girth;
  build.Tube(f,
             {{{0, 14, -62}, 150, 92},
              {{0, 10, 0}, 166, 108},
              {{0, 6, 60}, 163, 106},
              {{0, 2, 120}, 150, 99},
              {{0, 0, 200}, 138, 95},
              {{0, 0, 300}, 146, 102},
              {{0, 0, 420}, 160, 112},
              {{0, 6, 500}, 160, 108},
              {{0, 14, 548}, 140, 88}},
             g, plan.fat_mm);
  build.Ball(f, {-62, 72, -10}, {72, 62, 82}, 1.5 * plan.fat_mm);  // Buttocks.
  build.Ball(f, {62, 72, -10}, {72, 62, 82}, 1.5 * plan.fat_mm);
  build.Tube(f,
             {{{0, 26, 560}, 82, 66},
              {{0, 20, 600}, 60, 58},
              {{0, 8, 650}, 56, 58},
              {{0, 2, 700}, 55, 60}},
             g, 0.45 * plan.fat_mm);
  const Frame& h = plan.head;
  build.Ball(h, {0, -8, 68}, {80, 98, 79}, 3.5);
  build.Tube(h, {{{0, -42, 46}, 66, 54}, {{0, -50, 0}, 58, 50}, {{0, -66, -38}, 38, 32}}, 1, 4);
  build.Ball(h, {0, -108, 26}, {14, 16, 22}, 2);
}

void AddLimbSurface(const BodyPlan& plan, const SideFrames& side, Builder& build) {
  const double g = plan.girth, limb_fat = 0.6 * plan.fat_mm;
  build.Ball(side.shoulder, {2, 2, 2}, {50, 50, 50}, limb_fat);
  build.Tube(side.shoulder,
             {{{-34, 0, 10}, 46, 48},
              {{0, 0, -30}, 47, 50},
              {{2, 0, -110}, 43, 46},
              {{2, 0, -200}, 39, 41},
              {{0, 2, -280}, 38, 36}},
             g, limb_fat);
  build.Tube(side.elbow,
             {{{0, 4, 10}, 40, 36},
              {{0, 2, -50}, 40, 38},
              {{0, 1, -130}, 33, 31},
              {{-2, 0, -215}, 27, 21},
              {{-2, 0, -246}, 29, 19}},
             g, limb_fat);
  build.Tube(side.wrist, {{{0, 0, 4}, 28, 18}, {{0, 0, -30}, 34, 17}, {{2, 0, -92}, 38, 15}}, 1,
             2.5);
  build.Tube(side.wrist,
             {{{20, -4, -20}, 13, 13}, {{48, -14, -62}, 12, 12}, {{82, -30, -116}, 10, 10}}, 1,
             2.5);
  for (const auto& [x, length] :
       {std::pair{16.0, 172.0}, {3.0, 184.0}, {-11.0, 174.0}, {-24.0, 152.0}}) {
    const double spread = x < -15 ? -14 : x > 10 ? 10 : 0;
    build.Tube(side.wrist, {{{x, 0, -85}, 10, 10}, {{x + spread, -4, -length}, 8.5, 8.5}}, 1, 2);
  }
  build.Tube(side.hip,
             {{{-8, 8, 20}, 92, 92},
              {{2, 6, -60}, 88, 92},
              {{6, 0, -160}, 80, 84},
              {{4, -2, -280}, 68, 70},
              {{0, 2, -370}, 58, 60},
              {{0, 4, -420}, 55, 58}},
             g, plan.fat_mm);
  build.Tube(side.knee,
             {{{0, 2, 12}, 55, 58},
              {{0, 6, -30}, 52, 56},
              {{4, 14, -100}, 54, 57},
              {{6, 12, -170}, 50, 52},
              {{4, 6, -280}, 36, 38},
              {{2, 4, -350}, 34, 36},
              {{2, 4, -380}, 36, 38}},
             g, 0.7 * plan.fat_mm);
  build.Tube(side.foot,
             {{{2, 44, -44}, 28, 30},
              {{2, 8, -30}, 32, 34},
              {{0, -40, -30}, 38, 28},
              {{4, -110, -42}, 46, 18},
              {{4, -150, -46}, 44, 13},
              {{-2, -172, -48}, 36, 11}},
             1, 4);
}

}  // namespace

Envelope BodyEnvelope(const BodyPlan& plan) {
  Builder build;
  AddTrunkSurface(plan, build);
  for (const SideFrames& side : plan.sides) AddLimbSurface(plan, side, build);
  return build.Take();
}

}  // namespace osteon::phantom
