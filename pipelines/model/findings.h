// SPDX-License-Identifier: GPL-3.0-or-later
// The findings of a study. SR, SEG, pictures, findings.json and the comparison are all made from
// them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/model/bone_units.h"
#include "pipelines/model/run_context.h"
#include "pipelines/model/skeleton.h"
#include "pipelines/model/study.h"
#include "pipelines/model/volume.h"

namespace osteon {

// A number, or the reason why there is none.
struct Measured {
  std::optional<double> value;
  std::string not_assessed;  // Reason in English when there is no value: "no ADC series".
  static Measured Of(double v) { return {v, {}}; }
  static Measured NotAssessed(std::string why) { return {std::nullopt, std::move(why)}; }
};

enum class LesionClass { kLesion, kIndeterminate, kNormalVariant };
std::string_view Name(LesionClass c);

// Where in the bone.
enum class Segment {
  kUnknown,
  kEpiphysis,
  kMetaphysis,
  kDiaphysis,
  kMedialEnd,  // Of a clavicle, as kLateralEnd.
  kLateralEnd,
  kFlatBone,
  kVertebra
};
std::string_view Name(Segment s);

enum class PhysisRelation { kNotAssessed, kTouches, kCrosses, kNear, kRemote };
std::string_view Name(PhysisRelation r);

// Against the prior report (stages/followup/compare.h).
enum class Change { kNoPrior, kNew, kWorse, kStable, kImproved, kResolved, kNotComparable };
std::string_view Name(Change c);

// A reason for a class of change, as a code of stages/followup/compare.h; report/words.h has the
// words.
struct ChangeReason {
  std::string code;             // "volume".
  std::optional<double> value;  // Its number, where the code has one: percent of change.
  friend bool operator==(const ChangeReason&, const ChangeReason&) = default;
};

// A candidate that the detector judged. `label` is its number in LesionMap::labels.
struct Candidate {
  int label = 0;
  UnitId unit = 0;
  LesionClass judgement = LesionClass::kIndeterminate;
  double probability = 0;  // Calibrated probability of a lesion, 0..1.
  // The same if no other lesion of the study were sure (stages/detect/company.h); nothing where
  // none is, and where a rule keeps the candidate from being a lesion.
  std::optional<double> probability_if_only;
  double coil_share = 1;  // What the coils get from its place (stages/detect/anchors.h).
  std::map<std::string, double> features;  // For --explain; names are those of the classifier.
  std::vector<std::string> reasons;        // Deciding reasons in plain words, strongest first.
};

// Anchors of the study, in units of the composed STIR; medians, and their absolute deviation.
struct Anchors {
  double muscle = 0, muscle_spread = 0;
  std::optional<double> fluid;  // Cerebrospinal fluid, bladder or joint.
  double noise = 0;
  std::map<UnitId, double> marrow;  // Normal marrow of each unit with enough of it.
};

struct LesionMap {
  Volume<std::uint16_t> labels;  // On the composed grid; 0 background, else Candidate::label.
  std::vector<Candidate> candidates;
  Anchors anchors;
};

struct Lesion {
  int number = 0;  // From 1, in the order of the report; the same number in SR, SEG, pictures.
  int label = 0;   // In LesionMap::labels.
  std::string tracking_uid;  // Stable over time points.
  std::string
      tracking_id;  // "left distal femur 1": stable over time points as well, so without `number`.
  LesionClass judgement = LesionClass::kLesion;
  // A lesion below cutoffs::kCertainFrom is uncertain, and the report says so: a site may mark such
  // ones (DetectOptions::lesion_probability).
  double probability = 0;
  std::optional<double> probability_if_only;  // As Candidate's.
  std::vector<std::string> reasons;

  UnitId unit = 0;
  // Bones in the midline only: the side of it on which the centroid lies; kNone in its middle.
  Side midline_side = Side::kNone;
  Segment segment = Segment::kUnknown;
  PhysisRelation physis = PhysisRelation::kNotAssessed;
  Measured physis_distance_mm;
  Measured along_bone;  // 0 proximal end .. 1 distal end of the unit.

  double volume_ml = 0;
  // Diameters along the principal axes of the voxels, longest first, mm.
  double length_mm = 0, width_mm = 0, depth_mm = 0;
  Vec3 centroid_mm;
  Vec3 long_axis_start_mm, long_axis_end_mm;  // Both inside or on the lesion's surface.
  int key_slice = 0;                          // Slice of the composed grid with the largest area.
  Measured share_of_unit_percent;

  Measured stir_to_muscle;  // Ratio of medians.
  Measured stir_position;   // q = (lesion - marrow) / (fluid there - marrow); 0 marrow, 1 fluid
                            // (anchors.h).
  Measured signal_grade;    // 0, 1 or 2, by q (cutoffs::kGradeOneFrom, kGradeTwoFrom).
  Measured t1_to_muscle;
  Measured adc_mean_um2_per_s;  // 10^-6 mm2/s
  Measured enhancement_ratio;   // Post-contrast T1, lesion over muscle.
  Measured periosteal_mm;       // Length of a bright rim outside the cortex.
  Measured soft_tissue_ml;
  Measured expansion_ratio;      // Cross-section against the mirror unit.
  Measured height_loss_percent;  // Vertebral bodies.
  Measured centre_to_rim;        // Median of the centre over the rim: low in a ring.

  Change change = Change::kNoPrior;
  std::vector<ChangeReason> change_reasons;
  Measured prior_volume_ml;
  // Centroid of the earlier lesion that this one is, in the coordinates of the earlier study: they
  // are not those of this one, since the patient lay elsewhere. Nothing where there is none or its
  // report does not say. Of a lesion read from a prior report, its own.
  std::optional<Vec3> prior_centroid_mm;
};

// The side of its bone, or of the midline (stages/lesion/lesion_site.h).
inline Side SideOf(const Lesion& lesion) {
  const Side of_bone = UnitOf(lesion.unit).side;
  return of_bone == Side::kNone ? lesion.midline_side : of_bone;
}

// A right and a left lesion at the same place.
struct SymmetricPair {
  int right_lesion = 0, left_lesion = 0;  // Lesion::number.
};

// How strongly a flag speaks against CNO; stages/lesion/red_flags.h has the reasons.
enum class FlagStrength { kWeak, kStrong };
std::string_view Name(FlagStrength s);  // "weak", "strong"

// A red flag as data: stages/lesion/red_flags.h defines codes and values, report/flag_words.cc has
// the words.
struct RedFlag {
  std::string code;            // "ring_like_lesion"
  std::string suggests;        // "mycobacteriosis"
  std::vector<double> values;  // The measurements that raised it.
  std::vector<int> lesions;    // Lesion::number of those that did.
  FlagStrength strength = FlagStrength::kWeak;
  bool uncertain = false;  // Raised only together with lesions of a probability under 0.5.
};

// One imaging item of published criteria. No score is made of them, since other items are not
// imaging.
struct CriterionItem {
  std::string criteria;  // "Jansson 2009"
  std::string item;      // "symmetric lesions"
  bool present = false;
  bool uncertain = false;  // Present only together with lesions below cutoffs::kCertainFrom.
};

// How the lesions lie in the body (stages/lesion/patient_summary.h).
struct Distribution {
  bool multifocal = false;
  std::vector<SymmetricPair> symmetric_pairs;
  std::string pattern;  // "tibio-appendicular", "claviculo-spinal", "mixed", "none".
};

struct PatientSummary {
  int lesion_count = 0;  // Without hands and feet.
  int hand_foot_count = 0;
  int indeterminate_count = 0;
  double total_volume_ml = 0;
  double burden = 0;  // "CNO burden (experimental)".
  std::string burden_version;
  bool multifocal = false;  // These three as in Distribution.
  std::vector<SymmetricPair> symmetric_pairs;
  std::string pattern;
  Distribution of_certain;  // The last three, of lesions from cutoffs::kCertainFrom on alone.
  std::vector<RedFlag> red_flags;
  bool atypical = false;  // The flags make the findings atypical for CNO: AtypicalForCno.
  std::vector<CriterionItem> criteria;
  bool urgent_height_loss = false;
};

struct PriorReference {
  std::string study_instance_uid, study_date;
  std::string sr_series_instance_uid, sr_sop_class_uid, sr_sop_instance_uid;
  // Lesions of the prior that are gone, numbered after all marks. centroid_mm is the same place on
  // the axis of today's bone; without prior_centroid_mm it means nothing.
  std::vector<Lesion> resolved;
  std::map<Change, int> counts;
};

// How the STIR or water series was acquired.
struct Technique {
  Plane plane = Plane::kCoronal;
  Contrast contrast = Contrast::kOther;  // kStir or kDixonWater; kOther when none was taken.
  int stations = 0;                      // 0: one composed series.
  Vec3 spacing_mm;                       // Column, row, slice.
  std::optional<double> field_strength_t, repetition_time_ms, echo_time_ms, inversion_time_ms;
  std::vector<Contrast> others;  // Other contrasts in use: T1, diffusion ...
};

struct RelatedRadiograph {
  std::string study_instance_uid, modality, body_part, study_date;
};

struct Findings {
  bool evaluable = true;
  std::string not_evaluable_reason;
  std::vector<Lesion> lesions;  // judgement kLesion, by number.
  std::vector<Lesion>
      other_marks;  // Indeterminate and normal variants, numbered after the lesions.
  PatientSummary patient;
  Anchors anchors;
  std::vector<UnitId> not_imaged, partly_imaged;
  std::vector<UnitFrame> unit_frames;
  std::optional<PriorReference> prior;
  std::vector<RelatedRadiograph> radiographs;
  std::optional<double> age_years;
  Technique technique;
  double coverage_mm = 0;
  std::vector<Caveat> caveats;
};

}  // namespace osteon
