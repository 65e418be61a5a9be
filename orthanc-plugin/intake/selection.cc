// SPDX-License-Identifier: GPL-3.0-or-later
#include "orthanc-plugin/intake/selection.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pipelines/base/digest.h"
#include "pipelines/selection/station_groups.h"

namespace osteon::plugin {
namespace {

Study::LeftOut Damage(const SeriesEntry& series, const SelectionRules& rules) {
  return Unreadable("series " + series.series_uid, series.problem, series.problem_physics,
                    series.description, rules);
}

// The study as `osteon analyze` would have read it.
Study StudyOf(const StudyEntry& entry, const SelectionRules& rules) {
  Study study;
  study.study_instance_uid = entry.study_uid;
  study.study_date = entry.study_date;
  study.age_years = entry.age_years;
  study.height_mm = entry.height_mm;
  std::vector<Caveat> caveats;  // The worker says them in the report.
  for (const SeriesEntry& series : entry.series) {
    if (!series.problem.empty()) {
      study.left_out.push_back(Damage(series, rules));
    } else if (!series.frames.empty()) {
      AddSeries(series.frames, rules, study, caveats);
    }
  }
  FinishSeries(rules, study, caveats);
  return study;
}

// What is known of one series after the choice; a series may hold several volumes, and a volume
// frames of several series.
struct Found {
  std::set<std::string> contrasts;
  std::vector<std::string> reasons;
  Phrases why;  // Of all reasons, with "; " between.
  bool chosen = false;
  bool covers = false;
  double extent_mm = 0;
};

// The part that says what TellContrast said gets its code.
Phrases CodedContrast(Phrases why, const SeriesInfo& info, const ContrastRules& rules) {
  for (Phrase& phrase : why) {
    if (phrase.code != "contrast") continue;
    const ContrastVerdict verdict = TellContrast(info.physics, info.description, rules);
    // Something else than its own header may have decided: its neighbours.
    if (verdict.reason == phrase.text)
      phrase = verdict.why;
    else
      phrase.code.clear();
  }
  return why;
}

std::map<std::string, Found> BySeries(const Study& study, const osteon::Selection& selection,
                                      const ContrastRules& rules) {
  std::map<std::string, Found> found;
  const std::vector<std::size_t>& stir = selection.choice.stir;
  for (std::size_t n = 0; n < selection.choice.reasons.size(); ++n) {
    const SeriesChoice::Reason& reason = selection.choice.reasons[n];
    const SeriesInfo& info = study.series[reason.series];
    const Phrases why = CodedContrast(selection.series_why[n], info, rules);
    std::set<std::string> uids;
    for (const FrameSource& frame : info.frames) {
      if (!frame.missing()) uids.insert(frame.series_instance_uid);
    }
    for (const std::string& uid : uids) {
      Found& one = found[uid];
      if (info.contrast != Contrast::kOther) one.contrasts.insert(std::string(Name(info.contrast)));
      if (std::find(one.reasons.begin(), one.reasons.end(), reason.text) == one.reasons.end()) {
        if (!one.reasons.empty()) one.why.push_back({"", "; "});
        one.why.insert(one.why.end(), why.begin(), why.end());
        one.reasons.push_back(reason.text);
      }
      one.chosen = one.chosen || reason.taken;
      one.covers = one.covers || std::find(stir.begin(), stir.end(), reason.series) != stir.end();
      one.extent_mm = std::max(one.extent_mm, HeadFootExtent(info.geometry).length_mm());
    }
  }
  return found;
}

std::string Join(const auto& parts, const char* between) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : between) + part;
  return joined;
}

// For other languages: no word.
std::string OrUnknown(const std::string& value) { return value.empty() ? "?" : value; }

SeriesVerdict VerdictOf(const SeriesEntry& series, const SelectionRules& rules,
                        const std::map<std::string, Found>& found) {
  SeriesVerdict verdict;
  verdict.reason = NotAnMrImage(series.sop_class_uid, series.modality, series.manufacturer);
  if (!verdict.reason.empty()) {
    verdict.why = {{IsOwn(series) ? "own_result" : "not_mr_image",
                    verdict.reason,
                    {OrUnknown(series.sop_class_uid), OrUnknown(series.modality)}}};
    return verdict;
  }
  if (!series.problem.empty()) {
    verdict.reason = series.problem;
    verdict.why = {{"", series.problem}};
    // The worker says what is wrong with it.
    verdict.taken = Damage(series, rules).damaged;
    return verdict;
  }
  const auto one = found.find(series.series_uid);
  if (one == found.end()) {
    verdict.reason = "its slices make no volume; the worker says why";
    verdict.why = {{"no_volume", verdict.reason}};
    verdict.taken = std::any_of(series.frames.begin(), series.frames.end(), [&](const auto& f) {
      return TellContrast(f.physics, f.description, rules.contrast).contrast != Contrast::kOther;
    });
    return verdict;
  }
  verdict.taken = !one->second.contrasts.empty();
  verdict.covers = one->second.covers;
  verdict.class_name = Join(one->second.contrasts, "+");
  verdict.reason = Join(one->second.reasons, "; ");
  verdict.why = one->second.why;
  verdict.extent_mm = one->second.extent_mm;
  return verdict;
}

// The Orthanc id is that of patient and study together: the same images under two patients are two
// inputs.
std::string HashInputs(const std::string& study_id, std::vector<std::string> uids) {
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  Digest digest(DigestKind::kSha256);
  digest.Update(study_id + "\n");
  for (const std::string& uid : uids) digest.Update(uid + "\n");
  return digest.FinishHex();
}

std::string Millimetres(double mm) { return fmt::format("{} mm", std::lround(mm)); }

Phrases Summary(const StudyEntry& study, const Selection& selection) {
  std::vector<std::string> modalities;
  bool any_mr = false;
  for (const SeriesEntry& series : study.series) {
    any_mr = any_mr || !series.frames.empty() || !series.problem.empty();
    if (std::find(modalities.begin(), modalities.end(), series.modality) == modalities.end())
      modalities.push_back(series.modality);
  }
  if (study.series.empty()) return {{"no_images", "the study has no images"}};
  if (!any_mr) {
    const std::string list = Join(modalities, ", ");
    return {{"not_mri", "not an MRI study: it has only " + list, {list}}};
  }
  if (selection.choice.eligibility != Eligibility::kWholeBody) return selection.choice.why;
  const SeriesChoice& choice = selection.choice.choice;
  const std::string volumes = std::to_string(choice.stir.size());
  const std::string covered = Millimetres(choice.coverage_mm);
  const std::string needed = Millimetres(selection.choice.needed_mm);
  return {{"whole_body",
           volumes + " STIR or Dixon water volume(s) cover " + covered + " of the body, " + needed +
               " make a whole-body study",
           {volumes, covered, needed}}};
}

}  // namespace

Selection Select(const StudyEntry& entry, const SelectionRules& rules) {
  Selection selection;
  const Study study = StudyOf(entry, rules);
  selection.choice = ChooseSeries(study, rules.choose);
  selection.enough_when_late =
      ChooseSeries(study, rules.choose, Completeness::kIncomplete).eligibility ==
      Eligibility::kWholeBody;
  const auto found = BySeries(study, selection.choice, rules.contrast);
  std::vector<std::string> uids;
  for (const SeriesEntry& series : entry.series) {
    SeriesVerdict verdict = VerdictOf(series, rules, found);
    if (verdict.taken) {
      selection.taken_instances += series.instances.size();
      for (const InstanceEntry& instance : series.instances)
        uids.push_back(instance.sop_instance_uid);
    }
    selection.series.push_back(std::move(verdict));
  }
  selection.inputs_hash = HashInputs(entry.orthanc_id, std::move(uids));
  selection.why = Summary(entry, selection);
  selection.summary = osteon::Text(selection.why);
  return selection;
}

}  // namespace osteon::plugin
