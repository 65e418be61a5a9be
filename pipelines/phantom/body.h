// SPDX-License-Identifier: GPL-3.0-or-later
// The synthetic body: what tissue and which bone unit each point is. Bones are described as solids
// (Bone), then the whole is drawn into voxels once, soft tissue first, bones over it, canal and
// discs last.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/bone_units.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/volume.h"
#include "pipelines/phantom/plan.h"
#include "pipelines/phantom/shape.h"

namespace osteon::phantom {

enum class Tissue : std::uint8_t {
  kAir,
  kSkin,
  kFat,
  kMuscle,
  kCortex,
  kMarrow,
  kCartilage,
  kPhysis,
  kBrain,
  kWhiteMatter,
  kCsf,
  kCord,
  kBlood,
  kFlowVoid,
  kLung,
  kLiver,
  kSpleen,
  kKidney,
  kFluid,
  kBowel,
  kGland,
  kNode,
  kDisc,
  kCount,
};

// A place where bone marrow oedema is typical: beside a growth plate, or its equivalent in flat
// bones.
struct LesionSite {
  std::string bone_and_side;  // Mirror sites differ by side only: "femur_distal" + side.
  UnitId unit = 0;
  Vec3 point;                                    // LPS mm
  Vec3 along{0, 0, 1};                           // Long axis of the bone there.
  double radius_low_mm = 0, radius_high_mm = 0;  // Of lesions there.
  double weight = 0;                             // Relative frequency.
};

// A growth plate, or where it was: a disc through the bone.
struct PhysisSite {
  Vec3 point, normal;  // Normal to the epiphysis.
  double radius_mm = 20;
};

struct Bone {
  std::string bone;  // BoneUnit::bone
  Side side = Side::kNone;
  std::vector<Piece> pieces = {};
  // From kBoneTissue (anatomy.h).
  double cortex_mm = 0;
  double red_adult = 0, red_child = 0;            // Red marrow fraction of the shaft or the whole.
  double red_ends_adult = 0, red_ends_child = 0;  // Of the ends of long bones.
  // Long bones: proximal and distal end of the axis.
  bool long_bone = false;
  Vec3 proximal = {}, distal = {};
  std::vector<PhysisSite> physes = {};
};

struct BoneSet {
  std::vector<Bone> bones;
  std::vector<LesionSite> sites;
};

// Adds to `set`. One file each.
void AddHead(const BodyPlan& plan, BoneSet& set);
void AddTrunk(const BodyPlan& plan, BoneSet& set);
void AddShoulderGirdle(const BodyPlan& plan, BoneSet& set);
void AddPelvis(const BodyPlan& plan, BoneSet& set);
void AddArms(const BodyPlan& plan, BoneSet& set);
void AddHands(const BodyPlan& plan, BoneSet& set);
void AddLegs(const BodyPlan& plan, BoneSet& set);
void AddFeet(const BodyPlan& plan, BoneSet& set);

// A vertebra and its place, for bones, discs and canal.
struct VertebraPlace {
  std::string bone;  // "lumbar_spine"
  Frame frame;       // Origin at the body's centre, z along the spine.
  double half_width, half_depth, half_height, disc_mm;
};
std::vector<VertebraPlace> Vertebrae(const BodyPlan& plan);  // From L5 up to C1.

// A solid of soft tissue, drawn in the order of the list.
struct SoftPart {
  Tissue tissue;
  std::vector<Piece> pieces;
};
// The surface of the body: pieces, each with its fat layer.
struct Envelope {
  std::vector<Piece> pieces;
  std::vector<double> fat_mm;
};
Envelope BodyEnvelope(const BodyPlan& plan);
// Drawn under the bones; `seed` places the bowel.
std::vector<SoftPart> OrgansAndVessels(const BodyPlan& plan, std::uint64_t seed);
// Cartilage and fluid: of the trunk under all bones; of the limbs over the trunk's bones (a socket
// is cut by its cartilage) and under the limbs'.
std::vector<SoftPart> TrunkJoints(const BodyPlan& plan);
std::vector<SoftPart> LimbJoints(const BodyPlan& plan);
std::vector<SoftPart> CanalBrainAndDiscs(const BodyPlan& plan);  // Over the bones.

struct Body {
  BodyPlan plan;
  // Isotropic grid; i to the patient's left, j to the feet, k to the back, as ComposedVolume.
  Volume<Tissue> tissue;
  Volume<UnitId> units;
  Volume<std::uint8_t> red;        // Red marrow fraction * 255, in marrow.
  Volume<std::uint8_t> oedema;     // Strength of lesions and variants * 255.
  Volume<std::uint8_t> lesion_id;  // Truth.
  std::vector<LesionSite> sites;
  std::vector<PhysisSite> physes;

  double spacing_mm() const { return Norm(tissue.geometry().patient_from_voxel.step_i); }
};

// kCancelled.
Result<Body> BuildBody(const BodyPlan& plan, std::uint64_t seed, double spacing_mm,
                       RunContext& run);

}  // namespace osteon::phantom
