// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/lesion/characterise.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "pipelines/base/uid.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/stages/lesion/criteria.h"
#include "pipelines/stages/lesion/lesion_signal.h"
#include "pipelines/stages/lesion/lesion_site.h"
#include "pipelines/stages/lesion/lesion_size.h"
#include "pipelines/stages/lesion/lesion_surroundings.h"
#include "pipelines/stages/lesion/patient_summary.h"
#include "pipelines/stages/lesion/red_flags.h"
#include "pipelines/stages/lesion/vertebra_height.h"

namespace osteon {
namespace {

using VoxelLists = std::vector<std::vector<VoxelIndex>>;

std::string SiteName(const BoneUnit& unit) {
  return unit.side == Side::kNone ? unit.name_en
                                  : std::string(Name(unit.side)) + " " + unit.name_en;
}

Lesion FromCandidate(const Candidate& candidate) {
  Lesion lesion;
  lesion.label = candidate.label;
  lesion.unit = candidate.unit;
  lesion.judgement = candidate.judgement;
  lesion.probability = candidate.probability;
  lesion.probability_if_only = candidate.probability_if_only;
  lesion.reasons = candidate.reasons;
  lesion.prior_volume_ml = Measured::NotAssessed("no prior report");
  return lesion;
}

// The order of the bone units (about head to foot, right before left), then head to foot.
bool Before(const Lesion& a, const Lesion& b) {
  if (a.unit != b.unit) return a.unit < b.unit;
  if (a.centroid_mm.z != b.centroid_mm.z) return a.centroid_mm.z > b.centroid_mm.z;
  return a.label < b.label;
}

// Gives numbers from `first` on, and tracking IDs that count within the unit, so that a new lesion
// in one bone does not change those of others. `in_unit` counts over the whole report, in which
// tracking IDs must differ: marks go on where the lesions of their unit end.
void Number(std::vector<Lesion>& lesions, int first, const char* kind,
            const std::string& fingerprint, std::map<UnitId, int>& in_unit) {
  std::sort(lesions.begin(), lesions.end(), Before);
  std::map<UnitId, int> of_kind;
  for (Lesion& lesion : lesions) {
    lesion.number = first++;
    const BoneUnit& unit = UnitOf(lesion.unit);
    lesion.tracking_id = fmt::format("{} {}", SiteName(unit), ++in_unit[lesion.unit]);
    lesion.tracking_uid = DeriveUid(
        fingerprint, fmt::format("tracking {} {} {}", kind, unit.key, ++of_kind[lesion.unit]));
  }
}

FlagMeasures MeasureForFlags(const std::vector<VoxelIndex>& voxels, const ComposedVolume& volume,
                             const Skeleton& skeleton, const LesionMap& map) {
  FlagMeasures out;
  out.signal_variation = SignalVariation(voxels, map.labels, volume.stir);
  out.b_high_to_muscle =
      RatioToMuscle(voxels, volume.b_high, "no diffusion series", volume, skeleton, map);
  return out;
}

// All measurements of one lesion. The order matters only where a header requires it.
Lesion Measure(const Candidate& candidate, const std::vector<VoxelIndex>& voxels,
               const ComposedVolume& volume, const Skeleton& skeleton, const LesionMap& map,
               const StudyFacts& facts, const CharacteriseOptions& options) {
  const VolumeGeometry& grid = volume.stir.geometry();
  Lesion lesion = WithSize(FromCandidate(candidate), voxels, grid, skeleton);
  lesion = WithSite(std::move(lesion), voxels, grid, skeleton, facts, options);
  lesion = WithSignal(std::move(lesion), voxels, volume, skeleton, map, options);
  lesion = WithSurroundings(std::move(lesion), voxels, volume, skeleton, map, options);
  lesion = InFibula(std::move(lesion), skeleton);
  return WithVertebraHeight(std::move(lesion), volume, skeleton, map);
}

// Adds a caveat where restricted diffusion was not flagged only because no T1 covers the lesion.
void SayWhatNoT1CouldTell(const std::vector<Lesion>& lesions,
                          const std::vector<FlagMeasures>& measures, RunContext& run) {
  std::string numbers;
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    if (!RestrictedButForT1(lesions[n], measures[n])) continue;
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", lesions[n].number);
  }
  if (numbers.empty()) return;
  run.AddCaveat("restricted_without_t1",
                "Lesion " + numbers +
                    " has a low ADC and is bright at a high b-value, but no T1 covers it: red "
                    "marrow and tumour could not be told apart.",
                {numbers});
}

void AddSpeckCaveat(int specks, RunContext& run) {
  const std::string count = std::to_string(specks);
  run.AddCaveat("specks_not_listed",
                "Normal-looking foci too small to count as lesions, not listed: " + count + ".",
                {count});
}

Technique TechniqueOf(const Study& study, const SeriesChoice& choice) {
  const SeriesInfo& series = study.series[choice.stir.front()];
  Technique technique;
  technique.plane = PlaneOf(series.geometry);
  technique.contrast = series.contrast;
  technique.stations = choice.stations ? static_cast<int>(choice.stir.size()) : 0;
  technique.spacing_mm = series.geometry.spacing_mm();
  technique.field_strength_t = series.physics.field_strength_t;
  technique.repetition_time_ms = series.physics.repetition_time_ms;
  technique.echo_time_ms = series.physics.echo_time_ms;
  technique.inversion_time_ms = series.physics.inversion_time_ms;
  const auto also = [&](const std::vector<std::size_t>& taken, Contrast contrast) {
    if (!taken.empty()) technique.others.push_back(contrast);
  };
  also(choice.t1, Contrast::kT1);
  also(choice.t1_post_contrast, Contrast::kT1PostContrast);
  also(choice.diffusion, Contrast::kDiffusion);
  also(choice.adc, Contrast::kAdc);
  return technique;
}

}  // namespace

StudyFacts FactsOf(const Study& study, const SeriesChoice& choice, std::string fingerprint) {
  StudyFacts facts;
  facts.age_years = study.age_years;
  facts.coverage_mm = choice.coverage_mm;
  facts.fingerprint = std::move(fingerprint);
  if (!choice.stir.empty()) facts.technique = TechniqueOf(study, choice);
  return facts;
}

Findings Characterise(const ComposedVolume& volume, const Skeleton& skeleton,
                      const LesionMap& lesions, const StudyFacts& facts,
                      const CharacteriseOptions& options, RunContext& run) {
  Findings out;
  out.anchors = lesions.anchors;
  out.not_imaged = skeleton.not_imaged;
  out.partly_imaged = skeleton.partly_imaged;
  out.unit_frames = skeleton.frames;
  out.age_years = facts.age_years;
  out.technique = facts.technique;
  out.coverage_mm = facts.coverage_mm;

  const VoxelLists voxels = VoxelsByLabel(lesions.labels);
  int specks = 0;
  for (const Candidate& candidate : lesions.candidates) {
    const auto label = static_cast<std::size_t>(candidate.label);
    if (label >= voxels.size() || voxels[label].empty()) {
      run.AddCaveat("candidate_too_thin", "A focus too small to be measured was left out.");
      continue;
    }
    const double volume_ml =
        static_cast<double>(voxels[label].size()) * volume.stir.geometry().voxel_ml();
    if (candidate.judgement == LesionClass::kNormalVariant &&
        volume_ml < options.least_variant_ml) {
      ++specks;
      continue;
    }
    Lesion lesion = Measure(candidate, voxels[label], volume, skeleton, lesions, facts, options);
    (candidate.judgement == LesionClass::kLesion ? out.lesions : out.other_marks)
        .push_back(std::move(lesion));
  }
  if (specks > 0) AddSpeckCaveat(specks, run);
  std::map<UnitId, int> in_unit;
  const int first_mark = static_cast<int>(out.lesions.size()) + 1;
  Number(out.lesions, 1, "Lesion", facts.fingerprint, in_unit);
  Number(out.other_marks, first_mark, "Mark", facts.fingerprint, in_unit);
  std::vector<FlagMeasures> measures;
  for (const Lesion& lesion : out.lesions) {
    measures.push_back(
        MeasureForFlags(voxels[static_cast<std::size_t>(lesion.label)], volume, skeleton, lesions));
  }
  SayWhatNoT1CouldTell(out.lesions, measures, run);
  out.patient = Summarise(out.lesions, out.other_marks, options);
  out.patient.red_flags = RedFlagsOf(out.lesions, measures, skeleton.frames, facts.age_years);
  out.patient.atypical = AtypicalForCno(out.patient.red_flags);
  out.patient.criteria = CriteriaItemsOf(out.lesions, out.patient);
  out.caveats = run.caveats();
  return out;
}

}  // namespace osteon
