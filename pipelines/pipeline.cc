// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/pipeline.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "pipelines/base/version.h"
#include "pipelines/dicom/documents.h"
#include "pipelines/dicom/headers/study_reader.h"
#include "pipelines/dicom/images/volume_loader.h"
#include "pipelines/dicom/objects/source_identity.h"
#include "pipelines/dicom/prior/prior_reader.h"
#include "pipelines/explain_files.h"
#include "pipelines/inference/network.h"
#include "pipelines/pipeline_config.h"
#include "pipelines/prior_images.h"
#include "pipelines/report/findings_json.h"
#include "pipelines/report/pages/pictures.h"
#include "pipelines/report/text.h"
#include "pipelines/rules/rules_file.h"
#include "pipelines/stages/detect/anchors.h"
#include "pipelines/stages/followup/comparability.h"

namespace osteon {
namespace {

// The results of the stages, each of which the next ones read.
struct Run {
  PipelineConfig config;
  Study study;
  SeriesChoice choice;
  ComposedVolume composed;
  Skeleton skeleton;
  LesionMap lesions;
  Findings findings;
  std::optional<ComposedVolume> prior;  // To be shown beside the present one.
};

// The fingerprint of a run without a job: a hash of its inputs and its pipeline.
std::string FingerprintOf(const Study& study, const PipelineIdentity& identity,
                          const SiteRules& rules) {
  std::vector<std::string> uids;
  for (const SeriesInfo& series : study.series) {
    for (const FrameSource& frame : series.frames) uids.push_back(frame.sop_instance_uid);
  }
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  Digest digest(DigestKind::kSha256);
  for (const std::string& uid : uids) digest.Update(uid + "\n");
  digest.Update(identity.hash + rules.hash);
  return digest.FinishHex();
}

// YYYYMMDDHHMMSS.
std::string UtcText(UnixMs at) {
  const std::time_t seconds = static_cast<std::time_t>(at / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &parts);
  return {text, length};
}

Status CheckCancelled(const RunContext& run) {
  if (run.Cancelled()) return Cancelled("the analysis was cancelled");
  return {};
}

// Compose, locate, detect, characterise. A study that cannot be assessed is no error: it sets
// findings.evaluable to false.
Status FindLesions(Run& all, const StudyFacts& facts, RunContext& run) {
  {
    auto timer = run.Timed("compose", 0.10);
    const VolumeLoader load = [&](const SeriesInfo& series, RunContext& context) {
      return LoadVolumeOn(all.config.read.threads, series, context);
    };
    auto composed = ComposeBody(all.study, all.choice, load, all.config.compose, run);
    if (!composed) return std::move(composed).error().During("compose");
    all.composed = *std::move(composed);
  }
  if (Status status = CheckCancelled(run); !status) return status;
  {
    auto timer = run.Timed("skeleton", 0.30);
    auto skeleton = LocateSkeleton(all.composed, all.config.skeleton, run);
    if (!skeleton && skeleton.error().code() == ErrorCode::kUnsupported) {
      all.findings.not_evaluable_reason = skeleton.error().message();
      return {};
    }
    if (!skeleton) return std::move(skeleton).error().During("skeleton");
    all.skeleton = *std::move(skeleton);
  }
  if (!IsLocated(all.skeleton)) {
    all.findings.not_evaluable_reason = "the skeleton could not be located in the STIR images";
    return {};
  }
  if (Status status = CheckCancelled(run); !status) return status;
  {
    auto timer = run.Timed("detect", 0.70);
    auto lesions = DetectLesions(all.composed, all.skeleton, all.config.detect, run);
    if (!lesions) return std::move(lesions).error().During("detect");
    all.lesions = *std::move(lesions);
    // Only the detector reads these two, which are nearly as large as the STIR.
    all.skeleton.maps.relative = {};
    all.skeleton.maps.lesion = {};
  }
  if (IsTooNoisy(all.lesions.anchors)) {
    all.lesions = {};
    all.findings.not_evaluable_reason = "muscle cannot be told from the noise in the STIR images";
    return {};
  }
  auto timer = run.Timed("characterise", 0.80);
  all.findings =
      Characterise(all.composed, all.skeleton, all.lesions, facts, all.config.characterise, run);
  return CheckCancelled(run);
}

Status Compare(Run& all, const std::filesystem::path& prior_dir, RunContext& run) {
  auto timer = run.Timed("compare", 0.88);
  if (!all.findings.evaluable) return {};
  auto prior = ReadPriorReport(prior_dir, all.study, run);
  if (!prior) return std::move(prior).error().During("read the prior");
  if (!*prior) return {};
  auto compared = CompareWithPrior(std::move(all.findings), **prior, all.config.compare);
  if (!compared) return std::move(compared).error().During("compare");
  all.findings = *std::move(compared);
  for (const Caveat& c : all.findings.caveats) run.AddCaveat(c.code, c.text, c.values);
  if (const auto c = CompareMakers(all.config.report.pipeline, (*prior)->pipeline))
    run.AddCaveat(c->code, c->text, c->values);
  if (all.config.report.write_pictures && ShowsLesionsOfThen(all.findings))
    all.prior = ReadPriorImages(prior_dir, all.study, all.findings, all.config, run);
  return CheckCancelled(run);
}

// The findings of a study that could not be assessed: facts and caveats, without lesions.
void FillNotEvaluable(Findings& findings, const StudyFacts& facts) {
  findings.evaluable = false;
  findings.age_years = facts.age_years;
  findings.technique = facts.technique;
  findings.coverage_mm = facts.coverage_mm;
}

Result<Analysis> WriteDown(Run& all, RunContext& run) {
  const AnalysedStudy analysed{all.study,   all.choice,   all.composed,
                               all.lesions, all.findings, all.prior ? &*all.prior : nullptr};
  Analysis out;
  const ReportText text = WriteText(all.findings, all.config.report);
  ReportPictures pictures;
  {
    auto timer = run.Timed("pages", 0.90);
    PageIdentity identity;
    if (all.config.report.name_on_pages) {
      auto read = ReadSourceIdentity(analysed);
      if (!read) return std::move(read).error().During("name the patient on the pages");
      identity = {read->name, read->patient_id, read->birth_date, read->sex,
                  read->accession_number};
    }
    auto drawn = DrawPictures(analysed, text, all.config.report, identity);
    if (!drawn) return std::move(drawn).error().During("draw the pictures");
    pictures = *std::move(drawn);
  }
  {
    auto timer = run.Timed("report", 0.95);
    auto documents = WriteDocuments(analysed, text, pictures, all.config.report);
    if (!documents) return std::move(documents).error().During("write the report");
    out.documents = *std::move(documents);
    out.overview_png = std::move(pictures.overview_png);
  }
  out.outcome = all.findings.evaluable ? Outcome::kAnalysed : Outcome::kNotEvaluable;
  out.reason = all.findings.not_evaluable_reason;
  for (const std::string& line : text.impression) out.impression += line + "\n";
  out.findings_json = FindingsJson(analysed, text, all.config.report,
                                   {run.stage_times(), out.documents, all.skeleton.inference});
  return out;
}

// Finds faults of headers before any time is spent on voxels.
Status CheckSource(const Run& all, RunContext& run) {
  auto caveats = CheckHeaders(all.study, all.choice, all.config.report);
  if (!caveats) return std::move(caveats).error();
  for (const Caveat& c : *caveats) run.AddCaveat(c.code, c.text, c.values);
  return {};
}

Result<Study> Read(const std::filesystem::path& folder, const PipelineConfig& config,
                   RunContext& run) {
  auto timer = run.Timed("read", 0.0);
  return ReadStudy(folder, config.read, run);
}

// Chooses the series to analyse; what was left out, joined or guessed becomes a caveat.
Selection Choose(const Run& all, const PipelineOptions& options, RunContext& run) {
  const Completeness wanted =
      options.incomplete.empty() ? Completeness::kWholeBody : Completeness::kIncomplete;
  Selection selection = ChooseSeries(all.study, all.config.read.rules.choose, wanted);
  for (const Caveat& c : selection.caveats) run.AddCaveat(c.code, c.text, c.values);
  if (!options.incomplete.empty()) {
    run.AddCaveat("incomplete_study", "The study was analysed " + options.incomplete,
                  {options.incomplete});
  }
  return selection;
}

}  // namespace

Result<PipelineIdentity> IdentifyPipeline(const PipelineOptions& options) {
  Result<PipelineConfig> config = LoadPipelineConfig(options.config_file);
  if (!config) return std::move(config).error();
  Result<std::filesystem::path> models = FindModelDir(options.model_dir);
  if (!models) return std::move(models).error();
  Digest digest(DigestKind::kSha256);
  digest.Update(std::string(kVersion) + "\n" + config->canonical);
  // The cards hold the hash of each network; the classifier is a card itself.
  std::vector<std::filesystem::path> cards;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(*models, error)) {
    if (entry.path().extension() == ".json") cards.push_back(entry.path());
  }
  if (error || cards.empty()) return InvalidInput(models->string() + ": no model cards (*.json)");
  std::sort(cards.begin(), cards.end());
  for (const std::filesystem::path& card : cards) {
    std::ifstream stream(card, std::ios::binary);
    if (!stream) return Unavailable(card.string() + ": cannot be read");
    digest.Update(std::string{std::istreambuf_iterator<char>(stream), {}});
  }
  return PipelineIdentity{"osteon-cno", std::string(kVersion), digest.FinishHex()};
}

Result<Analysis> AnalyzeStudy(const std::filesystem::path& study_dir,
                              const PipelineOptions& options, RunContext& run) {
  Result<PipelineIdentity> identity = IdentifyPipeline(options);
  if (!identity) return std::move(identity).error();
  Result<PipelineConfig> config = LoadPipelineConfig(options.config_file);
  if (!config) return std::move(config).error();
  Run all;
  all.config = *std::move(config);
  all.config.skeleton.model_dir = options.model_dir;
  all.config.skeleton.threads = options.threads;
  all.config.read.threads = options.threads;
  all.config.compose.bias.threads = options.threads;
  all.config.detect.threads = options.threads;
  all.config.report.threads = options.threads;
  all.config.detect.model_dir = options.model_dir;

  Result<SiteRules> rules = ParseRules(options.selection_rules);
  if (!rules) return std::move(rules).error();
  all.config.read.rules = rules->rules;
  Result<Study> study = Read(study_dir, all.config, run);
  if (!study) return std::move(study).error();
  all.study = *std::move(study);
  Selection selection = Choose(all, options, run);
  if (selection.eligibility == Eligibility::kDamaged) return InvalidInput(selection.reason);
  if (selection.eligibility == Eligibility::kNotWholeBody) {
    Analysis out;
    out.outcome = Outcome::kNotWholeBody;
    out.reason = selection.reason;
    if (options.explain) out.explanations = {ExplainSeries(all.study, selection.choice)};
    return out;
  }
  all.choice = std::move(selection.choice);
  all.config.report.pipeline = *identity;
  all.config.report.fingerprint = options.fingerprint.empty()
                                      ? FingerprintOf(all.study, *identity, *rules)
                                      : options.fingerprint;

  all.config.report.written_at_utc = UtcText(SystemClock().Now());
  if (Status headers = CheckSource(all, run); !headers) return std::move(headers).error();

  const StudyFacts facts = FactsOf(all.study, all.choice, all.config.report.fingerprint);
  if (Status status = FindLesions(all, facts, run); !status) return std::move(status).error();
  if (!all.findings.not_evaluable_reason.empty()) FillNotEvaluable(all.findings, facts);
  if (options.prior_dir) {
    auto predecessors =
        FindPredecessors(*options.prior_dir, all.study, all.config.report.fingerprint, run);
    if (!predecessors) return std::move(predecessors).error().During("read the prior");
    all.config.report.predecessors = *std::move(predecessors);
    if (Status status = Compare(all, *options.prior_dir, run); !status) {
      return std::move(status).error();
    }
  }
  all.findings.radiographs = options.radiographs;
  all.findings.caveats = run.caveats();

  Result<Analysis> out = WriteDown(all, run);
  if (out && options.explain) {
    out->explanations = Explain({all.study, all.choice, all.composed, all.skeleton, all.lesions});
  }
  return out;
}

}  // namespace osteon
