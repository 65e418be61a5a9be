// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipelines/evaluate/evaluate.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "pipelines/dicom/seg/seg_reader.h"
#include "pipelines/evaluate/collect.h"
#include "pipelines/evaluate/sites.h"

namespace osteon {
namespace {

using StudyMap = std::map<std::string, StudyFiles>;

// All segments of one side of one study.
struct Regions {
  std::vector<Region> regions;
  std::set<std::string> frames_of_reference;
  int empty_segments = 0;
};

Status AddRegions(const Segmentation& seg, const std::string& file, Regions& out,
                  const MarkProbabilities& probabilities) {
  if (!seg.frame_of_reference_uid.empty()) {
    out.frames_of_reference.insert(seg.frame_of_reference_uid);
  }
  for (const SegSegment& segment : seg.segments) {
    auto cells = CellsOf(segment);
    if (!cells) return std::move(cells).error().During(file);
    if (cells->empty()) {
      ++out.empty_segments;
      continue;
    }
    Region region;
    region.file = file;
    region.segment = segment.number;
    region.volume_ml = segment.volume_ml();
    region.site = SitePath(segment.anatomic_region);
    region.side = segment.side;
    region.cells = std::move(*cells);
    const auto known = probabilities.by_tracking_uid.find(segment.tracking_uid);
    if (known != probabilities.by_tracking_uid.end()) region.probability = known->second;
    out.regions.push_back(std::move(region));
  }
  return {};
}

Result<Regions> ReadRegions(const StudyFiles& files, const MarkProbabilities& probabilities) {
  Regions out;
  for (const auto& path : files.segmentations) {
    const auto seg = ReadSegmentation(path);
    if (!seg) return seg.error();
    if (Status added = AddRegions(*seg, path.filename().string(), out, probabilities); !added) {
      return std::move(added).error();
    }
  }
  return out;
}

Result<MarkProbabilities> ProbabilitiesOf(const StudyFiles& files) {
  MarkProbabilities all;
  for (const auto& path : files.findings) {
    auto one = ReadProbabilities(path);
    if (!one) return std::move(one).error();
    all.by_tracking_uid.merge(one->by_tracking_uid);
    if (!files.shares_folder) all.evaluable &= one->evaluable;
  }
  return all;
}

void AddNotes(const std::string& uid, const Regions& truth, const Regions& results,
              const StudyFiles& truth_files, const StudyFiles& result_files,
              std::vector<std::string>& notes) {
  const auto several = [&](const StudyFiles& files, const char* whose) {
    if (files.segmentations.size() < 2) return;
    notes.push_back(fmt::format("{}: {} Segmentations in the {}; every segment of each counts", uid,
                                files.segmentations.size(), whose));
  };
  several(truth_files, "reference");
  several(result_files, "results");
  if (const int empty = truth.empty_segments + results.empty_segments; empty > 0) {
    notes.push_back(fmt::format("{}: {} segments without a pixel passed over", uid, empty));
  }
  const auto& ours = results.frames_of_reference;
  const bool common = std::any_of(ours.begin(), ours.end(), [&](const std::string& frame) {
    return truth.frames_of_reference.contains(frame);
  });
  if (!ours.empty() && !truth.frames_of_reference.empty() && !common) {
    notes.push_back(uid + ": reference and results have different frames of reference; positions " +
                    "are compared as they stand");
  }
}

Result<StudyOutcome> EvaluateStudy(const std::string& uid, const StudyFiles& truth_files,
                                   const StudyFiles& result_files, const EvaluateOptions& options,
                                   std::vector<std::string>& notes) {
  const auto truth = ReadRegions(truth_files, {});
  if (!truth) return truth.error();
  const auto probabilities = ProbabilitiesOf(result_files);
  if (!probabilities) return probabilities.error();
  const auto results = ReadRegions(result_files, *probabilities);
  if (!results) return results.error();
  AddNotes(uid, *truth, *results, truth_files, result_files, notes);
  StudyOutcome outcome =
      MatchStudy(truth->regions, results->regions, options.least_ml, options.match);
  outcome.study_instance_uid = uid;
  outcome.evaluable = probabilities->evaluable;
  return outcome;
}

std::string Joined(const StudyMap& studies) {
  std::string list;
  std::size_t listed = 0;
  for (const auto& [uid, files] : studies) {
    if (++listed > 10) return fmt::format("{} and {} more", list, studies.size() - 10);
    list += (list.empty() ? "" : ", ") + uid;
  }
  return list.empty() ? "none" : list;
}

void ListUnmatched(const StudyMap& truth, const StudyMap& results, Evaluation& evaluation) {
  for (const auto& [uid, files] : truth) {
    if (!results.contains(uid)) evaluation.only_in_truth.push_back(uid);
  }
  for (const auto& [uid, files] : results) {
    if (!truth.contains(uid)) evaluation.only_in_results.push_back(uid);
  }
}

}  // namespace

Result<Evaluation> Evaluate(const std::filesystem::path& truth_dir,
                            const std::filesystem::path& results_dir,
                            const EvaluateOptions& options, RunContext& run) {
  const auto truth = CollectStudies(truth_dir, run);
  if (!truth) return truth.error();
  const auto results = CollectStudies(results_dir, run);
  if (!results) return results.error();
  Evaluation evaluation;
  evaluation.options = options;
  ListUnmatched(*truth, *results, evaluation);
  if (evaluation.only_in_truth.size() == truth->size()) {
    return InvalidInput("no study is in both folders; reference: " + Joined(*truth) +
                        "; results: " + Joined(*results));
  }
  double done = 0;
  for (const auto& [uid, files] : *truth) {
    const auto timer = run.Timed("compare studies", done++ / static_cast<double>(truth->size()));
    if (run.Cancelled()) return Cancelled("while comparing studies");
    const auto result = results->find(uid);
    if (result == results->end()) continue;
    auto outcome = EvaluateStudy(uid, files, result->second, options, evaluation.notes);
    if (outcome) {
      evaluation.studies.push_back(std::move(*outcome));
    } else {
      evaluation.unreadable.push_back({uid, outcome.error().message()});
    }
  }
  evaluation.summary = Summarise(evaluation.studies, options.bootstrap);
  return evaluation;
}

}  // namespace osteon
