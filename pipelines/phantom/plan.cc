// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

// Median stature of children by age in years from 3 (rounded from growth charts; 50th percentile,
// both sexes).
constexpr double kStatureMm[] = {960,  1030, 1095, 1155, 1215, 1275, 1330,
                                 1385, 1435, 1495, 1560, 1610, 1655, 1680};

double MedianStature(double age_years) {
  const double last = 3.0 + static_cast<double>(std::size(kStatureMm)) - 1;
  if (age_years >= last) return 1720;
  const double at = std::max(0.0, age_years - 3);
  const auto n = static_cast<std::size_t>(at);
  const double t = at - static_cast<double>(n);
  return (1 - t) * kStatureMm[n] + t * kStatureMm[std::min(n + 1, std::size(kStatureMm) - 1)];
}

struct Proportions {
  double trunk, leg, arm, head;  // Scale of each part against the template.
};

// A child's head is near adult size and its legs are short; the parts still add up to the stature.
// Template shares of the stature: 882 mm up to the hip, 700 to the first cervical vertebra, 140 to
// the crown.
Proportions ProportionsOf(double height_mm, double age_years) {
  const double child = Childlike(age_years);
  const double head = 1 - 0.12 * child;
  const double rest_mm = height_mm - 140 * head;
  const double leg_to_trunk = 1 - 0.14 * child;
  const double trunk = rest_mm / (700 + 882 * leg_to_trunk);
  return {trunk, trunk * leg_to_trunk, trunk * (1 - 0.06 * child), head};
}

SideFrames PlaceJoints(const BodyPlan& plan, const Proportions& part, double side, Random& random) {
  SideFrames f;
  Frame base = plan.pelvis;
  base.x = side * base.x;
  const auto jitter = [&](double middle, double spread) {
    return middle + random.Uniform(-spread, spread);
  };
  f.hip = base.Moved({88, 0, 0});
  f.hip.scale = part.leg;
  f.hip = f.hip.Flexed(jitter(2, 3)).Abducted(jitter(4, 2.5)).TurnedOut(jitter(12, 8));
  f.knee = f.hip.Moved({0, 0, -434}).Flexed(-jitter(5, 4)).Abducted(jitter(-3, 1.5));
  f.ankle = f.knee.Moved({0, 0, -374});
  f.foot = f.ankle.Flexed(-jitter(28, 10)).TurnedOut(jitter(4, 5));

  f.shoulder = base.Moved({172, 18, jitter(545, 6)});
  f.shoulder.scale = part.arm;
  f.shoulder = f.shoulder.Flexed(jitter(-2, 4)).Abducted(jitter(9, 2.5)).TurnedOut(jitter(10, 15));
  f.elbow = f.shoulder.Moved({0, 0, -304}).Flexed(jitter(6, 5)).Abducted(jitter(-5, 2));
  f.wrist = f.elbow.Moved({0, 0, -246}).Flexed(jitter(3, 6)).TurnedOut(jitter(-55, 20));
  return f;
}

double DrawAge(const PhantomOptions& options, Random& random) {
  const double child = std::floor(random.Uniform(6, 15.99)), adult = random.Uniform(19, 55);
  if (options.age_years) return *options.age_years;
  return options.child ? child : std::floor(adult);
}

}  // namespace

Vec3 BodyPlan::Spine(double z) const {
  // Template spine, seen from the side: lumbar lordosis, thoracic kyphosis, cervical lordosis.
  // Height, y.
  static constexpr double kCurve[][2] = {{-45, 48}, {-10, 62}, {30, 62},  {100, 34},
                                         {160, 22}, {230, 24}, {290, 36}, {400, 58},
                                         {500, 54}, {575, 34}, {640, 20}, {700, 16}};
  const double clamped = std::clamp(z, kCurve[0][0], 700.0);
  std::size_t n = 0;
  while (n + 2 < std::size(kCurve) && clamped > kCurve[n + 1][0]) ++n;
  const double t = (clamped - kCurve[n][0]) / (kCurve[n + 1][0] - kCurve[n][0]);
  const double s = t * t * (3 - 2 * t);
  const double y = (1 - s) * kCurve[n][1] + s * kCurve[n + 1][1];
  const double sideways = z < 100 ? 0 : scoliosis_mm * std::sin(std::numbers::pi * (z - 100) / 300);
  return {sideways, 38 + curve * (y - 38), z};
}

double Childlike(double age_years) { return std::clamp((17 - age_years) / 14, 0.0, 1.0); }

BodyPlan DrawPlan(const PhantomOptions& options) {
  Random random(options.seed, "plan");
  BodyPlan plan;
  plan.age_years = DrawAge(options, random);
  const double spread = random.Uniform(0.95, 1.04);
  plan.height_mm = options.height_mm.value_or(std::round(MedianStature(plan.age_years) * spread));
  plan.open_physes = plan.age_years < 16.5;
  plan.variants = options.healthy_variants || plan.age_years < 17;
  plan.girth = random.Uniform(0.92, 1.10);
  plan.fat_mm = random.Uniform(7, 16) * (plan.age_years < 17 ? 0.7 : 1);
  plan.bone_width = random.Uniform(0.95, 1.06);
  plan.cortex = random.Uniform(0.85, 1.15);
  plan.knee_effusion = plan.variants && random.Chance(0.3);
  plan.scoliosis_mm = random.Uniform(-7, 7);
  plan.curve = random.Uniform(0.75, 1.1);

  const Proportions part = ProportionsOf(plan.height_mm, plan.age_years);
  plan.pelvis.scale = part.trunk;
  plan.pelvis = plan.pelvis.Flexed(random.Uniform(-3, 3));
  plan.head = plan.pelvis.Moved(plan.Spine(700));
  plan.head.scale = part.head;
  plan.head = plan.head.Flexed(random.Uniform(-4, 6));
  plan.sides[0] = PlaceJoints(plan, part, -1, random);
  plan.sides[1] = PlaceJoints(plan, part, +1, random);
  return plan;
}

}  // namespace osteon::phantom
