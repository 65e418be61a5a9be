// SPDX-License-Identifier: GPL-3.0-or-later
// Organs, bowel, vessels and lymph nodes: drawn before the bones, so a bone that reaches into one
// wins. Template millimetres above the hip joints.
#include <algorithm>

#include "pipelines/phantom/anatomy.h"
#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

using Parts = std::vector<SoftPart>;

void Tube(Parts& parts, Tissue tissue, const Frame& f, const std::vector<Node>& nodes) {
  parts.push_back({tissue, {}});
  AddTube(parts.back().pieces, f, nodes);
}

void Ball(Parts& parts, Tissue tissue, const Frame& f, Vec3 centre, Vec3 half) {
  parts.push_back({tissue, {}});
  AddEllipsoid(parts.back().pieces, f, centre, half);
}

void AddChest(const BodyPlan& plan, Parts& parts) {
  const Frame& f = plan.pelvis;
  Tube(parts, Tissue::kFat, f,
       {{{0, 0, 330}, 96, 72}, {{0, 0, 470}, 88, 66}, {{0, 8, 550}, 30, 34}});
  for (double s : {-1.0, 1.0}) {
    const double base = s < 0 ? 350 : 340;
    Tube(parts, Tissue::kLung, f,
         {{{s * 72, 6, base}, 46, 74},
          {{s * 70, 2, 430}, 48, 76},
          {{s * 58, 10, 500}, 40, 62},
          {{s * 40, 16, 552}, 22, 32}});
  }
  Ball(parts, Tissue::kMuscle, f, {18, -32, 395}, {52, 42, 50});  // Heart.
  Ball(parts, Tissue::kFlowVoid, f, {26, -26, 392}, {30, 26, 32});
  Ball(parts, Tissue::kBlood, f, {-8, -34, 408}, {20, 20, 26});
  Tube(parts, Tissue::kFlowVoid, f,
       {{{10, -20, 440}, 13, 13},
        {{2, -20, 490}, 13, 13},
        {{14, 20, 505}, 12, 12},
        {{20, 34, 470}, 11, 11},
        {{16, 22, 330}, 10, 10}});
  Tube(parts, Tissue::kLung, f,
       {{{0, 2, 490}, 8, 8}, {{0, 2, 640}, 8, 8}, {{0, -14, 690}, 9, 12}});  // Airway.
  Ball(parts, Tissue::kGland, f, {0, -16, 610}, {24, 12, 18});               // Thyroid.
  if (plan.age_years < kThymusUntilAge)
    Ball(parts, Tissue::kGland, f, {0, -50, 480}, {24, 10, 30});  // Thymus.
}

// A loop of bowel, its content changing from piece to piece.
void Loop(Parts& parts, const Frame& f, Vec3 from, Vec3 to, double radius_mm, Random& random) {
  const double kind = random.Uniform(0, 1);
  const Tissue content = kind < 0.15   ? Tissue::kFluid
                         : kind < 0.45 ? Tissue::kBowel
                         : kind < 0.8  ? Tissue::kGland
                                       : Tissue::kLung;
  if (Norm(to - from) < 6) return;
  Tube(parts, Tissue::kMuscle, f, {{from, radius_mm, radius_mm}, {to, radius_mm, radius_mm}});
  const double lumen = radius_mm - 2.5;
  Tube(parts, content, f, {{from, lumen, lumen}, {to, lumen, lumen}});
}

void AddBowel(const BodyPlan& plan, std::uint64_t seed, Parts& parts) {
  Random random(seed, "bowel");
  const Frame& f = plan.pelvis;
  for (double s : {-1.0, 1.0}) {  // Colon.
    for (double z = 84; z < 226; z += 24) {
      Loop(parts, f, {s * (84 + 0.14 * z), -2 - 0.12 * z, z},
           {s * (86 + 0.14 * z), -6 - 0.12 * z, z + 22}, 20, random);
    }
  }
  for (double x = -88; x < 80; x += 34) {
    Loop(parts, f, {x, -48, 222 - 0.05 * x}, {x + 26, -52, 220 - 0.05 * x}, 17, random);
  }
  Vec3 at{-50, -34, 120};
  for (int n = 0; n < 64; ++n) {  // Small bowel: a walk that is turned back at the walls.
    const Vec3 next{at.x + random.Uniform(-44, 44), at.y + random.Uniform(-22, 22),
                    at.z + random.Uniform(-30, 30)};
    const Vec3 inside{std::clamp(next.x, -80.0, 80.0), std::clamp(next.y, -56.0, 0.0),
                      std::clamp(next.z, 52.0, 204.0)};
    Loop(parts, f, at, inside, random.Uniform(9, 14), random);
    at = inside;
  }
}

void AddAbdomen(const BodyPlan& plan, std::uint64_t seed, Parts& parts) {
  const Frame& f = plan.pelvis;
  Tube(parts, Tissue::kFat, f,
       {{{0, -4, 20}, 96, 62},
        {{0, -10, 110}, 116, 74},
        {{0, -8, 220}, 112, 74},
        {{0, -4, 300}, 112, 78},
        {{0, 0, 345}, 100, 74}});
  for (double s : {-1.0, 1.0}) {  // Psoas and gluteal floor.
    Tube(parts, Tissue::kMuscle, f,
         {{{s * 34, 24, 290}, 10, 10},
          {{s * 46, 22, 160}, 21, 21},
          {{s * 76, -22, 40}, 20, 18},
          {{s * 88, -20, -20}, 16, 15}});
  }
  AddBowel(plan, seed, parts);
  Ball(parts, Tissue::kLiver, f, {-62, -10, 308}, {66, 74, 56});
  Ball(parts, Tissue::kLiver, f, {12, -42, 318}, {62, 38, 32});
  Ball(parts, Tissue::kFluid, f, {-50, -52, 268}, {13, 15, 26});  // Gallbladder.
  Ball(parts, Tissue::kSpleen, f, {98, 34, 312}, {24, 40, 48});
  Ball(parts, Tissue::kFluid, f, {54, -38, 296}, {28, 26, 34});  // Stomach.
  Ball(parts, Tissue::kLung, f, {60, -58, 322}, {22, 14, 18});
  for (double s : {-1.0, 1.0}) {
    const double z = s < 0 ? 222 : 236;
    Ball(parts, Tissue::kKidney, f, {s * 64, 40, z}, {27, 24, 52});
    Ball(parts, Tissue::kFluid, f, {s * 54, 36, z}, {8, 7, 16});
  }
  Tube(parts, Tissue::kFlowVoid, f, {{{14, 4, 330}, 9, 9}, {{12, -2, 150}, 8.5, 8.5}});  // Aorta.
  Tube(parts, Tissue::kBlood, f,
       {{{-20, 2, 350}, 10, 9}, {{-18, 0, 146}, 10, 8}});  // Inferior vena cava.
}

void AddLowerPelvis(const BodyPlan& plan, Parts& parts) {
  const Frame& f = plan.pelvis;
  Ball(parts, Tissue::kFluid, f, {0, -34, 10}, {36, 30, 28});  // Bladder.
  Ball(parts, Tissue::kGland, f, {0, 0, 4}, {24, 18, 22});
  Tube(parts, Tissue::kBowel, f, {{{0, 36, 40}, 16, 14}, {{0, 40, -30}, 13, 12}});  // Rectum.
  for (double s : {-1.0, 1.0}) {
    Tube(parts, Tissue::kFlowVoid, f,
         {{{s * 6, -2, 150}, 5, 5},
          {{s * 40, 8, 90}, 5, 5},
          {{s * 54, -40, 30}, 5, 5},
          {{s * 62, -62, -10}, 4.5, 4.5}});
    Tube(parts, Tissue::kBlood, f,
         {{{s * 12, 4, 146}, 6, 6},
          {{s * 36, 16, 88}, 6, 6},
          {{s * 48, -36, 26}, 6, 6},
          {{s * 54, -58, -12}, 5, 5}});
    for (double dz : {0.0, 16.0, 34.0})
      Ball(parts, Tissue::kNode, f, {s * (72 + 0.3 * dz), -66, -18 + dz}, {5, 4, 7});
    Ball(parts, Tissue::kNode, f, {s * 118, 4, 500}, {5, 5, 8});  // Axilla.
    Ball(parts, Tissue::kNode, f, {s * 46, -4, 632}, {4, 5, 9});  // Neck.
    Tube(parts, Tissue::kBlood, f, {{{s * 28, -8, 560}, 5, 5}, {{s * 30, -6, 690}, 5, 5}});
    Tube(parts, Tissue::kFlowVoid, f, {{{s * 20, -4, 560}, 3.5, 3.5}, {{s * 24, -4, 690}, 3, 3}});
    Tube(parts, Tissue::kBlood, f,
         {{{s * 20, -40, 545}, 5, 5}, {{s * 80, -34, 542}, 5, 5}, {{s * 132, 0, 510}, 4, 4}});
  }
}

void AddLimbVessels(const SideFrames& side, Parts& parts) {
  Tube(parts, Tissue::kBlood, side.hip,
       {{{-28, -52, -10}, 5, 5},
        {{-18, -34, -150}, 4.5, 4.5},
        {{-12, 14, -320}, 4, 4},
        {{0, 36, -420}, 4, 4}});
  Tube(parts, Tissue::kFlowVoid, side.hip,
       {{{-20, -54, -10}, 4, 4},
        {{-12, -34, -150}, 3.5, 3.5},
        {{-6, 16, -320}, 3.5, 3.5},
        {{3, 32, -420}, 3, 3}});
  Tube(parts, Tissue::kBlood, side.knee,
       {{{0, 34, 0}, 4, 4}, {{6, 24, -90}, 3, 3}, {{4, 22, -300}, 2.5, 2.5}});
  Tube(parts, Tissue::kBlood, side.hip,
       {{{-52, -40, -60}, 2.5, 2.5}, {{-50, -8, -320}, 2.5, 2.5}, {{-46, 20, -420}, 2.5, 2.5}});
  Tube(parts, Tissue::kBlood, side.shoulder,
       {{{-30, 2, -30}, 3.5, 3.5}, {{-20, -2, -180}, 3, 3}, {{-4, -20, -290}, 2.5, 2.5}});
  Ball(parts, Tissue::kNode, side.knee, {6, 44, 10}, {3, 4, 6});
}

}  // namespace

std::vector<SoftPart> OrgansAndVessels(const BodyPlan& plan, std::uint64_t seed) {
  Parts parts;
  AddAbdomen(plan, seed, parts);
  AddChest(plan, parts);
  AddLowerPelvis(plan, parts);
  for (const SideFrames& side : plan.sides) AddLimbVessels(side, parts);
  return parts;
}

std::vector<SoftPart> LimbJoints(const BodyPlan& plan) {
  Parts parts;
  for (const SideFrames& side : plan.sides) {
    Ball(parts, Tissue::kCartilage, side.hip, {0, 0, 0}, {27.5, 27.5, 27.5});
    Ball(parts, Tissue::kCartilage, side.shoulder, {-2, 1, 0}, {25.5, 25.5, 24.5});
    Ball(parts, Tissue::kFluid, side.shoulder, {2, 4, -28}, {17, 19, 8});
    Ball(parts, Tissue::kCartilage, side.elbow, {0, 0, 0}, {26, 12, 13});
    Ball(parts, Tissue::kCartilage, side.knee, {0, 5, 0}, {38, 28, 14});
    Ball(parts, Tissue::kFluid, side.knee, {0, -18, 2}, {26, 6, 3});
    const double fill = plan.knee_effusion ? 4.5 : 1;
    Ball(parts, Tissue::kFluid, side.knee, {2, -30, 56},
         {22, 2.2 * fill, 18});                                        // Suprapatellar recess.
    Ball(parts, Tissue::kFluid, side.knee, {-22, 34, 6}, {8, 6, 14});  // Popliteal bursa.
    Ball(parts, Tissue::kCartilage, side.ankle, {0, 3, -4}, {24, 22, 10});
    Ball(parts, Tissue::kFluid, side.ankle, {0, -16, -6}, {14, 5, 8});
    Ball(parts, Tissue::kCartilage, side.wrist, {0, 0, -8}, {20, 9, 14});
  }
  return parts;
}

std::vector<SoftPart> TrunkJoints(const BodyPlan& plan) {
  Parts parts;
  const Frame& f = plan.pelvis;
  Tube(parts, Tissue::kCartilage, f,
       {{{0, -52, -14}, 9, 9}, {{0, -50, -34}, 9, 9}});  // Pubic symphysis.
  for (double s : {-1.0, 1.0}) {
    Tube(parts, Tissue::kCartilage, f,
         {{{s * 46, 62, 84}, 6, 16}, {{s * 46, 66, 44}, 6, 14}});  // Sacro-iliac joint.
    Tube(parts, Tissue::kCartilage, f, {{{s * 18, -74, 541}, 9, 9}, {{s * 28, -76, 543}, 9, 9}});
    for (int rib = 2; rib <= 7; ++rib) {  // Costal cartilage.
      const double z = 524 - 24 * (rib - 1);
      Tube(parts, Tissue::kCartilage, f,
           {{{s * 18, -90 - 0.05 * (524 - z), z}, 5, 5},
            {{s * (40 + 5 * rib), -86, z - 6 - 6 * rib}, 5, 5}});
    }
  }
  return parts;
}

std::vector<SoftPart> CanalBrainAndDiscs(const BodyPlan& plan) {
  Parts parts;
  const std::vector<VertebraPlace> column = Vertebrae(plan);
  for (std::size_t n = 0; n + 1 < column.size(); ++n) {
    const VertebraPlace& v = column[n];
    const double z = v.half_height + 0.5 * v.disc_mm, w = plan.bone_width;
    parts.push_back({Tissue::kDisc, {}});
    AddDrum(parts.back().pieces, v.frame, {0, 0, z},
            {0.97 * w * v.half_width, 0.97 * w * v.half_depth, 0.5 * v.disc_mm});
    Ball(parts, Tissue::kCartilage, v.frame, {0, 1, z},
         {0.6 * v.half_width, 0.55 * v.half_depth, 0.42 * v.disc_mm});
  }
  std::vector<Node> sac, cord;
  for (const VertebraPlace& v : column) {
    const Vec3 canal = v.frame.At({0, plan.bone_width * v.half_depth + 9, 0});
    const double wide = v.bone == "thoracic_spine" ? 8 : 10;
    sac.push_back({canal, wide, 7.5});
    if (v.bone != "lumbar_spine") cord.push_back({canal, 0.55 * wide, 4});
  }
  Frame patient;
  for (auto* nodes : {&sac, &cord}) {
    for (Node& node : *nodes) {
      node.a *= plan.pelvis.scale;
      node.b *= plan.pelvis.scale;
    }
  }
  sac.insert(sac.begin(),
             {plan.pelvis.At({0, 66, 46}), 7 * plan.pelvis.scale, 6 * plan.pelvis.scale});
  const Frame& h = plan.head;
  sac.push_back({h.At({0, 14, 30}), 12 * h.scale, 12 * h.scale});
  cord.push_back({h.At({0, 12, 34}), 8 * h.scale, 8 * h.scale});
  Tube(parts, Tissue::kCsf, patient, sac);
  Ball(parts, Tissue::kCsf, h, {0, -8, 69}, {67.5, 85.5, 65.5});
  Ball(parts, Tissue::kBrain, h, {0, -9, 71}, {64, 82, 60});
  for (double s : {-1.0, 1.0}) {
    Tube(parts, Tissue::kCsf, h,
         {{{s * 10, -38, 82}, 6, 9}, {{s * 12, 0, 88}, 7, 9}, {{s * 20, 28, 76}, 7, 8}});
    Ball(parts, Tissue::kFluid, h, {s * 33, -82, 38}, {12.5, 12.5, 12.5});  // Eyes.
    Ball(parts, Tissue::kLung, h, {s * 30, -72, 14}, {11, 13, 11});         // Maxillary sinuses.
  }
  Ball(parts, Tissue::kLung, h, {0, -60, 20}, {14, 30, 16});  // Nasal cavity.
  Tube(parts, Tissue::kCord, patient, cord);
  return parts;
}

}  // namespace osteon::phantom
