// SPDX-License-Identifier: GPL-3.0-or-later
// Spine, ribs and sternum. Heights are millimetres of the template above the hip joints.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "pipelines/phantom/anatomy.h"

namespace osteon::phantom {
namespace {

constexpr int kLumbar = 5, kThoracic = 12, kCervical = 7;
constexpr double kL5BottomMm = 100, kT12BottomMm = 285, kC7BottomMm = 575,
                 kC1TopMm = kTemplateTrunkMm;

// Frame of the spinal curve at height z: origin on the curve, z along it.
Frame OnSpine(const BodyPlan& plan, double z) {
  Frame frame = plan.pelvis.Moved(plan.Spine(z));
  const Vec3 up = plan.pelvis.At(plan.Spine(z + 8)) - plan.pelvis.At(plan.Spine(z - 8));
  frame.z = Unit(up);
  frame.y = Unit(frame.y - Dot(frame.y, frame.z) * frame.z);
  frame.x = Cross(frame.y, frame.z);
  return frame;
}

void AddVertebra(const VertebraPlace& v, double width, BoneSet& set) {
  Bone bone = BoneOf(v.bone);
  auto& p = bone.pieces;
  const double w = v.half_width * width, d = v.half_depth * width, h = v.half_height;
  AddDrum(p, v.frame, {0, 0, 0}, {w, d, h});
  const double canal = d + 9, r = std::max(3.5, 0.3 * h);
  for (double side : {-1.0, 1.0}) {  // Pedicle, lamina, transverse process.
    AddTube(p, v.frame,
            {{{side * 0.7 * w, d - 3, 2}, r, r},
             {{side * 13, canal + 3, 0}, r, r},
             {{0, canal + 13, -4}, r, r}});
    AddTube(p, v.frame,
            {{{side * 13, canal + 2, 0}, r, r}, {{side * (w + 16), canal + 6, 2}, 3, 3}});
  }
  AddTube(p, v.frame, {{{0, canal + 12, -4}, 3.2, 4.5}, {{0, canal + 26, -8 - 0.4 * h}, 3, 4.5}});
  set.bones.push_back(std::move(bone));
  const UnitId unit = *UnitByKey(v.bone);
  LesionSite site =
      SiteOf(v.bone, Side::kNone, unit, v.frame.At({0, 0, 0.4 * v.half_height}), v.frame.x);
  site.bone_and_side += std::to_string(set.bones.size());
  set.sites.push_back(std::move(site));
}

// Half width and half depth of the rib cage at rib n (1 .. 12), and how far round each rib goes
// (degrees from the middle of the back).
struct RibPlace {
  double half_width, half_depth, end_degrees, drop_mm;
};
constexpr RibPlace kRibs[12] = {{58, 52, 150, 35},  {80, 68, 150, 50},  {98, 78, 150, 62},
                                {112, 84, 150, 72}, {122, 88, 148, 80}, {128, 91, 144, 88},
                                {131, 93, 138, 92}, {132, 94, 130, 92}, {131, 94, 122, 88},
                                {128, 92, 112, 80}, {122, 90, 92, 62},  {112, 86, 66, 40}};

Vec3 OnRib(const BodyPlan& plan, int n, double z, double side, double degrees) {
  const RibPlace& rib = kRibs[n - 1];
  const double a = Frame::Radians(degrees);
  const double t = degrees / 150;
  const Vec3 spine = plan.Spine(z);
  const double centre_y = std::min(4.0, spine.y - 30);
  const double back =
      spine.y + 14 - (centre_y + rib.half_depth);  // Meets the vertebra at the back.
  return {spine.x + side * (6 + rib.half_width * std::sin(a)),
          centre_y + rib.half_depth * std::cos(a) + back * std::exp(-t * 6),
          z + 6 - rib.drop_mm * t};
}

void AddRibs(const BodyPlan& plan, BoneSet& set) {
  const double step = (kC7BottomMm - kT12BottomMm) / kThoracic;
  for (int side = 0; side < 2; ++side) {
    const double sign = side == 0 ? -1 : 1;
    const Side s = side == 0 ? Side::kRight : Side::kLeft;
    for (int n = 1; n <= kThoracic; ++n) {
      Bone rib = BoneOf("ribs", s);
      const double z = kC7BottomMm - (n - 0.5) * step;
      std::vector<Node> nodes;
      for (double degrees = 9; degrees <= kRibs[n - 1].end_degrees; degrees += 8) {
        nodes.push_back({OnRib(plan, n, z, sign, degrees), 5.5, 4.5});
      }
      AddTube(rib.pieces, plan.pelvis, nodes);
      set.bones.push_back(std::move(rib));
      const UnitId unit = *UnitByKey(side == 0 ? "ribs_right" : "ribs_left");
      const double front = kRibs[n - 1].end_degrees - 12;
      LesionSite site =
          SiteOf("rib", s, unit, plan.pelvis.At(OnRib(plan, n, z, sign, front)), plan.pelvis.x);
      site.bone_and_side = fmt::format("rib{}_{}", n, Name(s));
      set.sites.push_back(std::move(site));
    }
  }
}

void AddSternum(const BodyPlan& plan, BoneSet& set) {
  Bone sternum = BoneOf("sternum");
  const Frame& f = plan.pelvis;
  AddTube(sternum.pieces, f,
          {{{0, -72, 535}, 27, 7}, {{0, -80, 505}, 20, 7}, {{0, -86, 490}, 14, 6}});
  AddTube(sternum.pieces, f,
          {{{0, -88, 480}, 15, 6}, {{0, -95, 420}, 18, 6.5}, {{0, -97, 392}, 13, 5.5}});
  AddTube(sternum.pieces, f, {{{0, -96, 388}, 7, 4}, {{0, -94, 365}, 5, 3.5}});
  set.bones.push_back(std::move(sternum));
  const UnitId unit = *UnitByKey("sternum");
  set.sites.push_back(SiteOf("manubrium", Side::kNone, unit, f.At({0, -75, 525}), f.x));
  set.sites.push_back(SiteOf("sternal_body", Side::kNone, unit, f.At({0, -92, 445}), f.z));
}

}  // namespace

std::vector<VertebraPlace> Vertebrae(const BodyPlan& plan) {
  std::vector<VertebraPlace> places;
  const auto stack = [&](const char* bone, int count, double bottom, double top, double disc_share,
                         double width_low, double width_high, double depth_low, double depth_high) {
    const double step = (top - bottom) / count;
    for (int n = 0; n < count; ++n) {
      const double t = (n + 0.5) / count;
      places.push_back({bone, OnSpine(plan, bottom + (n + 0.5) * step),
                        width_low + t * (width_high - width_low),
                        depth_low + t * (depth_high - depth_low), 0.5 * step * (1 - disc_share),
                        step * disc_share});
    }
  };
  stack("lumbar_spine", kLumbar, kL5BottomMm, kT12BottomMm, 0.25, 25, 22, 17.5, 16.5);
  stack("thoracic_spine", kThoracic, kT12BottomMm, kC7BottomMm, 0.19, 20, 14, 16, 11);
  stack("cervical_spine", kCervical, kC7BottomMm, kC1TopMm, 0.25, 13, 11.5, 9, 8);
  return places;
}

void AddTrunk(const BodyPlan& plan, BoneSet& set) {
  for (const VertebraPlace& place : Vertebrae(plan)) AddVertebra(place, plan.bone_width, set);
  AddRibs(plan, set);
  AddSternum(plan, set);
}

}  // namespace osteon::phantom
