// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/detect/detect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "pipelines/base/on_threads.h"
#include "pipelines/imaging/grid_map.h"
#include "pipelines/inference/boosted_trees.h"
#include "pipelines/inference/network.h"
#include "pipelines/model/label_voxels.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"
#include "pipelines/stages/detect/anchors.h"
#include "pipelines/stages/detect/company.h"
#include "pipelines/stages/detect/detect_candidates.h"
#include "pipelines/stages/detect/detect_features.h"
#include "pipelines/stages/detect/normal_signal.h"
#include "pipelines/stages/detect/other_series.h"

namespace osteon {
namespace {

// Evidence that a candidate reaches somewhere. Part of the classifier (README.md). Chosen.
constexpr float kSeedEvidence = 0.25F;
// Features named among the reasons. Chosen: as many as are read.
constexpr std::size_t kReasons = 4;
// Keeps odds finite.
constexpr double kLeastProbability = 1e-9;
// A contrast leaves out a unit when it has imaged less than this share of it and of the soft tissue
// beside it. Chosen: no more, since an ADC map has no values in much of the marrow and fat it
// covers.
constexpr double kUnitCovered = 0.25;

LesionClass ClassOf(const BoneUnit& unit, double probability, double volume_ml,
                    const DetectOptions& options) {
  const double cut =
      unit.hand_or_foot() ? options.hand_foot_lesion_probability : options.lesion_probability;
  if (probability >= cut && volume_ml >= options.min_lesion_ml) return LesionClass::kLesion;
  return probability >= options.indeterminate_probability ? LesionClass::kIndeterminate
                                                          : LesionClass::kNormalVariant;
}

// Adds the median STIR of the candidate against the anchors, as the report gives it.
void AddGrade(const std::vector<VoxelIndex>& voxels, const Volume<float>& stir,
              const Volume<float>& relative, const Anchors& anchors, Candidate& candidate) {
  std::vector<float> values = ValuesAt(stir, voxels);
  if (values.empty()) return;
  const double median = MedianOf(values);
  if (anchors.muscle > 0) candidate.features["stir_over_muscle"] = median / anchors.muscle;
  candidate.coil_share = CoilShareAt(voxels, stir, relative, anchors);
  if (const auto position = PositionOf(median, candidate.coil_share, anchors, candidate.unit))
    candidate.features["stir_position"] = *position;
}

// All features a classifier may use: those of MeasureRegion() and of AddGrade().
std::map<std::string, double> KnownFeatures(const FeatureScene& scene) {
  auto known = MeasureOneVoxel(scene);
  known["stir_over_muscle"] = known["stir_position"] = 0;
  return known;
}

double AddLogOdds(double probability, double log_odds) {
  const double sure = std::clamp(probability, kLeastProbability, 1 - kLeastProbability);
  const double odds = sure / (1 - sure) * std::exp(log_odds);
  return odds / (1 + odds);
}

std::vector<std::string> ReasonsOf(const Verdict& verdict,
                                   const std::map<std::string, double>& features) {
  std::vector<std::string> out;
  for (const auto& [name, change] : verdict.contributions) {
    if (out.size() == kReasons) break;
    const auto found = features.find(name);
    out.push_back(fmt::format("{} = {:.2f} speaks {} a lesion", name,
                              found == features.end() ? 0.0 : found->second,
                              change > 0 ? "for" : "against"));
  }
  return out;
}

// Labels of the fine grid at the nearest voxels of the composed grid.
Volume<std::uint16_t> Carry(const Volume<std::uint16_t>& fine, const VolumeGeometry& composed) {
  Volume<std::uint16_t> out(composed);
  const GridMap map = MapNearest(composed, fine.geometry());
  ForEachVoxel(composed, [&](int i, int j, int k) {
    const std::uint16_t label =
        fine.At(map.column[static_cast<std::size_t>(i)], map.row[static_cast<std::size_t>(j)],
                map.slice[static_cast<std::size_t>(k)]);
    // Most voxels have none, and what is not written takes no memory (volume.h).
    if (label != 0) out.At(i, j, k) = label;
  });
  return out;
}

// How many bone units the STIR shows, and how many of these another contrast leaves out.
struct UnitCoverage {
  int shown = 0, left_out = 0;
};
UnitCoverage CoverageOf(const OtherContrast& other, const Skeleton& skeleton) {
  const Volume<UnitId>& units = skeleton.maps.near_units;
  const VolumeGeometry& g = units.geometry();
  const GridMap map = MapNearest(g, other.imaged.geometry());
  std::vector<std::size_t> all(BoneUnits().size() + 1), imaged(all.size());
  ForEachVoxel(g, [&](int i, int j, int k) {
    const UnitId unit = units.At(i, j, k);
    ++all[unit];
    imaged[unit] += other.imaged.At(map.column[static_cast<std::size_t>(i)],
                                    map.row[static_cast<std::size_t>(j)],
                                    map.slice[static_cast<std::size_t>(k)]);
  });
  UnitCoverage out;
  for (const UnitFrame& frame : skeleton.frames) {
    ++out.shown;
    const auto voxels = static_cast<double>(all[frame.unit]);
    if (static_cast<double>(imaged[frame.unit]) < kUnitCovered * voxels) ++out.left_out;
  }
  return out;
}

void AddCoverageCaveat(const OtherContrast& other, const Skeleton& skeleton, const char* code,
                       const char* series, RunContext& run) {
  if (other.empty()) return;
  const UnitCoverage coverage = CoverageOf(other, skeleton);
  if (coverage.left_out == 0) return;
  const std::string left_out = std::to_string(coverage.left_out);
  const std::string shown = std::to_string(coverage.shown);
  run.AddCaveat(code,
                fmt::format("{} does not cover {} of the {} bone parts that the STIR shows: these "
                            "were judged without it.",
                            series, left_out, shown),
                {left_out, shown});
}

// A mark by itself: what the classifier says, and why a rule keeps it from being a lesion, if so.
struct Alone {
  Verdict verdict;
  std::optional<std::string> normal, uncertain;
};

Alone JudgeAlone(const BoostedTrees& model, const NormalOptions& options,
                 const Candidate& candidate) {
  const BoneUnit& unit = UnitOf(candidate.unit);
  return {Judge(model, candidate.features), WhyNormal(candidate.features, unit, options),
          WhyIndeterminate(candidate.features, unit, options)};
}

std::vector<int> CompanyOf(const std::vector<Alone>& all) {
  std::vector<MarkAlone> marks;
  marks.reserve(all.size());
  for (const Alone& alone : all)
    marks.push_back({alone.verdict.log_odds, alone.normal || alone.uncertain});
  return CompanyOf(marks);
}

// What a rule calls normal or indeterminate gets ruled_out_probability at most.
void RuleOut(const std::string& reason, const DetectOptions& options, Candidate& candidate) {
  candidate.probability = std::min(candidate.probability, options.ruled_out_probability);
  candidate.probability_if_only.reset();
  candidate.reasons.insert(candidate.reasons.begin(), reason);
}

// What a rule calls indeterminate stays so where the classifier would mention it: an abscess looks
// like fluid.
void JudgeCandidate(const BoostedTrees& model, const Alone& alone, int company, double volume_ml,
                    const DetectOptions& options, Candidate& candidate) {
  const OtherEvidence other = WeighOtherSeries(candidate.features);
  const double by_company = model.calibration_company * company;
  candidate.probability = AddLogOdds(alone.verdict.probability, by_company + other.log_odds);
  candidate.reasons = ReasonsOf(alone.verdict, candidate.features);
  candidate.reasons.insert(candidate.reasons.end(), other.reasons.begin(), other.reasons.end());
  if (by_company > 0) {  // A site's classifier may give company no weight.
    candidate.probability_if_only = AddLogOdds(alone.verdict.probability, other.log_odds);
    candidate.reasons.push_back(
        fmt::format("sure lesions elsewhere = {} speaks for a lesion", company));
  }
  if (alone.normal) {
    RuleOut(*alone.normal, options, candidate);
    candidate.judgement = LesionClass::kNormalVariant;
    return;
  }
  candidate.judgement = ClassOf(UnitOf(candidate.unit), candidate.probability, volume_ml, options);
  if (!alone.uncertain) return;
  RuleOut(*alone.uncertain, options, candidate);
  if (candidate.judgement == LesionClass::kLesion)
    candidate.judgement = LesionClass::kIndeterminate;
}

void AddCaveats(const ComposedVolume& volume, const Skeleton& skeleton, const Anchors& anchors,
                RunContext& run) {
  if (volume.t1.empty())
    run.AddCaveat("no_t1", "No T1 series: red marrow cannot be told from mild oedema by its fat.");
  if (volume.adc.empty()) run.AddCaveat("no_adc", "No ADC series: diffusion was not assessed.");
  AddCoverageCaveat(volume.t1, skeleton, "t1_partial", "The T1 series", run);
  AddCoverageCaveat(volume.t1_post_contrast, skeleton, "t1_post_contrast_partial",
                    "The contrast-enhanced T1 series", run);
  AddCoverageCaveat(volume.b_high, skeleton, "diffusion_partial", "The diffusion series", run);
  AddCoverageCaveat(volume.adc, skeleton, "adc_partial", "The ADC series", run);
  if (!anchors.fluid) run.AddCaveat("no_fluid_anchor", "No fluid found to grade signal against.");
}

}  // namespace

Result<LesionMap> DetectLesions(const ComposedVolume& volume, const Skeleton& skeleton,
                                const DetectOptions& options, RunContext& run) {
  if (skeleton.maps.lesion.empty())
    return Internal("the skeleton carries no network maps to detect lesions with");
  const auto model_dir = FindModelDir(options.model_dir);
  if (!model_dir) return model_dir.error();
  const std::filesystem::path file = *model_dir / "lesion.json";
  const auto model = ReadBoostedTrees(file);
  if (!model) return model.error();
  LesionMap out;
  std::vector<Region> regions;
  std::optional<FeatureScene> scene;
  OnThreads(options.threads, {[&] { regions = FindRegions(skeleton.maps, kSeedEvidence); },
                              [&] { scene.emplace(MakeScene(volume, skeleton)); },
                              [&] { out.anchors = MeasureAnchors(volume, skeleton); }});
  if (Status known = CheckFeatures(*model, file, KnownFeatures(*scene)); !known)
    return std::move(known).error();

  out.candidates.resize(regions.size());
  OnThreads(options.threads, static_cast<int>(regions.size()), [&](int n) {
    if (run.Cancelled()) return;
    const auto at = static_cast<std::size_t>(n);
    out.candidates[at].label = n + 1;
    out.candidates[at].unit = regions[at].unit;
    out.candidates[at].features = MeasureRegion(*scene, regions[at]);
  });
  if (run.Cancelled()) return Cancelled("while candidates were measured");
  Volume<std::uint16_t> fine(skeleton.maps.lesion.geometry());
  for (std::size_t at = 0; at < regions.size(); ++at) {
    for (std::size_t n : regions[at].voxels) fine[n] = static_cast<std::uint16_t>(at + 1);
  }
  out.labels = Carry(fine, volume.stir.geometry());
  auto voxels = VoxelsByLabel(out.labels);
  voxels.resize(regions.size() + 1);  // The last ones can be too small for the composed grid.
  const double voxel_ml = volume.stir.geometry().voxel_ml();
  std::vector<Alone> alone;
  alone.reserve(regions.size());
  for (std::size_t n = 0; n < regions.size(); ++n) {
    AddGrade(voxels[n + 1], volume.stir, skeleton.maps.relative, out.anchors, out.candidates[n]);
    alone.push_back(JudgeAlone(*model, options.normal, out.candidates[n]));
  }
  const std::vector<int> company = CompanyOf(alone);
  for (std::size_t n = 0; n < regions.size(); ++n) {
    JudgeCandidate(*model, alone[n], company[n],
                   static_cast<double>(voxels[n + 1].size()) * voxel_ml, options,
                   out.candidates[n]);
  }
  AddCaveats(volume, skeleton, out.anchors, run);
  return out;
}

}  // namespace osteon
