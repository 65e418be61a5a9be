// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <iterator>

#include "tests/pipelines/report/report_case_parts.h"

namespace osteon::testing {
namespace {

double DistanceToSegment(Vec3 p, Vec3 a, Vec3 b) {
  const Vec3 d = b - a;
  const double t = std::clamp(Dot(p - a, d) / Dot(d, d), 0.0, 1.0);
  return Norm(p - (a + t * d));
}

struct Limb {
  Vec3 from, to;
  double flesh, bone;
};
const std::vector<Limb> kLimbs = {
    {{85, 0, 40}, {90, 3, -210}, 56, 15},      {{-85, 0, 40}, {-90, 3, -210}, 56, 15},
    {{90, 3, -215}, {88, 12, -510}, 40, 13},   {{-90, 3, -215}, {-88, 12, -510}, 40, 13},
    {{170, 0, 360}, {215, 5, 60}, 32, 10},     {{-170, 0, 360}, {-215, 5, 60}, 32, 10},
    {{88, 12, -525}, {95, -70, -545}, 28, 12}, {{-88, 12, -525}, {-95, -70, -545}, 28, 12},
    {{30, -20, 375}, {150, -5, 378}, 24, 9},   {{-30, -20, 375}, {-150, -5, 378}, 24, 9}};

// After the eight that lie where they are said to, 30 small ones for long reports, in two rows
// beside the spine.
std::vector<Ball> AllBalls() {
  std::vector<Ball> balls = {{"femur_distal_left", {92, 3, -182}, 17, Segment::kMetaphysis},
                             {"femur_distal_right", {-92, 3, -185}, 14, Segment::kMetaphysis},
                             {"tibia_proximal_left", {88, 5, -238}, 13, Segment::kEpiphysis},
                             {"thoracic_spine", {0, 42, 248}, 12, Segment::kVertebra},
                             {"clavicle_right", {-72, -22, 372}, 11, Segment::kFlatBone},
                             {"ilium_left", {78, 30, 64}, 19, Segment::kFlatBone},
                             {"tibia_distal_right", {-86, 12, -460}, 12, Segment::kMetaphysis},
                             {"foot_left", {92, -26, -528}, 12, Segment::kUnknown}};
  constexpr const char* kUnits[] = {
      "ribs_right",           "ribs_left",         "scapula_right",
      "scapula_left",         "ischium_right",     "ischium_left",
      "patella_right",        "patella_left",      "femur_proximal_left",
      "femur_proximal_right", "tibia_distal_left", "tibia_proximal_right",
      "humerus_proximal_left"};
  for (std::size_t n = 0; n < 30; ++n) {
    const std::size_t pair = n / 2;
    const Vec3 centre{n % 2 == 1 ? 110.0 : -110.0, 10, 330.0 - 24.0 * static_cast<double>(pair)};
    balls.push_back({kUnits[n % std::size(kUnits)], centre, 10, Segment::kUnknown});
  }
  return balls;
}

}  // namespace

const std::vector<Ball>& Balls() {
  static const std::vector<Ball> balls = AllBalls();
  return balls;
}

double Signal(Vec3 p, int lesions) {
  for (int n = 0; n < lesions; ++n) {
    const Ball& ball = Balls()[static_cast<std::size_t>(n)];
    if (Norm(p - ball.centre) <= ball.radius) return 190;
  }
  const double texture = 4 * std::sin(p.x / 9) * std::cos(p.z / 11);
  double signal = 4 + texture / 4;
  const Vec3 torso{p.x / 150, p.y / 95, (p.z - 190) / 260};
  if (Dot(torso, torso) < 1) signal = 60 + texture;
  if (Dot(torso, torso) < 1.12 && Dot(torso, torso) >= 1) signal = 18;
  const Vec3 head{p.x / 75, p.y / 92, (p.z - 470) / 95};
  if (Dot(head, head) < 1) signal = 75 + texture;
  for (const Limb& limb : kLimbs) {
    const double d = DistanceToSegment(p, limb.from, limb.to);
    if (d < limb.flesh) signal = std::max(signal, d > limb.flesh - 8 ? 18 : 60 + texture);
    if (d < limb.bone) signal = 35;
  }
  if (DistanceToSegment(p, {0, 45, -10}, {0, 45, 400}) < 17) signal = 38;
  if (DistanceToSegment(p, {0, 66, -10}, {0, 66, 400}) < 7) signal = 280;
  const Vec3 bladder{p.x / 34, (p.y + 25) / 30, (p.z - 15) / 28};
  if (Dot(bladder, bladder) < 1) signal = 300;
  return signal;
}

}  // namespace osteon::testing
