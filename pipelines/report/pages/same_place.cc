// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/report/pages/same_place.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace osteon {
namespace {

// The search for the place: steps and reach, first coarse, then fine. Chosen: a child grows by 6 cm
// a year, and patients lie differently.
constexpr double kStepMm = 6, kReachMm = 48, kReachDeepMm = 30, kFineStepMm = 2;

// Signals, read at points of the patient; 0 outside.
struct Signals {
  const Volume<float>& volume;
  Affine voxel_from_patient;

  explicit Signals(const Volume<float>& v)
      : volume(v), voxel_from_patient(Inverse(v.geometry().patient_from_voxel)) {}

  // The root, so that fluid does not outweigh everything else.
  double At(Vec3 place_mm) const {
    const Vec3 p = voxel_from_patient(place_mm);
    const int i = static_cast<int>(std::lround(p.x)), j = static_cast<int>(std::lround(p.y)),
              k = static_cast<int>(std::lround(p.z));
    return volume.Contains(i, j, k) ? std::sqrt(std::max(0.0F, volume.At(i, j, k))) : 0;
  }
};

// Signals of the surroundings, less their mean, and where they lie from the place.
struct Template {
  std::vector<Vec3> offsets_mm;
  std::vector<double> signals;
  double norm = 0;
};

Template TemplateAt(const Signals& from, Vec3 place_mm, double ignored_mm) {
  Template out;
  double sum = 0;
  for (double z = -kReachMm; z <= kReachMm; z += kStepMm)
    for (double y = -kReachDeepMm; y <= kReachDeepMm; y += kStepMm)
      for (double x = -kReachMm; x <= kReachMm; x += kStepMm) {
        if (Norm({x, y, z}) < ignored_mm) continue;
        out.offsets_mm.push_back({x, y, z});
        out.signals.push_back(from.At(place_mm + Vec3{x, y, z}));
        sum += out.signals.back();
      }
  double squares = 0;
  for (double& signal : out.signals) {
    signal -= sum / static_cast<double>(out.signals.size());
    squares += signal * signal;
  }
  out.norm = std::sqrt(squares);
  return out;
}

// Correlation coefficient of the template with the signals that `at(n)` has for its points, -1 to
// 1; 0 where either has no contrast.
template <typename SignalAt>
double Likeness(const Template& of, const SignalAt& at) {
  double sum = 0, squares = 0, product = 0;
  for (std::size_t n = 0; n < of.signals.size(); ++n) {
    const double signal = at(n);
    sum += signal;
    squares += signal * signal;
    product += signal * of.signals[n];
  }
  const double spread = squares - sum * sum / static_cast<double>(of.signals.size());
  return spread <= 0 || of.norm <= 0 ? 0 : product / (of.norm * std::sqrt(spread));
}

struct Found {
  Vec3 place_mm;
  double likeness = -1;
};

// All signals that the coarse search needs, read once: steps of kStepMm round the guess.
class CoarseGrid {
 public:
  CoarseGrid(const Signals& to, Vec3 guess_mm) {
    for (int c = -kHalf; c <= kHalf; ++c)
      for (int b = -kHalf; b <= kHalf; ++b)
        for (int a = -kHalf; a <= kHalf; ++a)
          signals_.push_back(to.At(guess_mm + kStepMm * Vec3{double(a), double(b), double(c)}));
  }
  // Index of a place that is whole steps from the guess; differences of indices add up.
  static int Index(Vec3 steps) {
    return (static_cast<int>(steps.z) * kSide + static_cast<int>(steps.y)) * kSide +
           static_cast<int>(steps.x);
  }
  double operator[](int index) const {
    const int from_corner = index + Index({kHalf, kHalf, kHalf});
    return signals_[static_cast<std::size_t>(from_corner)];
  }

 private:
  static constexpr int kHalf = 2 * static_cast<int>(kReachMm / kStepMm), kSide = 2 * kHalf + 1;
  std::vector<double> signals_;
};

Found BestStep(const Template& of, const Signals& to, Vec3 guess_mm) {
  const CoarseGrid grid(to, guess_mm);
  std::vector<int> offsets;
  for (const Vec3& offset : of.offsets_mm)
    offsets.push_back(CoarseGrid::Index((1 / kStepMm) * offset));
  constexpr int kReach = static_cast<int>(kReachMm / kStepMm);
  Found best;
  for (int c = -kReach; c <= kReach; ++c)
    for (int b = -kReach; b <= kReach; ++b)
      for (int a = -kReach; a <= kReach; ++a) {
        const Vec3 steps{double(a), double(b), double(c)};
        const int at = CoarseGrid::Index(steps);
        const double likeness = Likeness(of, [&](std::size_t n) { return grid[at + offsets[n]]; });
        if (likeness > best.likeness) best = {guess_mm + kStepMm * steps, likeness};
      }
  return best;
}

Found BestNear(const Template& of, const Signals& to, Vec3 centre_mm) {
  Found best;
  for (double z = -kStepMm; z <= kStepMm; z += kFineStepMm)
    for (double y = -kStepMm; y <= kStepMm; y += kFineStepMm)
      for (double x = -kStepMm; x <= kStepMm; x += kFineStepMm) {
        const Vec3 place = centre_mm + Vec3{x, y, z};
        const double likeness =
            Likeness(of, [&](std::size_t n) { return to.At(place + of.offsets_mm[n]); });
        if (likeness > best.likeness) best = {place, likeness};
      }
  return best;
}

}  // namespace

std::optional<Vec3> SamePlace(const Volume<float>& from, Vec3 place_mm, const Volume<float>& to,
                              const PlaceSearch& search) {
  if (from.empty() || to.empty()) return std::nullopt;
  const Signals then(from), now(to);
  const Template around = TemplateAt(then, place_mm, search.ignored_mm);
  const Found coarse = BestStep(around, now, search.guess_mm);
  const Found fine = BestNear(around, now, coarse.place_mm);
  if (fine.likeness < kSamePlaceLikeness) return std::nullopt;
  return fine.place_mm;
}

}  // namespace osteon
