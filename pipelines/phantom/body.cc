// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/phantom/body.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "pipelines/phantom/anatomy.h"
#include "pipelines/phantom/random.h"

namespace osteon::phantom {
namespace {

constexpr double kMarginMm = 14;  // Of air around the body. Chosen.

struct IndexBox {
  int i0, i1, j0, j1, k0, k1;  // [0, 1)
};

// Points of the grid by index; j runs to the feet.
Vec3 PointOf(const VolumeGeometry& g, int i, int j, int k) {
  return g.patient_from_voxel(
      {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
}

IndexBox Clip(const VolumeGeometry& g, const PatientBox& box) {
  const Vec3 o = g.patient_from_voxel.origin;
  const double s = Norm(g.patient_from_voxel.step_i);
  const auto low = [](double v) { return std::max(0, static_cast<int>(std::floor(v))); };
  const auto high = [](double v, int n) {
    return std::clamp(static_cast<int>(std::ceil(v)) + 1, 0, n);
  };
  return {low((box.low.x - o.x) / s),  high((box.high.x - o.x) / s, g.columns),
          low((o.z - box.high.z) / s), high((o.z - box.low.z) / s, g.rows),
          low((box.low.y - o.y) / s),  high((box.high.y - o.y) / s, g.slices)};
}

template <typename Visit>  // Visit(index, point)
void ForEach(const VolumeGeometry& g, const IndexBox& box, Visit visit) {
  for (int k = box.k0; k < box.k1; ++k) {
    for (int j = box.j0; j < box.j1; ++j) {
      const auto row = (static_cast<std::size_t>(k) * static_cast<std::size_t>(g.rows) +
                        static_cast<std::size_t>(j)) *
                       static_cast<std::size_t>(g.columns);
      for (int i = box.i0; i < box.i1; ++i) {
        visit(row + static_cast<std::size_t>(i), PointOf(g, i, j, k));
      }
    }
  }
}

// The same on two threads, front and back half. `visit` must touch nothing but its own voxel.
template <typename Visit>
void InHalves(const VolumeGeometry& g, const IndexBox& box, Visit visit) {
  const int middle = (box.k0 + box.k1) / 2;
  IndexBox front = box, back = box;
  front.k1 = back.k0 = middle;
  std::thread other([&] { ForEach(g, back, visit); });
  ForEach(g, front, visit);
  other.join();
}

VolumeGeometry GridAround(const std::vector<Piece>& surface, double spacing_mm) {
  const PatientBox box = BoundsOf(surface);
  const auto count = [&](double extent) {
    return static_cast<int>(std::ceil((extent + 2 * kMarginMm) / spacing_mm));
  };
  VolumeGeometry g;
  g.columns = count(box.high.x - box.low.x);
  g.rows = count(box.high.z - box.low.z);
  g.slices = count(box.high.y - box.low.y);
  g.patient_from_voxel = {{spacing_mm, 0, 0},
                          {0, 0, -spacing_mm},
                          {0, spacing_mm, 0},
                          {box.low.x - kMarginMm, box.low.y - kMarginMm, box.high.z + kMarginMm}};
  return g;
}

void DrawSurface(const Envelope& surface, std::uint64_t seed, Volume<Tissue>& tissue) {
  // Depth over fat thickness, in 1/60, from 1; 0 outside. Two limbs that touch merge by the larger
  // value.
  constexpr double kSteps = 60;
  Volume<std::uint8_t> layer(tissue.geometry());
  for (std::size_t n = 0; n < surface.pieces.size(); ++n) {
    const Piece& piece = surface.pieces[n];
    const IndexBox box = Clip(layer.geometry(), piece.Bounds());
    InHalves(layer.geometry(), box, [&](std::size_t at, Vec3 p) {
      const double depth = piece.Depth(p);
      if (depth < 0) return;
      const double value = std::min(255.0, 1 + kSteps * depth / surface.fat_mm[n]);
      layer[at] = std::max(layer[at], static_cast<std::uint8_t>(value));
    });
  }
  const SmoothField septa(seed ^ 0x5e97a, kSeptumMm);
  const IndexBox all{0, layer.geometry().columns, 0, layer.geometry().rows,
                     0, layer.geometry().slices};
  InHalves(layer.geometry(), all, [&](std::size_t at, Vec3 p) {
    if (layer[at] == 0) return;
    const double ratio = (layer[at] - 1) / kSteps;
    if (ratio < kSkinShare)
      tissue[at] = Tissue::kSkin;
    else if (ratio < 1 || std::abs(septa.At(p)) < kSeptumBelow)
      tissue[at] = Tissue::kFat;
    else
      tissue[at] = Tissue::kMuscle;
  });
}

void DrawParts(const std::vector<SoftPart>& parts, Volume<Tissue>& tissue, Volume<UnitId>& units) {
  for (const SoftPart& part : parts) {
    for (const Piece& piece : part.pieces) {
      ForEach(tissue.geometry(), Clip(tissue.geometry(), piece.Bounds()),
              [&](std::size_t at, Vec3 p) {
                if (tissue[at] == Tissue::kAir || piece.Depth(p) < 0) return;
                tissue[at] = part.tissue;
                units[at] = 0;
              });
    }
  }
}

// Grey matter folds around white matter, with fluid in the sulci.
void FoldBrain(std::uint64_t seed, Volume<Tissue>& tissue) {
  const SmoothField folds(seed ^ 0xb4a1, kBrainFoldMm);
  const VolumeGeometry& g = tissue.geometry();
  ForEach(g, {0, g.columns, 0, g.rows, 0, g.slices}, [&](std::size_t at, Vec3 p) {
    if (tissue[at] != Tissue::kBrain) return;
    const double fold = folds.At(p);
    if (fold > kSulcusFrom) tissue[at] = Tissue::kCsf;
    if (fold < kWhiteMatterBelow) tissue[at] = Tissue::kWhiteMatter;
  });
}

// The bone unit at fraction t of the bone's axis.
class UnitsOfBone {
 public:
  explicit UnitsOfBone(const Bone& bone) {
    const std::string side = bone.side == Side::kNone ? "" : "_" + std::string(Name(bone.side));
    const auto key = [&](const char* part) { return *UnitByKey(bone.bone + part + side); };
    if (bone.long_bone) {
      parts_ = {key("_proximal"), key("_diaphysis"), key("_distal")};
    } else {
      parts_ = {key(""), key(""), key("")};
    }
  }
  UnitId At(double t) const {
    return t < kProximalEnd ? parts_[0] : t <= kDistalStart ? parts_[1] : parts_[2];
  }

 private:
  std::array<UnitId, 3> parts_;
};

double FractionAlong(const Bone& bone, Vec3 p) {
  if (!bone.long_bone) return 0.5;
  const Vec3 axis = bone.distal - bone.proximal;
  return Dot(p - bone.proximal, axis) / Dot(axis, axis);
}

double RedFraction(const Bone& bone, const BodyPlan& plan, Vec3 p, double t) {
  const double young =
      std::clamp((kRedAdultAge - plan.age_years) / kRedChildToAdultYears, 0.0, 1.0);
  const double shaft = (1 - young) * bone.red_adult + young * bone.red_child;
  if (!bone.long_bone) return shaft;
  for (const PhysisSite& physis : bone.physes) {
    if (Dot(p - physis.point, physis.normal) > 0 &&
        Norm(p - physis.point) < kEpiphysisRadii * physis.radius_mm)
      return kRedEpiphysis;
  }
  const double ends = (1 - young) * bone.red_ends_adult + young * bone.red_ends_child;
  const double w = std::clamp((std::abs(t - 0.5) - kRedShaftEnd) / kRedBlend, 0.0, 1.0);
  // In an adult only the proximal ends of femur and humerus keep red marrow.
  const double keep = t > 0.5 ? std::min(1.0, kRedDistalAdult + young) : 1;
  return (1 - w) * shaft + w * ends * keep;
}

bool InPhysis(const Bone& bone, Vec3 p) {
  return std::any_of(bone.physes.begin(), bone.physes.end(), [&](const PhysisSite& physis) {
    const Vec3 d = p - physis.point;
    return std::abs(Dot(d, physis.normal)) < kPhysisHalfWidthMm &&
           Norm(d) < kPhysisRadii * physis.radius_mm;
  });
}

void DrawBone(const Bone& bone, const SmoothField& patches, Body& body, std::vector<float>& depth) {
  const VolumeGeometry& g = body.tissue.geometry();
  const IndexBox box = Clip(g, BoundsOf(bone.pieces));
  const auto width = static_cast<std::size_t>(box.i1 - box.i0),
             height = static_cast<std::size_t>(box.j1 - box.j0);
  const auto local = [&](int i, int j, int k) {
    return (static_cast<std::size_t>(k - box.k0) * height + static_cast<std::size_t>(j - box.j0)) *
               width +
           static_cast<std::size_t>(i - box.i0);
  };
  depth.assign(width * height * static_cast<std::size_t>(box.k1 - box.k0), -1.0f);
  for (const Piece& piece : bone.pieces) {
    const IndexBox b = Clip(g, piece.Bounds());
    for (int k = b.k0; k < b.k1; ++k)
      for (int j = b.j0; j < b.j1; ++j)
        for (int i = b.i0; i < b.i1; ++i) {
          float& d = depth[local(i, j, k)];
          d = std::max(d, static_cast<float>(piece.Depth(PointOf(g, i, j, k))));
        }
  }
  const UnitsOfBone units(bone);
  const double cortex = bone.cortex_mm * body.plan.cortex * body.plan.pelvis.scale;
  for (int k = box.k0; k < box.k1; ++k)
    for (int j = box.j0; j < box.j1; ++j)
      for (int i = box.i0; i < box.i1; ++i) {
        const double d = static_cast<double>(depth[local(i, j, k)]);
        if (d < 0) continue;
        const std::size_t at = body.tissue.Index(i, j, k);
        const Vec3 p = PointOf(g, i, j, k);
        const double t = FractionAlong(bone, p);
        const double shell =
            bone.long_bone ? cortex * std::clamp(kShaftCortex - kCortexFall * std::abs(t - 0.5),
                                                 kLeastCortex, 1.0)
                           : cortex;
        body.units[at] = units.At(t);
        if (d < shell) {
          body.tissue[at] = Tissue::kCortex;
        } else if (body.plan.open_physes && InPhysis(bone, p)) {
          body.tissue[at] = Tissue::kPhysis;
        } else {
          body.tissue[at] = Tissue::kMarrow;
          const double red = std::clamp(
              RedFraction(bone, body.plan, p, t) + kRedPatches * patches.At(p), 0.0, 1.0);
          body.red[at] = static_cast<std::uint8_t>(255 * red);
        }
      }
}

}  // namespace

Result<Body> BuildBody(const BodyPlan& plan, std::uint64_t seed, double spacing_mm,
                       RunContext& run) {
  const Envelope surface = BodyEnvelope(plan);
  const VolumeGeometry grid = GridAround(surface.pieces, spacing_mm);
  Body body;
  body.plan = plan;
  body.tissue = Volume<Tissue>(grid);
  body.units = Volume<UnitId>(grid);
  body.red = Volume<std::uint8_t>(grid);
  body.oedema = Volume<std::uint8_t>(grid);
  body.lesion_id = Volume<std::uint8_t>(grid);
  DrawSurface(surface, seed, body.tissue);
  if (run.Cancelled()) return Cancelled("while the body was drawn");

  DrawParts(OrgansAndVessels(plan, seed), body.tissue, body.units);
  DrawParts(TrunkJoints(plan), body.tissue, body.units);
  BoneSet trunk, limbs;
  AddHead(plan, trunk);
  AddTrunk(plan, trunk);
  AddPelvis(plan, trunk);
  AddShoulderGirdle(plan, trunk);
  AddArms(plan, limbs);
  AddHands(plan, limbs);
  AddLegs(plan, limbs);
  AddFeet(plan, limbs);
  const SmoothField patches(seed ^ 0xbe11, kRedPatchMm);
  std::vector<float> depth;
  for (const Bone& bone : trunk.bones) DrawBone(bone, patches, body, depth);
  DrawParts(LimbJoints(plan), body.tissue, body.units);
  for (const Bone& bone : limbs.bones) DrawBone(bone, patches, body, depth);
  DrawParts(CanalBrainAndDiscs(plan), body.tissue, body.units);
  FoldBrain(seed, body.tissue);

  for (BoneSet* set : {&trunk, &limbs}) {
    body.sites.insert(body.sites.end(), set->sites.begin(), set->sites.end());
    for (const Bone& bone : set->bones) {
      body.physes.insert(body.physes.end(), bone.physes.begin(), bone.physes.end());
    }
  }
  if (run.Cancelled()) return Cancelled("while the skeleton was drawn");
  return body;
}

}  // namespace osteon::phantom
