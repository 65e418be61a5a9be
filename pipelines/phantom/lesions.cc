// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/lesions.h"

#include <algorithm>
#include <cmath>

#include "pipelines/phantom/anatomy.h"
#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

// That the other side is affected, too. Chosen below the 75 % of patients of von Kalle 2013, since
// not each lesion of such a patient has a twin.
constexpr double kMirrorChance = 0.55;
// Of soft-tissue oedema around the bone. Chosen below the 22 of 42 of Falip 2013, who saw children
// with symptoms.
constexpr double kHaloChance = 0.3;
// The rest is chosen. A lesion: an ellipsoid with an irregular outline, and how it is drawn.
constexpr double kMostElongation = 1.6, kLeastStrength = 0.5, kHaloStrength = 0.45;
constexpr double kLumps = 0.22, kLumpMm = 9;  // Amplitude, in radii, and size of irregularities.
constexpr double kEdgeEnd = 1.15, kEdgeWidth = 0.3;  // Oedema fades out over this, in radii.
constexpr double kLesionFrom = 0.5;                  // Share of the strength that is a lesion.
constexpr double kReachRadii = 1.7;                  // No lesion reaches farther.
constexpr double kRequiredMl = 0.4, kRequiredHandFootMl = 0.6;
constexpr double kLeastMarrowMm3 = 150, kApartMm = 30;  // Of a place; between two lesions.
constexpr int kLeastLesions = 3, kLesionSpan = 10;      // 3 to 12 are drawn.
constexpr int kMostAttempts = 400;
// Factors of the radius at a later time.
constexpr double kGrowLow = 1.3, kGrowHigh = 1.5, kShrinkLow = 0.55, kShrinkHigh = 0.72;
// Where a lesion's middle lies beside its site: along the bone, and on each axis.
constexpr Span kAlongMm = {-3, 5}, kAsideMm = {-2, 2};
constexpr double kLeastScale = 0.6;  // Lesions scale with the trunk, down to this.
// In a mixed course, up to these shares of the lesions grow, shrink, resolve; the others stay.
constexpr double kGrowUpTo = 0.25, kShrinkUpTo = 0.5, kResolveUpTo = 0.75;

struct Blob {
  Vec3 centre, along;
  double radius_mm = 8, elongation = 1, strength = 1, halo = 0;
  std::uint64_t shape = 0;
};

// A lesion of the baseline and its change.
struct Plan {
  const LesionSite* site = nullptr;
  Blob blob;
  std::string change;
};

const LesionSite* MirrorOf(const std::vector<LesionSite>& sites, const LesionSite& site) {
  std::string key = site.bone_and_side;
  const std::size_t right = key.rfind("_right"), left = key.rfind("_left");
  if (right != std::string::npos)
    key.replace(right, 6, "_left");
  else if (left != std::string::npos)
    key.replace(left, 5, "_right");
  else
    return nullptr;
  for (const LesionSite& other : sites) {
    if (other.bone_and_side == key) return &other;
  }
  return nullptr;
}

const LesionSite& DrawSite(const std::vector<LesionSite>& sites, Random& random) {
  double total = 0;
  for (const LesionSite& site : sites) total += site.weight;
  double at = random.Uniform(0, total);
  for (const LesionSite& site : sites) {
    at -= site.weight;
    if (at < 0) return site;
  }
  return sites.back();
}

Blob DrawBlob(const LesionSite& site, double scale, Random& random) {
  Blob blob;
  blob.along = site.along;
  blob.radius_mm = scale * random.Uniform(site.radius_low_mm, site.radius_high_mm);
  blob.elongation = random.Uniform(1.0, kMostElongation);
  blob.strength = random.Uniform(kLeastStrength, 1.0);
  blob.halo = random.Chance(kHaloChance) ? kHaloStrength : 0;
  blob.shape = random.Bits();
  const Vec3 jitter{Draw(kAsideMm, random), Draw(kAsideMm, random), Draw(kAsideMm, random)};
  blob.centre = site.point + Draw(kAlongMm, random) * blob.along + jitter;
  return blob;
}

// 0 in the middle, 1 at the edge, with an irregular outline.
class BlobDistance {
 public:
  explicit BlobDistance(const Blob& blob)
      : blob_(blob), lumps_(blob.shape, {kLumpMm, kLumpMm, kLumpMm}) {}
  double At(Vec3 p) const {
    const Vec3 d = p - blob_.centre;
    const double along = Dot(d, blob_.along);
    const double across2 = std::max(0.0, Dot(d, d) - along * along);
    const double long_radius = blob_.radius_mm * blob_.elongation;
    return std::sqrt(along * along / (long_radius * long_radius) +
                     across2 / (blob_.radius_mm * blob_.radius_mm)) +
           kLumps * lumps_.At(p);
  }

 private:
  const Blob& blob_;
  SmoothField lumps_;
};

template <typename Visit>  // Visit(index, point)
void ForEachNear(const Body& body, Vec3 centre, double reach_mm, Visit visit) {
  const VolumeGeometry& g = body.tissue.geometry();
  const Affine voxel_from_patient = Inverse(g.patient_from_voxel);
  const Vec3 c = voxel_from_patient(centre);
  const int reach = static_cast<int>(std::ceil(reach_mm / body.spacing_mm()));
  const int ci = static_cast<int>(c.x), cj = static_cast<int>(c.y), ck = static_cast<int>(c.z);
  for (int k = std::max(0, ck - reach); k <= std::min(g.slices - 1, ck + reach); ++k)
    for (int j = std::max(0, cj - reach); j <= std::min(g.rows - 1, cj + reach); ++j)
      for (int i = std::max(0, ci - reach); i <= std::min(g.columns - 1, ci + reach); ++i) {
        visit(body.tissue.Index(i, j, k),
              g.patient_from_voxel(
                  {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)}));
      }
}

bool SameBone(UnitId a, UnitId b) {
  if (a == 0 || b == 0) return false;
  return UnitOf(a).bone == UnitOf(b).bone && UnitOf(a).side == UnitOf(b).side;
}

bool Marrow(Tissue t) { return t == Tissue::kMarrow || t == Tissue::kPhysis; }
bool Soft(Tissue t) { return t == Tissue::kMuscle || t == Tissue::kFat; }

PhantomLesion DrawInto(Body& body, int id, UnitId unit, const Blob& blob) {
  PhantomLesion truth{
      .id = id, .unit = unit, .radius_mm = blob.radius_mm, .strength = blob.strength};
  truth.soft_tissue = blob.halo > 0;
  const BlobDistance distance(blob);
  const double voxel_ml = std::pow(body.spacing_mm(), 3) / 1000;
  std::size_t count = 0;
  Vec3 sum;
  std::vector<std::size_t> of_unit(BoneUnits().size() + 1);
  ForEachNear(body, blob.centre, kReachRadii * blob.radius_mm * blob.elongation,
              [&](std::size_t at, Vec3 p) {
                const bool marrow = Marrow(body.tissue[at]) && SameBone(body.units[at], unit);
                const bool halo = blob.halo > 0 && Soft(body.tissue[at]);
                if (!marrow && !halo) return;
                const double d = distance.At(p);
                const double edge = std::clamp((kEdgeEnd - d) / kEdgeWidth, 0.0, 1.0);
                const double value = (marrow ? 1 : blob.halo) * edge * blob.strength;
                body.oedema[at] = std::max(body.oedema[at], static_cast<std::uint8_t>(255 * value));
                if (!marrow || edge < kLesionFrom || body.lesion_id[at] != 0) return;
                body.lesion_id[at] = static_cast<std::uint8_t>(id);
                ++of_unit[body.units[at]];
                ++count;
                sum = sum + p;
              });
  if (count == 0) return truth;
  truth.volume_ml = static_cast<double>(count) * voxel_ml;
  truth.centre_mm = (1 / static_cast<double>(count)) * sum;
  truth.unit =
      static_cast<UnitId>(std::max_element(of_unit.begin(), of_unit.end()) - of_unit.begin());
  const double least_ml = UnitOf(truth.unit).hand_or_foot() ? kRequiredHandFootMl : kRequiredMl;
  truth.required = truth.volume_ml >= least_ml;
  return truth;
}

// Whether there is enough marrow for a lesion.
bool HasMarrow(const Body& body, UnitId unit, const Blob& blob) {
  std::size_t count = 0;
  const BlobDistance distance(blob);
  ForEachNear(body, blob.centre, blob.radius_mm, [&](std::size_t at, Vec3 p) {
    if (Marrow(body.tissue[at]) && SameBone(body.units[at], unit) && body.lesion_id[at] == 0 &&
        distance.At(p) < 1)
      ++count;
  });
  return static_cast<double>(count) * std::pow(body.spacing_mm(), 3) > kLeastMarrowMm3;
}

std::vector<Plan> DrawBaseline(const Body& body, int count, Random& random) {
  std::vector<Plan> plans;
  const auto taken = [&](const LesionSite& site) {
    return std::any_of(plans.begin(), plans.end(), [&](const Plan& p) {
      return p.site == &site || Norm(p.blob.centre - site.point) < kApartMm;
    });
  };
  const double scale = std::clamp(body.plan.pelvis.scale, kLeastScale, 1.0);
  const LesionSite* wanted = nullptr;
  for (int attempt = 0; attempt < kMostAttempts && static_cast<int>(plans.size()) < count;
       ++attempt) {
    const LesionSite& site = wanted ? *wanted : DrawSite(body.sites, random);
    const bool is_mirror = wanted != nullptr;
    wanted = nullptr;
    const Blob blob = DrawBlob(site, scale, random);
    if (taken(site) || !HasMarrow(body, site.unit, blob)) continue;
    plans.push_back({&site, blob, ""});
    if (!is_mirror && random.Chance(kMirrorChance)) wanted = MirrorOf(body.sites, site);
  }
  return plans;
}

void Change(PhantomCourse course, Random& random, Plan& plan) {
  const double draw = random.Uniform(0, 1), grow = random.Uniform(kGrowLow, kGrowHigh),
               shrink = random.Uniform(kShrinkLow, kShrinkHigh);
  const bool mixed = course == PhantomCourse::kMixed;
  if (course == PhantomCourse::kGrow || (mixed && draw < kGrowUpTo)) {
    plan.blob.radius_mm *= grow;
    plan.change = "grown";
  } else if (course == PhantomCourse::kShrink || (mixed && draw < kShrinkUpTo)) {
    plan.blob.radius_mm *= shrink;
    plan.change = "shrunk";
  } else if (course == PhantomCourse::kResolve || (mixed && draw < kResolveUpTo)) {
    plan.change = "resolved";
  } else {
    plan.change = "unchanged";
  }
}

}  // namespace

std::vector<PhantomLesion> DrawLesions(const PhantomOptions& options, Body& body) {
  Random random(options.seed, "lesions");
  const int drawn = kLeastLesions + random.Index(kLesionSpan);
  const int count = options.lesions >= 0 ? options.lesions : drawn;
  const bool mixed = options.course == PhantomCourse::kMixed;
  std::vector<Plan> plans = DrawBaseline(body, mixed ? count + 1 : count, random);
  if (options.course != PhantomCourse::kBaseline) {
    Random course(options.seed, "course");
    for (Plan& plan : plans) Change(options.course, course, plan);
    if (mixed && static_cast<int>(plans.size()) > count) plans.back().change = "new";
  }
  std::vector<PhantomLesion> rows;
  for (const Plan& plan : plans) {
    const int id = static_cast<int>(rows.size()) + 1;
    if (plan.change == "resolved") {
      rows.push_back({.id = id,
                      .unit = plan.site->unit,
                      .centre_mm = plan.blob.centre,
                      .change = plan.change});
      continue;
    }
    rows.push_back(DrawInto(body, id, plan.site->unit, plan.blob));
    rows.back().change = plan.change;
  }
  return rows;
}

namespace {

// A mild round focus in the marrow around `centre`.
void DrawFocus(Body& body, Vec3 centre, double radius_mm, double strength) {
  ForEachNear(body, centre, kVariantReach * radius_mm, [&](std::size_t at, Vec3 p) {
    if (!Marrow(body.tissue[at]) || body.lesion_id[at] != 0) return;
    const double value =
        strength *
        std::clamp((kVariantEnd - Norm(p - centre) / radius_mm) / kVariantEdge, 0.0, 1.0);
    body.oedema[at] = std::max(body.oedema[at], static_cast<std::uint8_t>(255 * value));
  });
}

// Marrow points of the unit, every second voxel along each axis.
std::vector<Vec3> MarrowPoints(const Body& body, UnitId unit) {
  std::vector<Vec3> points;
  const VolumeGeometry& g = body.tissue.geometry();
  for (int k = 0; k < g.slices; k += 2)
    for (int j = 0; j < g.rows; j += 2)
      for (int i = 0; i < g.columns; i += 2) {
        const std::size_t at = body.tissue.Index(i, j, k);
        if (body.units[at] != unit || body.tissue[at] != Tissue::kMarrow) continue;
        points.push_back(g.patient_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)}));
      }
  return points;
}

}  // namespace

int DrawVariants(const PhantomOptions& options, Body& body) {
  if (!body.plan.variants) return 0;
  Random random(options.seed, "variants");
  int drawn = 0;
  const auto foci = [&](const char* key, int count) {
    const std::vector<Vec3> points = MarrowPoints(body, *UnitByKey(key));
    for (int n = 0; n < count && !points.empty(); ++n, ++drawn) {
      const Vec3 at =
          points[static_cast<std::size_t>(random.Index(static_cast<int>(points.size())))];
      const double strength = Draw(kFocusStrength, random);
      DrawFocus(body, at, Draw(kFocusMm, random), strength);
    }
  };
  for (const char* side : {"right", "left"}) {
    foci((std::string("foot_") + side).c_str(), kLeastFootFoci + random.Index(kFootFociSpan));
    foci((std::string("hand_") + side).c_str(), random.Index(kHandFociSpan));
  }
  for (const LesionSite& site : body.sites) {  // Closing physes at the knee.
    const bool knee = site.bone_and_side.starts_with("femur_distal") ||
                      site.bone_and_side.starts_with("tibia_proximal");
    if (!knee || !body.plan.open_physes || !random.Chance(kClosingChance)) continue;
    const double strength = Draw(kClosingStrength, random), radius_mm = Draw(kClosingMm, random);
    if (body.plan.age_years < kClosingFromYears) continue;
    DrawFocus(body, site.point + kMetaphysisMm * site.along, radius_mm, strength);
    ++drawn;
  }
  if (random.Chance(kSacralChance)) {  // Sacral flaring, both sides.
    const double strength = Draw(kSacralStrength, random);
    for (const LesionSite& site : body.sites) {
      if (!site.bone_and_side.starts_with("sacral_wing")) continue;
      DrawFocus(body, site.point, kSacralRadiusMm, strength);
      ++drawn;
    }
  }
  return drawn;
}

}  // namespace osteon::phantom
