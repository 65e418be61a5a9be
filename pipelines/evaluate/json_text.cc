// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "pipelines/base/version.h"
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/model/decimal.h"

namespace osteon {
namespace {

using Json = nlohmann::ordered_json;

Json Of(const std::optional<double>& value) {
  return value ? Json(RoundedDecimal(*value)) : Json();
}

Json Of(const std::optional<Interval>& ci) {
  if (!ci) return {};
  return Json::array({RoundedDecimal(ci->low), RoundedDecimal(ci->high)});
}

Json Of(const std::optional<bool>& value) { return value ? Json(*value) : Json(); }

Json Of(const Proportion& p) {
  return {{"hits", p.hits}, {"of", p.of}, {"value", Of(p.value)}, {"ci95", Of(p.ci95)}};
}

Json Of(const Rate& r) {
  return {{"events", r.events},
          {"studies", r.studies},
          {"per_study", Of(r.per_study)},
          {"ci95", Of(r.ci95)}};
}

Json Of(const Median& m) { return {{"of", m.of}, {"median", Of(m.value)}, {"ci95", Of(m.ci95)}}; }

Json Of(const std::vector<SensitivityRow>& rows) {
  Json out = Json::array();
  for (const SensitivityRow& row : rows) {
    out.push_back(
        {{"name", row.name}, {"sensitivity", Of(row.sensitivity)}, {"dice", Of(row.dice)}});
  }
  return out;
}

Json Of(const Froc& froc) {
  Json points = Json::array(), rates = Json::array();
  for (const FrocPoint& p : froc.points) {
    points.push_back({{"least_probability", RoundedDecimal(p.least_probability)},
                      {"false_positives_per_study", RoundedDecimal(p.false_positives_per_study)},
                      {"sensitivity", RoundedDecimal(p.sensitivity)}});
  }
  for (const FrocRate& r : froc.at_rates) {
    rates.push_back({{"false_positives_per_study", r.false_positives_per_study},
                     {"sensitivity", Of(r.sensitivity)},
                     {"ci95", Of(r.ci95)}});
  }
  return {{"points", points}, {"at_rates", rates}, {"no_curve", froc.no_curve}};
}

Json Of(const Summary& s) {
  return {{"studies", s.studies},
          {"studies_with_lesions", s.studies_with_lesions},
          {"studies_not_evaluable", s.studies_not_evaluable},
          {"marks", s.marks},
          {"marks_beside", s.marks_beside},
          {"sensitivity", Of(s.sensitivity)},
          {"sensitivity_by_size", Of(s.by_size)},
          {"sensitivity_by_site", Of(s.by_site)},
          {"false_positives", Of(s.false_positives)},
          {"false_positives_in_studies_without_lesions", Of(s.false_positives_without_lesions)},
          {"dice", Of(s.dice)},
          {"dice_from_1_ml", Of(s.dice_from_1_ml)},
          {"site_right", Of(s.site_right)},
          {"side_right", Of(s.side_right)},
          {"site_and_side_right", Of(s.place_right)},
          {"froc", Of(s.froc)}};
}

Json Of(const LesionOutcome& l) {
  return {{"file", l.file},
          {"segment", l.segment},
          {"volume_ml", RoundedDecimal(l.volume_ml)},
          {"site", l.site},
          {"side", Name(l.side)},
          {"found", l.found},
          {"best_probability", Of(l.best_probability)},
          {"dice", Of(l.dice)},
          {"site_right", Of(l.site_right)},
          {"side_right", Of(l.side_right)}};
}

Json Of(const MarkOutcome& m) {
  return {{"file", m.file},      {"segment", m.segment}, {"volume_ml", RoundedDecimal(m.volume_ml)},
          {"site", m.site},      {"side", Name(m.side)}, {"probability", Of(m.probability)},
          {"kind", Name(m.kind)}};
}

Json Of(const StudyOutcome& study) {
  Json lesions = Json::array(), marks = Json::array();
  for (const LesionOutcome& lesion : study.lesions) lesions.push_back(Of(lesion));
  for (const MarkOutcome& mark : study.marks) marks.push_back(Of(mark));
  return {{"study_instance_uid", study.study_instance_uid},
          {"evaluable", study.evaluable},
          {"lesions", lesions},
          {"marks", marks}};
}

Json Of(const EvaluateOptions& o) {
  return {{"least_ml", o.least_ml},
          {"least_covered", o.match.least_covered},
          {"least_inside", o.match.least_inside},
          {"slack_mm", o.match.slack_mm},
          {"false_positive_beyond_mm", o.match.false_positive_beyond_mm},
          {"bootstrap_resamples", o.bootstrap.resamples},
          {"bootstrap_seed", o.bootstrap.seed}};
}

}  // namespace

std::string EvaluationJson(const Evaluation& evaluation) {
  Json unreadable = Json::array(), studies = Json::array();
  for (const auto& [uid, reason] : evaluation.unreadable) {
    unreadable.push_back({{"study_instance_uid", uid}, {"reason", reason}});
  }
  for (const StudyOutcome& study : evaluation.studies) studies.push_back(Of(study));
  const Json json = {{"version", kVersion},
                     {"options", Of(evaluation.options)},
                     {"summary", Of(evaluation.summary)},
                     {"only_in_truth", evaluation.only_in_truth},
                     {"only_in_results", evaluation.only_in_results},
                     {"unreadable", unreadable},
                     {"notes", evaluation.notes},
                     {"studies", studies}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace osteon
