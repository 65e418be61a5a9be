// SPDX-License-Identifier: GPL-3.0-or-later
// The synthetic person: age, size, proportions, posture. All else follows from these and the seed.
// The constants are in anatomy.h.
#pragma once

#include <array>

#include "pipelines/phantom/frame.h"
#include "pipelines/phantom/phantom.h"

namespace osteon::phantom {

// The joints of one side.
struct SideFrames {
  Frame shoulder, elbow, wrist;  // Limb along -z, front along -y.
  Frame hip, knee, ankle, foot;  // `foot`: toes along -y, sole at -z.
};

struct BodyPlan {
  double age_years = 30;
  double height_mm = 1700;
  bool open_physes = false;
  bool variants = false;
  double girth = 1;       // Soft tissue around the bones, 0.9 slim .. 1.15 stout.
  double fat_mm = 10;     // Subcutaneous fat of the trunk.
  double bone_width = 1;  // Thickness of bones relative to their length.
  double cortex = 1;      // Thickness of compact bone relative to the template.
  bool knee_effusion = false;

  Frame pelvis;                     // Origin between the hip joints.
  Frame head;                       // Origin at the first cervical vertebra.
  std::array<SideFrames, 2> sides;  // [0] right, [1] left.

  // The spinal curve: centre of the vertebral bodies at height z (template mm above the hip joints,
  // -40 .. 700), as a point of the pelvis frame.
  Vec3 Spine(double z) const;
  double scoliosis_mm = 0;  // Sideways amplitude, template mm.
  double curve = 1;         // Strength of kyphosis and lordosis.
};

// How far proportions and marrow are from an adult's: 1 up to kYoungestAge, 0 from kGrownAge on.
double Childlike(double age_years);
BodyPlan DrawPlan(const PhantomOptions& options);

}  // namespace osteon::phantom
