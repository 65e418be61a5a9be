// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/prior_images.h"

#include <algorithm>

#include "pipelines/base/log.h"
#include "pipelines/base/result.h"
#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "pipelines/dicom/prior/prior_reader.h"
#include "pipelines/selection/choose.h"

namespace osteon {
namespace {

// Errors say why the images are not shown.
Result<ComposedVolume> Compose(const Study& then, const Study& now, const PipelineConfig& config,
                               RunContext& run) {
  if (!AreOfOnePatient(then, now)) return InvalidInput("not certain to be of the same patient");
  Selection selection = ChooseSeries(then, config.read.rules.choose, Completeness::kIncomplete);
  if (selection.eligibility != Eligibility::kWholeBody) return InvalidInput(selection.reason);
  SeriesChoice stir = std::move(selection.choice);
  for (auto* others : {&stir.t1, &stir.t1_post_contrast, &stir.diffusion, &stir.adc})
    others->clear();
  return ComposeBody(then, stir, LoadVolume, config.compose, run);
}

std::optional<ComposedVolume> Unusable(const Error& why, RunContext& run) {
  LogInfo("the images of the prior study are not shown: " + why.message());
  run.AddCaveat("prior_images_unusable",
                "The images of the prior study could not be used: pictures show the present study "
                "only.");
  return std::nullopt;
}

}  // namespace

bool ShowsLesionsOfThen(const Findings& findings) {
  if (!findings.prior) return false;
  const auto placed = [](const Lesion& lesion) {
    return lesion.prior_centroid_mm.has_value() || lesion.change == Change::kNew;
  };
  return std::ranges::any_of(findings.lesions, placed) ||
         std::ranges::any_of(findings.prior->resolved, placed);
}

std::optional<ComposedVolume> ReadPriorImages(const std::filesystem::path& folder,
                                              const Study& study, const Findings& findings,
                                              const PipelineConfig& config, RunContext& run) {
  ReadOptions options = config.read;
  options.only_study = findings.prior->study_instance_uid;
  RunContext then;
  const Result<Study> read = ReadStudy(folder, options, then);
  if (!read) return Unusable(read.error(), run);
  if (read->series.empty() && std::ranges::none_of(read->left_out, &Study::LeftOut::damaged)) {
    run.AddCaveat("prior_images_missing",
                  "The images of the prior study were not at hand: pictures show the present study "
                  "only.");
    return std::nullopt;
  }
  Result<ComposedVolume> composed = Compose(*read, study, config, then);
  if (!composed) return Unusable(composed.error(), run);
  return *std::move(composed);
}

}  // namespace osteon
