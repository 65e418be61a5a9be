// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/explain_files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pipelines/drawing/canvas.h"
#include "pipelines/model/statistics.h"
#include "pipelines/model/voxels.h"

namespace osteon {
namespace {

using nlohmann::ordered_json;

// Extent of one candidate in voxels, and its centroid.
struct Blob {
  std::size_t voxels = 0;
  Vec3 sum;
  int low_i = std::numeric_limits<int>::max(), high_i = -1;
  int low_j = std::numeric_limits<int>::max(), high_j = -1;
};

std::vector<Blob> BlobsOf(const Volume<std::uint16_t>& labels) {
  std::vector<Blob> blobs;
  const VolumeGeometry& grid = labels.geometry();
  ForEachVoxel(grid, [&](int i, int j, int k) {
    const std::size_t label = labels.At(i, j, k);
    if (label == 0) return;
    if (label >= blobs.size()) blobs.resize(label + 1);
    Blob& blob = blobs[label];
    ++blob.voxels;
    blob.sum = blob.sum + Vec3{1.0 * i, 1.0 * j, 1.0 * k};
    blob.low_i = std::min(blob.low_i, i), blob.high_i = std::max(blob.high_i, i);
    blob.low_j = std::min(blob.low_j, j), blob.high_j = std::max(blob.high_j, j);
  });
  return blobs;
}

std::string SeriesJson(const Study& study, const SeriesChoice& choice) {
  ordered_json out = ordered_json::array();
  for (const SeriesChoice::Reason& reason : choice.reasons) {
    const SeriesInfo& series = study.series[reason.series];
    const Vec3 spacing_mm = series.geometry.spacing_mm();
    out.push_back({{"series_instance_uid", series.series_instance_uid},
                   {"series_number", series.series_number},
                   {"stack", series.stack},
                   {"description", series.description},
                   {"columns_rows_slices",
                    {series.geometry.columns, series.geometry.rows, series.geometry.slices}},
                   {"spacing_mm", {spacing_mm.x, spacing_mm.y, spacing_mm.z}},
                   {"contrast", Name(series.contrast)},
                   {"contrast_reason", series.contrast_reason},
                   {"contrast_guess", series.contrast_guess},
                   {"taken", reason.taken},
                   {"reason", reason.text}});
  }
  for (const Study::LeftOut& left_out : study.left_out) {
    out.push_back({{"left_out", left_out.what}, {"taken", false}, {"reason", left_out.reason}});
  }
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string CandidatesJson(const LesionMap& lesions, const std::vector<Blob>& blobs) {
  const VolumeGeometry& grid = lesions.labels.geometry();
  ordered_json out = ordered_json::array();
  for (const Candidate& candidate : lesions.candidates) {
    const auto label = static_cast<std::size_t>(candidate.label);
    const Blob blob = label < blobs.size() ? blobs[label] : Blob{};
    ordered_json row = {{"label", candidate.label},
                        {"unit", candidate.unit == 0 ? "" : UnitOf(candidate.unit).key},
                        {"judgement", Name(candidate.judgement)},
                        {"probability", candidate.probability},
                        {"probability_if_only", candidate.probability_if_only
                                                    ? ordered_json(*candidate.probability_if_only)
                                                    : ordered_json(nullptr)},
                        {"coil_share", candidate.coil_share},
                        {"reasons", candidate.reasons},
                        {"features", candidate.features}};
    if (blob.voxels > 0) {
      const double n = static_cast<double>(blob.voxels);
      const Vec3 centre = grid.patient_from_voxel((1 / n) * blob.sum);
      row["centroid_lps_mm"] = {centre.x, centre.y, centre.z};
      row["volume_ml"] = n * grid.voxel_ml();
    }
    out.push_back(std::move(row));
  }
  return out.dump(1) + "\n";
}

// Share of pixels that are white at the most, as 1 - numerator / denominator: half a percent.
// Chosen.
constexpr std::size_t kWhiteNumerator = 199, kWhiteDenominator = 200;
// Keeps a black image from a division by 0.
constexpr float kLeastWhite = 1e-6F;
// Degrees of hue from one unit to the next: the golden angle sets neighbouring numbers far apart.
constexpr double kGoldenAngle = 137.508;

// Maximum along the slices, scaled so that the brightest half percent is white.
GreyImage CoronalProjection(const Volume<float>& stir) {
  const VolumeGeometry& grid = stir.geometry();
  const std::size_t plane = stir.Slice(0).size();
  std::vector<float> highest(plane, 0.0F);
  for (int k = 0; k < grid.slices; ++k) {
    const auto slice = stir.Slice(k);
    for (std::size_t n = 0; n < plane; ++n) highest[n] = std::max(highest[n], slice[n]);
  }
  const float white =
      std::max(NthValue(std::vector(highest), highest.size() * kWhiteNumerator / kWhiteDenominator),
               kLeastWhite);
  GreyImage image{grid.columns, grid.rows, std::vector<std::uint8_t>(plane)};
  std::transform(highest.begin(), highest.end(), image.grey.begin(), [&](float v) {
    return static_cast<std::uint8_t>(std::lround(255 * std::clamp(v / white, 0.0F, 1.0F)));
  });
  return image;
}

Colour ColourOf(UnitId unit) {
  const double hue = std::fmod(unit * kGoldenAngle, 360.0) / 60.0;
  const double x = 1 - std::abs(std::fmod(hue, 2.0) - 1);
  const std::array<Colour, 6> sectors = {Colour{1, x, 0}, {x, 1, 0}, {0, 1, x},
                                         {0, x, 1},       {x, 0, 1}, {1, 0, x}};
  return sectors[static_cast<std::size_t>(hue) % 6];
}

Colour ColourOf(LesionClass judgement) {
  switch (judgement) {
    case LesionClass::kLesion:
      return {1, 0.2, 0.2};
    case LesionClass::kIndeterminate:
      return {1, 0.9, 0.2};
    case LesionClass::kNormalVariant:
      return {0.4, 0.7, 1};
  }
  return {1, 1, 1};
}

// A page on which voxel (i, j) is drawn at (x, y) = (i, j) * scale.
struct Scale {
  double x = 1, y = 1;
  int width = 0, height = 0;
};

Scale ScaleOf(const VolumeGeometry& grid) {
  constexpr double kPixelsPerMm = 0.6;
  const Vec3 spacing = grid.spacing_mm();
  Scale scale{spacing.x * kPixelsPerMm, spacing.y * kPixelsPerMm};
  scale.width = std::max(1, static_cast<int>(std::lround(grid.columns * scale.x)));
  scale.height = std::max(1, static_cast<int>(std::lround(grid.rows * scale.y)));
  return scale;
}

// The front-most unit of each column of voxels, as horizontal runs of one colour.
void DrawUnits(Canvas& page, const Volume<UnitId>& units, const Scale& scale, double left) {
  const VolumeGeometry& grid = units.geometry();
  for (int j = 0; j < grid.rows; ++j) {
    for (int i = 0; i < grid.columns; ++i) {
      UnitId unit = 0;
      for (int k = 0; k < grid.slices && unit == 0; ++k) unit = units.At(i, j, k);
      if (unit == 0) continue;
      page.FillRect(left + i * scale.x, j * scale.y, scale.x + 0.5, scale.y + 0.5, ColourOf(unit));
    }
  }
}

std::string SkeletonPng(const ExplainedRun& run, const GreyImage& projection) {
  const Scale scale = ScaleOf(run.composed.stir.geometry());
  Canvas page = Canvas::Image(2 * scale.width, scale.height);
  page.FillRect(0, 0, 2.0 * scale.width, scale.height, {0, 0, 0});
  page.Grey(projection, 0, 0, scale.width, scale.height);
  DrawUnits(page, run.skeleton.units, scale, scale.width);
  return page.Png();
}

std::string CandidatesPng(const ExplainedRun& run, const GreyImage& projection,
                          const std::vector<Blob>& blobs) {
  const Scale scale = ScaleOf(run.composed.stir.geometry());
  Canvas page = Canvas::Image(scale.width, scale.height);
  page.Grey(projection, 0, 0, scale.width, scale.height);
  for (const Candidate& candidate : run.lesions.candidates) {
    const auto label = static_cast<std::size_t>(candidate.label);
    if (label >= blobs.size() || blobs[label].voxels == 0) continue;
    const Blob& blob = blobs[label];
    const Colour colour = ColourOf(candidate.judgement);
    const double x = blob.low_i * scale.x - 2, y = blob.low_j * scale.y - 2;
    page.StrokeRect(x, y, (blob.high_i - blob.low_i + 1) * scale.x + 4,
                    (blob.high_j - blob.low_j + 1) * scale.y + 4, colour, 1.5);
    page.Text(x, y - 13, std::to_string(candidate.label), {.size_px = 11, .colour = colour});
  }
  return page.Png();
}

}  // namespace

std::pair<std::string, std::string> ExplainSeries(const Study& study, const SeriesChoice& choice) {
  return {"series.json", SeriesJson(study, choice)};
}

std::vector<std::pair<std::string, std::string>> Explain(const ExplainedRun& run) {
  std::vector<std::pair<std::string, std::string>> files;
  files.push_back(ExplainSeries(run.study, run.choice));
  if (run.composed.stir.empty()) return files;
  const GreyImage projection = CoronalProjection(run.composed.stir);
  if (!run.skeleton.units.empty()) {
    files.emplace_back("skeleton.png", SkeletonPng(run, projection));
  }
  if (!run.lesions.labels.empty()) {
    const std::vector<Blob> blobs = BlobsOf(run.lesions.labels);
    files.emplace_back("candidates.json", CandidatesJson(run.lesions, blobs));
    files.emplace_back("candidates.png", CandidatesPng(run, projection, blobs));
  }
  return files;
}

}  // namespace osteon
