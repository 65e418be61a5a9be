// SPDX-License-Identifier: GPL-3.0-or-later
// Skull and mandible. Local millimetres of the head frame: origin at the first cervical vertebra, z
// to the crown.
#include "pipelines/phantom/anatomy.h"

namespace osteon::phantom {
namespace {

Bone Skull(const Frame& head) {
  Bone skull = BoneOf("skull");
  auto& p = skull.pieces;
  AddEllipsoid(p, head, {0, -8, 68}, {74, 92, 72});  // Vault; the brain is drawn into it.
  AddTube(p, head, {{{0, 0, 8}, 28, 26}, {{0, -20, 14}, 30, 26}});  // Skull base.
  AddTube(p, head, {{{48, -78, 38}, 7, 8}, {{58, -45, 40}, 6, 7}});
  AddTube(p, head, {{{-48, -78, 38}, 7, 8}, {{-58, -45, 40}, 6, 7}});  // Zygomatic bones.
  AddEllipsoid(p, head, {0, -72, 10}, {30, 22, 14});                   // Maxilla.
  AddTube(p, head, {{{0, -92, 20}, 10, 8}, {{0, -96, 52}, 8, 7}});     // Nasal bridge.
  AddEllipsoid(p, head, {52, 8, 18}, {12, 16, 14});
  AddEllipsoid(p, head, {-52, 8, 18}, {12, 16, 14});  // Mastoid processes.
  return skull;
}

Bone Mandible(const Frame& head) {
  Bone mandible = BoneOf("mandible");
  AddTube(mandible.pieces, head,
          {{{50, -8, 12}, 5, 7},
           {{49, -22, -20}, 6, 12},
           {{44, -40, -34}, 7, 11},
           {{26, -78, -42}, 7, 10},
           {{0, -92, -44}, 8, 11}});
  AddTube(mandible.pieces, head,
          {{{-50, -8, 12}, 5, 7},
           {{-49, -22, -20}, 6, 12},
           {{-44, -40, -34}, 7, 11},
           {{-26, -78, -42}, 7, 10},
           {{0, -92, -44}, 8, 11}});
  return mandible;
}

}  // namespace

void AddHead(const BodyPlan& plan, BoneSet& set) {
  set.bones.push_back(Skull(plan.head));
  set.bones.push_back(Mandible(plan.head));
  const UnitId jaw = *UnitByKey("mandible"), skull = *UnitByKey("skull");
  const Vec3 x = plan.head.x;
  const Vec3 right = plan.head.At({-44, -40, -34}), left = plan.head.At({44, -40, -34});
  set.sites.push_back(SiteOf("mandible_angle", Side::kRight, jaw, right, x));
  set.sites.push_back(SiteOf("mandible_angle", Side::kLeft, jaw, left, x));
  set.sites.push_back(SiteOf("skull_base", Side::kNone, skull, plan.head.At({0, -10, 10}), x));
}

}  // namespace osteon::phantom
