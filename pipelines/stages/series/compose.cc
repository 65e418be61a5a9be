// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/stages/series/compose.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipelines/imaging/resample.h"

namespace osteon {
namespace {

constexpr float kNoVoxel = std::numeric_limits<float>::quiet_NaN();

// A slice of the grid is a slice of the station when they lie within this share of a slice of each
// other everywhere. Chosen: half of the half slice at which the next frame would be nearer.
constexpr double kSameSliceShare = 0.25;

// The frame of the station at each slice k of the patch; -1 where the grid's slice is no slice of
// the station.
std::vector<int> FramesOf(const VolumeGeometry& patch, const VolumeGeometry& station) {
  std::vector<int> frames(static_cast<std::size_t>(patch.slices), -1);
  const Affine station_from_patient = Inverse(station.patient_from_voxel);
  const Vec3 corner = station_from_patient(patch.patient_from_voxel({0, 0, 0}));
  const Vec3 far_corner =
      station_from_patient(patch.patient_from_voxel({patch.columns - 1.0, patch.rows - 1.0, 0}));
  // Over the whole slice the station's slice index must not change.
  if (std::abs(corner.z - far_corner.z) > kSameSliceShare) return frames;
  for (int k = 0; k < patch.slices; ++k) {
    const Vec3 at = station_from_patient(patch.patient_from_voxel({0, 0, static_cast<double>(k)}));
    const auto frame = static_cast<int>(std::lround(at.z));
    if (std::abs(at.z - frame) < kSameSliceShare && frame >= 0 && frame < station.slices) {
      frames[static_cast<std::size_t>(k)] = frame;
    }
  }
  return frames;
}

// Traces a slab, the mean of several slices, to its middle slice.
void TraceToMiddleSlices(int slab_factor, int station_slices, std::vector<int>& frames) {
  for (int& frame : frames) {
    if (frame >= 0) frame = std::min(frame * slab_factor + slab_factor / 2, station_slices - 1);
  }
}

std::vector<char> ImagedOf(const std::vector<int>& frames, const SeriesInfo& info) {
  std::vector<char> imaged(frames.size(), 1);
  for (std::size_t k = 0; k < frames.size(); ++k) {
    if (frames[k] >= 0 && info.frames[static_cast<std::size_t>(frames[k])].missing()) imaged[k] = 0;
  }
  return imaged;
}

class Composer {
 public:
  Composer(const Study& study, const VolumeLoader& load, const ComposeOptions& options,
           RunContext& run)
      : study_(study), load_(load), options_(options), run_(run) {}

  Result<StationPatch> LoadPatch(std::size_t series, const VolumeGeometry& grid) {
    const SeriesInfo& info = study_.series[series];
    auto image = load_(info, run_);
    if (!image) return std::move(image).error().During("load " + info.description);
    const int slab_factor = SlabFactor(info.geometry, options_.grid);
    if (slab_factor > 1) image->voxels = ShrinkByMean(image->voxels, {1, 1, slab_factor});
    Snapped snapped = SnapSlices(grid, image->voxels.geometry());
    // Stations with different frames of reference are joined by their positions (choose.h).
    snapped.geometry.frame_of_reference_uid = grid.frame_of_reference_uid;
    if (snapped.moved_mm >
        options_.moved_slice_caveat_share * Norm(grid.patient_from_voxel.step_k)) {
      run_.AddCaveat("station_slices_moved",
                     fmt::format("series {}: its slices lie between those of the other stations "
                                 "and were moved by up to half a slice",
                                 info.series_number),
                     {std::to_string(info.series_number)});
    }
    StationPatch patch;
    patch.series = series;
    patch.box = BoxOf(grid, snapped.geometry);
    const VolumeGeometry sub = SubGrid(grid, patch.box);
    patch.frames = FramesOf(sub, snapped.geometry);
    TraceToMiddleSlices(slab_factor, info.geometry.slices, patch.frames);
    patch.imaged = ImagedOf(patch.frames, info);
    Volume<float> placed = std::move(image->voxels).MovedTo(snapped.geometry);
    if (SameGrid(sub, snapped.geometry)) {
      patch.voxels = std::move(placed).MovedTo(sub);
    } else {
      patch.voxels = Resample(placed, sub, kNoVoxel);
    }
    return patch;
  }

  Result<Merged> Compose(const std::vector<std::size_t>& series, const VolumeGeometry& grid,
                         const MergeOptions& merge) {
    std::vector<StationPatch> patches;
    for (const std::size_t s : series) {
      auto patch = LoadPatch(s, grid);
      if (!patch) return std::move(patch).error();
      if (patch->voxels.empty())
        continue;  // A station of another contrast may lie outside the grid.
      patches.push_back(std::move(*patch));
    }
    if (run_.Cancelled()) return Cancelled("while composing");
    if (patches.size() > 1) {
      CheckOverlaps(patches, grid, merge, run_);
      if (merge.gains == GainPolicy::kMatch) MatchGains(patches, grid, run_);
    }
    return Merge(std::move(patches), grid);
  }

  // Another contrast on the grid of the STIR; empty when the study has none.
  Result<OtherContrast> Support(const std::vector<std::size_t>& series, const VolumeGeometry& grid,
                                GainPolicy gains) {
    OtherContrast other;
    if (series.empty()) return other;
    MergeOptions merge = options_.merge;
    merge.gains = gains;
    auto merged = Compose(series, grid, merge);
    if (!merged) return std::move(merged).error();
    std::size_t imaged = 0;
    for (std::size_t n = 0; n < merged->inside.size(); ++n) {
      if (!(merged->voxels[n] > 0)) merged->inside[n] = 0;
      imaged += merged->inside[n];
    }
    // A series without any signal on the grid counts as absent.
    if (imaged == 0) return other;
    other.voxels = std::move(merged->voxels);
    other.imaged = std::move(merged->inside);
    return other;
  }

 private:
  const Study& study_;
  const VolumeLoader& load_;
  const ComposeOptions& options_;
  RunContext& run_;
};

VolumeGeometry GridOf(const Study& study, const SeriesChoice& choice, const ComposeOptions& options,
                      RunContext& run) {
  std::vector<VolumeGeometry> stations;
  for (const std::size_t s : choice.stir) {
    const VolumeGeometry& g = study.series[s].geometry;
    stations.push_back(ShrunkenGrid(g, {1, 1, SlabFactor(g, options.grid)}));
  }
  if (PlaneOf(stations.front()) != Plane::kCoronal) {
    run.AddCaveat("oblique_input",
                  "The STIR is not coronal and was resampled to coronal slices: small lesions may "
                  "be blurred.");
  }
  return BodyGrid(stations, options.grid);
}

}  // namespace

Result<ComposedVolume> ComposeBody(const Study& study, const SeriesChoice& choice,
                                   const VolumeLoader& load, const ComposeOptions& options,
                                   RunContext& run) {
  Check(!choice.stir.empty(), "ComposeBody without a STIR series");
  const VolumeGeometry grid = GridOf(study, choice, options, run);
  Composer composer(study, load, options, run);
  ComposedVolume body;
  auto stir = composer.Compose(choice.stir, grid, options.merge);
  if (!stir) return std::move(stir).error();
  body.stir = std::move(stir->voxels);
  body.inside = std::move(stir->inside);
  body.sources = std::move(stir->sources);
  CorrectBias(body.stir, options.bias);
  struct Wanted {
    const std::vector<std::size_t>& series;
    GainPolicy gains;
    OtherContrast& into;
  };
  for (const Wanted& wanted : {Wanted{choice.t1, GainPolicy::kMatch, body.t1},
                               {choice.t1_post_contrast, GainPolicy::kMatch, body.t1_post_contrast},
                               {choice.diffusion, GainPolicy::kMatch, body.b_high},
                               {choice.adc, GainPolicy::kKeep, body.adc}}) {
    auto volume = composer.Support(wanted.series, grid, wanted.gains);
    if (!volume) return std::move(volume).error();
    wanted.into = std::move(*volume);
  }
  if (!choice.diffusion.empty()) {
    body.b_high_s_per_mm2 =
        study.series[choice.diffusion.front()].physics.b_value_s_per_mm2.value_or(0);
  }
  return body;
}

}  // namespace osteon
