// SPDX-License-Identifier: GPL-3.0-or-later
// A local frame of the jointed body: where a joint is, how its limb points, how large it is, and on
// which side.
#pragma once

#include <cmath>
#include <numbers>

#include "pipelines/model/geometry.h"

namespace osteon::phantom {

// Local coordinates: x lateral (away from the mid-line, so both sides share one description), y to
// the back, z to the head; in millimetres of the adult template. `scale` turns them into patient
// millimetres.
struct Frame {
  Vec3 origin;  // LPS mm
  Vec3 x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};
  double scale = 1;

  Vec3 At(Vec3 local) const {
    return origin + (scale * local.x) * x + (scale * local.y) * y + (scale * local.z) * z;
  }
  Frame Moved(Vec3 local) const {
    Frame moved = *this;
    moved.origin = At(local);
    return moved;
  }
  Frame Scaled(double factor) const {
    Frame scaled = *this;
    scaled.scale *= factor;
    return scaled;
  }
  // The limb (along -z) swings to the front.
  Frame Flexed(double degrees) const {
    const double c = std::cos(Radians(degrees)), s = std::sin(Radians(degrees));
    Frame turned = *this;
    turned.z = c * z + s * y;
    turned.y = c * y - s * z;
    return turned;
  }
  // The limb (along -z) swings away from the mid-line.
  Frame Abducted(double degrees) const {
    const double c = std::cos(Radians(degrees)), s = std::sin(Radians(degrees));
    Frame turned = *this;
    turned.z = c * z - s * x;
    turned.x = c * x + s * z;
    return turned;
  }
  // The front of the limb (along -y) turns outward.
  Frame TurnedOut(double degrees) const {
    const double c = std::cos(Radians(degrees)), s = std::sin(Radians(degrees));
    Frame turned = *this;
    turned.y = c * y - s * x;
    turned.x = c * x + s * y;
    return turned;
  }

  static double Radians(double degrees) { return degrees * std::numbers::pi / 180; }
};

}  // namespace osteon::phantom
