// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/shape.h"

#include <algorithm>
#include <cmath>

namespace osteon::phantom {
namespace {

constexpr double kFarOutside = -1e3;

// Depth in an ellipse or ellipsoid from the scaled radius f and the length g of its gradient.
double FirstOrder(double f, double g, double smallest_half) {
  if (g <= 1e-9) return smallest_half;
  return std::min((1 - f) / g, smallest_half);
}

double SegmentDepth(const Piece& s, Vec3 p) {
  const Vec3 from_start = p - s.start;
  const double along = Dot(from_start, s.along);
  const double t = std::clamp(along / s.length, 0.0, 1.0);
  const double a = s.start_a + t * (s.end_a - s.start_a);
  const double b = s.start_b + t * (s.end_b - s.start_b);
  const double c = std::min(a, b);
  const double x = Dot(from_start, s.u), z = along - t * s.length;
  const double y2 = std::max(0.0, Dot(from_start, from_start) - along * along - x * x);
  const double x_term = x * x / (a * a), y_term = y2 / (b * b), z_term = z * z / (c * c);
  const double f2 = x_term + y_term + z_term;
  if (f2 > 1) return kFarOutside;
  const double f = std::sqrt(f2);
  const double g =
      std::sqrt(x_term / (a * a) + y_term / (b * b) + z_term / (c * c)) / std::max(f, 0.05);
  return FirstOrder(f, g, c);
}

double EllipsoidDepth(const Piece& e, Vec3 p) {
  const Vec3 d = p - e.frame.origin;
  const double x = Dot(d, e.frame.x);
  const double y = Dot(d, e.frame.y) - e.bend_per_mm * x * x;
  const double z = Dot(d, e.frame.z);
  const double r2 = x * x / (e.half.x * e.half.x) + y * y / (e.half.y * e.half.y);
  const double s = std::abs(z) / e.half.z;
  if (r2 > 1 || s > 1) return kFarOutside;
  const double r = std::sqrt(r2);
  const double smallest = std::min({e.half.x, e.half.y, e.half.z});
  const double r_gradient =
      r < 0.05 ? 1 / smallest
               : std::sqrt(x * x / std::pow(e.half.x, 4) + y * y / std::pow(e.half.y, 4)) / r;
  if (e.kind ==
      Piece::Kind::kDrum) {  // A drum: its wall and its ends apart, the nearer one counts.
    return std::min(FirstOrder(r, r_gradient, smallest), (1 - s) * e.half.z);
  }
  const double f = std::sqrt(r2 + s * s);
  const double g =
      std::sqrt(std::pow(r * r_gradient, 2) + s * s / (e.half.z * e.half.z)) / std::max(f, 0.05);
  return FirstOrder(f, g, smallest);
}

PatientBox Around(Vec3 p, Vec3 reach) { return {p - reach, p + reach}; }

PatientBox Union(const PatientBox& a, const PatientBox& b) {
  return {
      {std::min(a.low.x, b.low.x), std::min(a.low.y, b.low.y), std::min(a.low.z, b.low.z)},
      {std::max(a.high.x, b.high.x), std::max(a.high.y, b.high.y), std::max(a.high.z, b.high.z)}};
}

}  // namespace

double Piece::Depth(Vec3 p) const {
  return kind == Kind::kSegment ? SegmentDepth(*this, p) : EllipsoidDepth(*this, p);
}

PatientBox Piece::Bounds() const {
  if (kind == Kind::kSegment) {
    const double at_start = std::max(start_a, start_b), at_end = std::max(end_a, end_b);
    return Union(Around(start, {at_start, at_start, at_start}),
                 Around(end, {at_end, at_end, at_end}));
  }
  const double lift = std::abs(bend_per_mm) * half.x * half.x;
  const double hy = half.y + lift;
  const auto reach = [&](double fx, double fy, double fz) {
    return std::abs(fx) * half.x + std::abs(fy) * hy + std::abs(fz) * half.z;
  };
  return Around(frame.origin,
                {reach(frame.x.x, frame.y.x, frame.z.x), reach(frame.x.y, frame.y.y, frame.z.y),
                 reach(frame.x.z, frame.y.z, frame.z.z)});
}

void AddTube(std::vector<Piece>& pieces, const Frame& frame, const std::vector<Node>& nodes) {
  for (std::size_t n = 0; n + 1 < nodes.size(); ++n) {
    Piece piece;
    piece.kind = Piece::Kind::kSegment;
    piece.start = frame.At(nodes[n].centre);
    piece.end = frame.At(nodes[n + 1].centre);
    piece.length = Norm(piece.end - piece.start);
    piece.along = Unit(piece.end - piece.start);
    const Vec3 w = piece.along;
    const Vec3 across = frame.x - Dot(frame.x, w) * w;
    // A tube along x has its half width `a` along z.
    piece.u = Norm(across) > 0.2 ? Unit(across) : Unit(frame.z - Dot(frame.z, w) * w);
    piece.start_a = frame.scale * nodes[n].a;
    piece.start_b = frame.scale * nodes[n].b;
    piece.end_a = frame.scale * nodes[n + 1].a;
    piece.end_b = frame.scale * nodes[n + 1].b;
    pieces.push_back(piece);
  }
}

void AddEllipsoid(std::vector<Piece>& pieces, const Frame& frame, Vec3 centre, Vec3 half) {
  Piece piece;
  piece.frame = frame.Moved(centre);
  piece.half = frame.scale * half;
  pieces.push_back(piece);
}

void AddDrum(std::vector<Piece>& pieces, const Frame& frame, Vec3 centre, Vec3 half) {
  AddEllipsoid(pieces, frame, centre, half);
  pieces.back().kind = Piece::Kind::kDrum;
}

PatientBox BoundsOf(const std::vector<Piece>& pieces) {
  PatientBox box = pieces.front().Bounds();
  for (const Piece& piece : pieces) box = Union(box, piece.Bounds());
  return box;
}

double DepthIn(const std::vector<Piece>& pieces, Vec3 p) {
  double depth = kFarOutside;
  for (const Piece& piece : pieces) depth = std::max(depth, piece.Depth(p));
  return depth;
}

}  // namespace osteon::phantom
