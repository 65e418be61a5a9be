// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "pipelines/phantom/anatomy.h"
#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

double MedianStature(double age_years) {
  const double last = kYoungestAge + static_cast<double>(std::size(kStatureMm)) - 1;
  if (age_years >= last) return kAdultStatureMm;
  const double at = std::max(0.0, age_years - kYoungestAge);
  const auto n = static_cast<std::size_t>(at);
  const double t = at - static_cast<double>(n);
  return (1 - t) * kStatureMm[n] + t * kStatureMm[std::min(n + 1, std::size(kStatureMm) - 1)];
}

struct Proportions {
  double trunk, leg, arm, head;  // Scale of each part against the template.
};

// A child's head is near adult size and its legs are short; the parts still add up to the stature.
Proportions ProportionsOf(double height_mm, double age_years) {
  const double child = Childlike(age_years);
  const double head = 1 - kSmallerHead * child;
  const double rest_mm = height_mm - kTemplateHeadMm * head;
  const double leg_to_trunk = 1 - kShorterLegs * child;
  const double trunk = rest_mm / (kTemplateTrunkMm + kTemplateLegMm * leg_to_trunk);
  return {trunk, trunk * leg_to_trunk, trunk * (1 - kShorterArms * child), head};
}

SideFrames PlaceJoints(const BodyPlan& plan, const Proportions& part, double side, Random& random) {
  SideFrames f;
  Frame base = plan.pelvis;
  base.x = side * base.x;
  const auto draw = [&random](Spread spread) { return Draw(spread, random); };
  f.hip = base.Moved(kHipMm);
  f.hip.scale = part.leg;
  f.hip =
      f.hip.Flexed(draw(kHipFlexion)).Abducted(draw(kHipAbduction)).TurnedOut(draw(kHipRotation));
  f.knee =
      f.hip.Moved({0, 0, -kThighMm}).Flexed(-draw(kKneeFlexion)).Abducted(draw(kKneeAbduction));
  f.ankle = f.knee.Moved({0, 0, -kShankMm});
  f.foot = f.ankle.Flexed(-draw(kFootFlexion)).TurnedOut(draw(kFootRotation));

  f.shoulder = base.Moved({kShoulderXMm, kShoulderYMm, draw(kShoulderZMm)});
  f.shoulder.scale = part.arm;
  f.shoulder = f.shoulder.Flexed(draw(kShoulderFlexion))
                   .Abducted(draw(kShoulderAbduction))
                   .TurnedOut(draw(kShoulderRotation));
  f.elbow = f.shoulder.Moved({0, 0, -kUpperArmMm})
                .Flexed(draw(kElbowFlexion))
                .Abducted(draw(kElbowAbduction));
  f.wrist = f.elbow.Moved({0, 0, -kForearmMm})
                .Flexed(draw(kWristFlexion))
                .TurnedOut(draw(kWristRotation));
  return f;
}

double DrawAge(const PhantomOptions& options, Random& random) {
  const double child = std::floor(Draw(kChildAge, random)), adult = Draw(kAdultAge, random);
  if (options.age_years) return *options.age_years;
  return options.child ? child : std::floor(adult);
}

}  // namespace

Vec3 BodyPlan::Spine(double z) const {
  const double clamped = std::clamp(z, kSpineMm[0][0], kTemplateTrunkMm);
  std::size_t n = 0;
  while (n + 2 < std::size(kSpineMm) && clamped > kSpineMm[n + 1][0]) ++n;
  const double t = (clamped - kSpineMm[n][0]) / (kSpineMm[n + 1][0] - kSpineMm[n][0]);
  const double s = t * t * (3 - 2 * t);
  const double y = (1 - s) * kSpineMm[n][1] + s * kSpineMm[n + 1][1];
  const double sideways = z < kScoliosisFromMm
                              ? 0
                              : scoliosis_mm * std::sin(std::numbers::pi * (z - kScoliosisFromMm) /
                                                        kScoliosisHalfWaveMm);
  return {sideways, kSpineMiddleMm + curve * (y - kSpineMiddleMm), z};
}

double Childlike(double age_years) {
  return std::clamp((kGrownAge - age_years) / (kGrownAge - kYoungestAge), 0.0, 1.0);
}

BodyPlan DrawPlan(const PhantomOptions& options) {
  Random random(options.seed, "plan");
  BodyPlan plan;
  plan.age_years = DrawAge(options, random);
  const double factor = Draw(kStatureFactor, random);
  plan.height_mm = options.height_mm.value_or(std::round(MedianStature(plan.age_years) * factor));
  plan.open_physes = plan.age_years < kPhysesCloseAge;
  plan.variants = options.healthy_variants || plan.age_years < kGrownAge;
  plan.girth = Draw(kGirth, random);
  plan.fat_mm = Draw(kFatMm, random) * (plan.age_years < kGrownAge ? kChildFat : 1);
  plan.bone_width = Draw(kBoneWidth, random);
  plan.cortex = Draw(kCortex, random);
  plan.knee_effusion = plan.variants && random.Chance(kKneeEffusionChance);
  plan.scoliosis_mm = Draw(kScoliosisMm, random);
  plan.curve = Draw(kSpinalCurve, random);

  const Proportions part = ProportionsOf(plan.height_mm, plan.age_years);
  plan.pelvis.scale = part.trunk;
  plan.pelvis = plan.pelvis.Flexed(Draw(kPelvisTilt, random));
  plan.head = plan.pelvis.Moved(plan.Spine(kTemplateTrunkMm));
  plan.head.scale = part.head;
  plan.head = plan.head.Flexed(Draw(kHeadTilt, random));
  plan.sides[0] = PlaceJoints(plan, part, -1, random);
  plan.sides[1] = PlaceJoints(plan, part, +1, random);
  return plan;
}

}  // namespace osteon::phantom
