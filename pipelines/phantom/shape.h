// SPDX-License-Identifier: GPL-3.0-or-later
// The solids of which the body is made, each with the depth of a point in it.
#pragma once

#include <vector>

#include "pipelines/model/geometry.h"
#include "pipelines/phantom/frame.h"

namespace osteon::phantom {

// A solid piece. Depth is a first-order estimate of the distance to the surface in mm, positive
// inside: exact at the surface, within about a fifth deeper down, which is enough for a cortex
// of 2 mm or a fat layer of 10 mm.
struct Piece {
  enum class Kind { kSegment, kEllipsoid, kDrum };
  Kind kind = Kind::kEllipsoid;
  // kSegment: from `start` to `end` with elliptic sections, half axes along `u` and across it, and
  // round caps.
  Vec3 start, end, u, along;  // `along`: unit vector from start to end.
  double length = 0;
  double start_a = 0, start_b = 0, end_a = 0, end_b = 0;
  // kEllipsoid and kDrum (flat ends at +-z): half axes along frame.x, y, z in mm.
  Frame frame;
  Vec3 half;
  double bend_per_mm = 0;  // Lifts the solid along y by bend * x^2: a curved plate.

  double Depth(Vec3 p) const;
  PatientBox Bounds() const;
};

// A node of a tube in local coordinates: half width along the frame's x, half depth along its y.
struct Node {
  Vec3 centre;
  double a, b;
};

// Appends the segments of a tube through `nodes`. REQUIRES: at least two nodes, at different
// places.
void AddTube(std::vector<Piece>& pieces, const Frame& frame, const std::vector<Node>& nodes);
// Half axes in local mm along the frame's axes.
void AddEllipsoid(std::vector<Piece>& pieces, const Frame& frame, Vec3 centre, Vec3 half);
void AddDrum(std::vector<Piece>& pieces, const Frame& frame, Vec3 centre, Vec3 half);

PatientBox BoundsOf(const std::vector<Piece>& pieces);
double DepthIn(const std::vector<Piece>& pieces,
               Vec3 p);  // The largest; very negative when far outside.

}  // namespace osteon::phantom
