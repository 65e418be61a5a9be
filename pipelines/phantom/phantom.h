// SPDX-License-Identifier: GPL-3.0-or-later
// A synthetic whole-body MRI study with known lesions, for the demo, the self-test, the end-to-end
// tests and measurements without patients.
//
// The body is analytic (README.md): a jointed skeleton of every bone unit, soft tissue, organs and
// fluid spaces; the signal is that of spin echo and inversion recovery from T1, T2 and proton
// density; then coil, stations, incomplete fat suppression and Rician noise. The same options give
// the same bytes on the same machine: no wall clock, one seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/model/bone_units.h"
#include "pipelines/model/geometry.h"
#include "pipelines/model/run_context.h"
#include "pipelines/truth/truth.h"

namespace osteon {

enum class PhantomSeries { kStir, kT1, kDiffusion };  // Diffusion: b50, b800 and ADC.
// "stir", "t1", "dwi", separated by commas. kInvalidInput names a word that is none of them.
Result<std::vector<PhantomSeries>> ParsePhantomSeries(const std::string& comma_separated);

// The vendor whose names for series and manufacturer the files have; the physics is the same.
enum class PhantomVendor { kSiemens, kGe, kPhilips };

// The same patient (same seed) at a later time: how the lesions of kBaseline have changed.
enum class PhantomCourse { kBaseline, kGrow, kShrink, kResolve, kMixed, kUnchanged };

struct PhantomOptions {
  std::filesystem::path out;  // Made when missing; existing files are overwritten.
  std::uint64_t seed = 1;     // Body, pose, lesions and noise.
  int lesions = -1;           // 0..40; -1: drawn, 3 to 12.
  bool stations = false;      // One series per table position, not one composed series.
  std::vector<PhantomSeries> series = {PhantomSeries::kStir};

  bool child = false;  // Drawn age 6 to 15 years: growth plates, red marrow, normal variants.
  std::optional<double> age_years;  // 3 to 80; with it `child` is age < 17.
  std::optional<double> height_mm;  // 900 to 2000; else by age.
  bool healthy_variants = false;    // Normal variants in an adult too; a child always has them.
  PhantomCourse course = PhantomCourse::kBaseline;

  PhantomVendor vendor = PhantomVendor::kSiemens;
  double tesla = 1.5;         // 1.5 or 3.0.
  double in_plane_mm = 1.5;   // 1.0 to 3.0
  double slice_mm = 5.0;      // 3.0 to 8.0; slice thickness.
  double gap_mm = 1.0;        // 0.0 to 3.0; between slices.
  double muscle_snr = 18.0;   // 5 to 100; muscle STIR signal over noise sigma.
  double fat_failure = 0.15;  // 0 to 1; share of fat signal that comes through at the worst places.

  // Empty: derived from the seed. DICOM text in ISO_IR 192 (UTF-8); at most 64 bytes each.
  std::string patient_id;
  std::string patient_name;
  // YYYYMMDD, not before the birth. The patient is born on 1 January, and in 2026 as old as
  // `age_years` says; the date changes the age in the files, but not the body.
  std::string study_date = "20260301";
};

struct PhantomLesion {
  int id = 0;  // Label in truth.npz, from 1.
  UnitId unit = 0;
  Vec3 centre_mm = {};       // LPS
  double volume_ml = 0;      // Of voxels with more than half the lesion's strength.
  double radius_mm = 0;      // As drawn, before it is cut to the bone.
  double strength = 0;       // Fraction of full oedema, 0..1.
  bool soft_tissue = false;  // Oedema around the bone as well.
  // Large enough that a detector should find it: 0.4 ml, in hands and feet 0.6 ml. Chosen.
  bool required = false;
  std::string change =
      {};  // "", "new", "grown", "shrunk", "resolved", "unchanged": against kBaseline.
};

struct PhantomTruth {
  std::string study_instance_uid;
  double age_years = 0, height_mm = 0;
  std::vector<PhantomLesion> lesions;
  int variants = 0;   // Normal variants drawn.
  int instances = 0;  // DICOM files written.
  int series = 0;
  std::vector<UnitId> units;  // Bone units with voxels: all of BoneUnits().
};

// Writes out/dicom/<series>/<n>.dcm, out/truth.json and out/truth.npz (arrays `lesions` and
// `units`, uint8 [z head first, y front first, x right first] on the grid named in truth.json).
// Errors: kInvalidInput names the option that is out of range; kUnavailable when a file cannot be
// written; kCancelled.
Result<PhantomTruth> WritePhantom(const PhantomOptions& options, RunContext& run);

// The lesions as a report is compared with them.
std::vector<DrawnLesion> DrawnLesions(const PhantomTruth& truth);

}  // namespace osteon
